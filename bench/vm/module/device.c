// SPDX-License-Identifier: GPL-2.0
/* The VFIO side: arcs, reset, what a user asks of a device, and the platform driver. */
#include <linux/file.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "migdev.h"

static unsigned int devices = 4;
module_param(devices, uint, 0444);
MODULE_PARM_DESC(devices, "How many devices there are, 1 to 64 (default 4)");

#define MAX_DEVICES	64U
static struct platform_device *migdev_devices[MAX_DEVICES];

const char *const migdev_state_names[] = {
	[VFIO_DEVICE_STATE_ERROR] = "ERROR",
	[VFIO_DEVICE_STATE_STOP] = "STOP",
	[VFIO_DEVICE_STATE_RUNNING] = "RUNNING",
	[VFIO_DEVICE_STATE_STOP_COPY] = "STOP_COPY",
	[VFIO_DEVICE_STATE_RESUMING] = "RESUMING",
	[VFIO_DEVICE_STATE_RUNNING_P2P] = "RUNNING_P2P",
	[VFIO_DEVICE_STATE_PRE_COPY] = "PRE_COPY",
	[VFIO_DEVICE_STATE_PRE_COPY_P2P] = "PRE_COPY_P2P",
	NULL,
};

static struct migdev *to_migdev(struct vfio_device *vdev)
{
	return container_of(vdev, struct migdev, vdev);
}

/* Whether the user of this session understands REINIT. */
bool migdev_opted_in(struct migdev *md)
{
#ifdef MIGDEV_HAS_PRECOPY_INFO_V2
	return md->vdev.precopy_info_v2;
#else
	return false;
#endif
}

/* Counts a call down; whether it is the one that goes wrong. */
bool migdev_fault_fires(struct migdev_fault *fault)
{
	return fault->after > 0 && --fault->after == 0;
}

/*
 * Takes the time, which may end early: the device is gone (-ENODEV) or the process is
 * being killed (-EINTR).
 */
int migdev_sleep(struct migdev *md, u64 ns)
{
	ktime_t until = ktime_add_ns(ktime_get(), ns);
	DEFINE_WAIT(wait);
	int ret = 0;

	if (ns == 0)
		return 0;
	for (;;) {
		prepare_to_wait(&md->changed, &wait, TASK_KILLABLE);
		if (READ_ONCE(md->gone))
			ret = -ENODEV;
		else if (fatal_signal_pending(current))
			ret = -EINTR;
		if (ret || schedule_hrtimeout(&until, HRTIMER_MODE_ABS) == 0)
			break;
	}
	finish_wait(&md->changed, &wait);
	return ret;
}

/* Takes the reconfigurations that have happened by now into the stream; whether there was any. */
bool migdev_take_reinits(struct migdev *md, bool as_initial)
{
	const struct migdev_profile *profile = &md->profile;
	u64 ran_ns = ktime_get_ns() - md->precopy_ns;
	bool taken = false;

	while (md->timed_reinits < profile->reinit_at.count &&
	       profile->reinit_at.at[md->timed_reinits] <= ran_ns) {
		migdev_reinitialize(md, profile->reinit_size, as_initial);
		md->timed_reinits++;
		taken = true;
	}
	while (md->counted_reinits < profile->reinit_at_reads.count &&
	       profile->reinit_at_reads.at[md->counted_reinits] <= md->precopy_reads) {
		migdev_reinitialize(md, profile->reinit_size, as_initial);
		md->counted_reinits++;
		taken = true;
	}
	if (md->reinit_demanded) {
		migdev_reinitialize(md, md->reinit_demand, as_initial);
		md->reinit_demanded = false;
		taken = true;
	}
	return taken;
}

/* Lets the guest do what it did since it was last looked at. */
void migdev_run_guest(struct migdev *md)
{
	u64 now = ktime_get_ns();

	if (md->mig_state == VFIO_DEVICE_STATE_PRE_COPY) {
		u64 error_at = md->profile.precopy_error_at;

		migdev_run_sweep(md, now - md->guest_ns);
		if (error_at && !md->stream.broken && now - md->precopy_ns >= error_at)
			migdev_break_precopy(md);
		/* To a user who cannot hear of REINIT, new state is dirty state. */
		if (!migdev_opted_in(md))
			migdev_take_reinits(md, false);
	}
	md->guest_ns = now;
}

static bool is_saving(enum vfio_device_mig_state state)
{
	return state == VFIO_DEVICE_STATE_PRE_COPY || state == VFIO_DEVICE_STATE_PRE_COPY_P2P ||
	       state == VFIO_DEVICE_STATE_STOP_COPY;
}

static bool has_session(enum vfio_device_mig_state state)
{
	return is_saving(state) || state == VFIO_DEVICE_STATE_RESUMING;
}

/* The data_fd is dead from here on, and whoever polls it hears of it. */
static void end_session(struct migdev *md)
{
	md->session++;
	wake_up_all(&md->changed);
}

/* Only a reset leads out of it. */
void migdev_enter_error(struct migdev *md)
{
	md->mig_state = VFIO_DEVICE_STATE_ERROR;
	end_session(md);
}

/* The device is taken away: every call gives ENODEV from here on. */
void migdev_unplug(struct migdev *md)
{
	WRITE_ONCE(md->gone, true);
	wake_up_all(&md->changed);
}

/* What an arc takes, in nanoseconds. */
static u64 arc_cost(const struct migdev_profile *profile, enum vfio_device_mig_state from,
		    enum vfio_device_mig_state to)
{
	switch (to) {
	case VFIO_DEVICE_STATE_PRE_COPY:
		return from == VFIO_DEVICE_STATE_RUNNING ? profile->precopy_enter : 0;
	case VFIO_DEVICE_STATE_PRE_COPY_P2P:
		return from == VFIO_DEVICE_STATE_PRE_COPY ? profile->suspend_p2p :
							    profile->precopy_enter;
	case VFIO_DEVICE_STATE_RUNNING_P2P:
		if (from == VFIO_DEVICE_STATE_RUNNING)
			return profile->suspend_p2p;
		return from == VFIO_DEVICE_STATE_STOP ? profile->resume : 0;
	case VFIO_DEVICE_STATE_STOP_COPY:
		if (from == VFIO_DEVICE_STATE_STOP)
			return profile->stop_copy_enter;
		return profile->suspend_stop + profile->stop_copy_enter +
		       (from == VFIO_DEVICE_STATE_PRE_COPY ? profile->suspend_p2p : 0);
	case VFIO_DEVICE_STATE_STOP:
		if (from == VFIO_DEVICE_STATE_RUNNING_P2P)
			return profile->suspend_stop;
		if (from == VFIO_DEVICE_STATE_RUNNING)
			return profile->suspend_p2p + profile->suspend_stop;
		return from == VFIO_DEVICE_STATE_RESUMING ? profile->load_finish : 0;
	case VFIO_DEVICE_STATE_RESUMING:
		return profile->resuming_enter;
	case VFIO_DEVICE_STATE_RUNNING:
		return from == VFIO_DEVICE_STATE_STOP ? profile->resume : 0;
	default:
		return 0;
	}
}

static void begin_session(struct migdev *md, enum vfio_device_mig_state state)
{
	if (state == VFIO_DEVICE_STATE_RESUMING) {
		migdev_begin_loading(md);
		return;
	}
	if (state == VFIO_DEVICE_STATE_STOP_COPY)
		migdev_begin_stop_copy(md);
	else
		migdev_begin_precopy(md);
	md->precopy_ns = ktime_get_ns();
	md->precopy_reads = 0;
	md->timed_reinits = 0;
	md->counted_reinits = 0;
	md->reinit_demanded = false;
}

/* A single arc. The data_fd where it opens a session, otherwise NULL. */
static struct file *take_arc(struct migdev *md, enum vfio_device_mig_state to)
{
	enum vfio_device_mig_state from = md->mig_state;
	struct file *filp = NULL;
	int ret;

	migdev_run_guest(md);
	ret = migdev_sleep(md, arc_cost(&md->profile, from, to));
	if (ret)
		return ERR_PTR(ret);
	migdev_run_guest(md);
	/* What a stopping device has not told anyone of is there all the same. */
	if (from == VFIO_DEVICE_STATE_PRE_COPY)
		migdev_take_reinits(md, false);
	if (md->fail_state.after == to + 1) {
		md->fail_state.after = 0;
		if (md->fail_state.to_error)
			migdev_enter_error(md);
		return ERR_PTR(-(long)md->fail_state.value);
	}
	if (from == VFIO_DEVICE_STATE_RESUMING) {
		ret = migdev_check_loaded(md);
		if (ret)
			return ERR_PTR(ret);
	}
	if (has_session(from) && !has_session(to))
		end_session(md);
	if (!has_session(from) && has_session(to)) {
		md->session++;
		filp = migdev_open_data(md, is_saving(to));
		if (IS_ERR(filp))
			return filp;
		begin_session(md, to);
	}
	md->mig_state = to;
	wake_up_all(&md->changed);
	return filp;
}

/* The next arc's state towards the requested one, or -EINVAL. */
static int next_state(struct migdev *md, enum vfio_device_mig_state to,
		      enum vfio_device_mig_state *next)
{
	enum vfio_device_mig_state from = md->mig_state;

	/* Older kernels never return from asking for these. */
	if (from == VFIO_DEVICE_STATE_ERROR)
		return -EINVAL;
	if (from == VFIO_DEVICE_STATE_STOP_COPY &&
	    (to == VFIO_DEVICE_STATE_PRE_COPY || to == VFIO_DEVICE_STATE_PRE_COPY_P2P))
		return -EINVAL;
	return vfio_mig_get_next_state(&md->vdev, from, to, next);
}

static struct file *migdev_set_state(struct vfio_device *vdev, enum vfio_device_mig_state to)
{
	struct migdev *md = to_migdev(vdev);
	struct file *filp = NULL;

	mutex_lock(&md->lock);
	do {
		enum vfio_device_mig_state next;
		int ret = READ_ONCE(md->gone) ? -ENODEV : next_state(md, to, &next);

		if (ret)
			filp = ERR_PTR(ret);
		else if (next != md->mig_state)
			filp = take_arc(md, next);
	} while (!IS_ERR(filp) && md->mig_state != to);
	mutex_unlock(&md->lock);
	return filp;
}

static int migdev_get_state(struct vfio_device *vdev, enum vfio_device_mig_state *state)
{
	struct migdev *md = to_migdev(vdev);

	mutex_lock(&md->lock);
	*state = md->mig_state;
	mutex_unlock(&md->lock);
	return READ_ONCE(md->gone) ? -ENODEV : 0;
}

static int migdev_get_data_size(struct vfio_device *vdev, unsigned long *stop_copy_length)
{
	struct migdev *md = to_migdev(vdev);
	int ret = 0;

	mutex_lock(&md->lock);
	migdev_run_guest(md);
	if (READ_ONCE(md->gone))
		ret = -ENODEV;
	else if (md->profile.stop_copy_report == MIGDEV_ERROR)
		ret = -EIO;
	else if (md->profile.stop_copy_report == MIGDEV_CONSTANT)
		*stop_copy_length = md->profile.stop_copy_constant;
	else if (md->profile.stop_copy_report == MIGDEV_ERRNO_AS_LENGTH)
		*stop_copy_length = -EINVAL;
	else if (md->profile.stop_copy_report == MIGDEV_EXACT && is_saving(md->mig_state))
		*stop_copy_length = migdev_stop_copy_bytes(md);
	else
		*stop_copy_length = migdev_full_bytes(md);
	mutex_unlock(&md->lock);
	return ret;
}

static const struct vfio_migration_ops migdev_migration_ops = {
	.migration_set_state = migdev_set_state,
	.migration_get_state = migdev_get_state,
	.migration_get_data_size = migdev_get_data_size,
};

/* RUNNING, and no session; what the state holds stays. */
static void reset(struct migdev *md)
{
	end_session(md);
	md->mig_state = VFIO_DEVICE_STATE_RUNNING;
	md->guest_ns = ktime_get_ns();
}

static int migdev_open_device(struct vfio_device *vdev)
{
	struct migdev *md = to_migdev(vdev);
	int ret;

	mutex_lock(&md->lock);
	ret = READ_ONCE(md->gone) ? -ENODEV : migdev_alloc_state(md);
	if (!ret) {
		vdev->migration_flags = VFIO_MIGRATION_STOP_COPY |
			(md->profile.p2p ? VFIO_MIGRATION_P2P : 0) |
			(md->profile.precopy ? VFIO_MIGRATION_PRE_COPY : 0);
		md->opened = true;
		reset(md);
	}
	mutex_unlock(&md->lock);
	return ret;
}

static void migdev_close_device(struct vfio_device *vdev)
{
	struct migdev *md = to_migdev(vdev);

	mutex_lock(&md->lock);
	md->opened = false;
	reset(md);
	mutex_unlock(&md->lock);
}

static long get_info(unsigned long arg)
{
	const size_t size = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info;

	if (copy_from_user(&info, (void __user *)arg, size))
		return -EFAULT;
	if (info.argsz < size)
		return -EINVAL;
	/* No regions, no interrupts: there is nothing to it but its migration. */
	info.flags = VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = 0;
	info.num_irqs = 0;
	return copy_to_user((void __user *)arg, &info, size) ? -EFAULT : 0;
}

static long migdev_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	struct migdev *md = to_migdev(vdev);

	if (READ_ONCE(md->gone))
		return -ENODEV;
	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return get_info(arg);
	case VFIO_DEVICE_GET_REGION_INFO:
	case VFIO_DEVICE_GET_IRQ_INFO:
	case VFIO_DEVICE_SET_IRQS:
		/* No index is a valid one. */
		return -EINVAL;
	case VFIO_DEVICE_RESET:
		mutex_lock(&md->lock);
		reset(md);
		mutex_unlock(&md->lock);
		return 0;
	default:
		return -ENOTTY;
	}
}

/* The driver is being unbound while somebody has the device open. */
static void migdev_request(struct vfio_device *vdev, unsigned int count)
{
	migdev_unplug(to_migdev(vdev));
}

static void wake_pollers(struct work_struct *work)
{
	wake_up_all(&container_of(work, struct migdev, wake.work)->changed);
}

void migdev_set_defaults(struct migdev *md)
{
	migdev_free_state(md);
	md->profile = migdev_generic_profile;
	md->seed = to_platform_device(md->vdev.dev)->id + 1;
	memset(&md->fail_read, 0, sizeof(md->fail_read));
	memset(&md->fail_write, 0, sizeof(md->fail_write));
	memset(&md->short_read, 0, sizeof(md->short_read));
	memset(&md->fail_state, 0, sizeof(md->fail_state));
	md->corrupt = 0;
	WRITE_ONCE(md->gone, false);
}

static int migdev_init_device(struct vfio_device *vdev)
{
	struct migdev *md = to_migdev(vdev);

	mutex_init(&md->lock);
	init_waitqueue_head(&md->changed);
	INIT_DELAYED_WORK(&md->wake, wake_pollers);
	md->mig_state = VFIO_DEVICE_STATE_RUNNING;
	vdev->migration_flags = VFIO_MIGRATION_STOP_COPY;
	vdev->mig_ops = &migdev_migration_ops;
	migdev_set_defaults(md);
	return 0;
}

static void migdev_release_device(struct vfio_device *vdev)
{
	struct migdev *md = to_migdev(vdev);

	cancel_delayed_work_sync(&md->wake);
	migdev_free_state(md);
	mutex_destroy(&md->lock);
}

static const struct vfio_device_ops migdev_ops = {
	.name = "migdev",
	.init = migdev_init_device,
	.release = migdev_release_device,
	.bind_iommufd = vfio_iommufd_emulated_bind,
	.unbind_iommufd = vfio_iommufd_emulated_unbind,
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
	.open_device = migdev_open_device,
	.close_device = migdev_close_device,
	.ioctl = migdev_ioctl,
	.request = migdev_request,
};

static int migdev_probe(struct platform_device *pdev)
{
	struct migdev *md = vfio_alloc_device(migdev, vdev, &pdev->dev, &migdev_ops);
	int ret;

	if (IS_ERR(md))
		return PTR_ERR(md);
	platform_set_drvdata(pdev, md);
	ret = vfio_register_emulated_iommu_dev(&md->vdev);
	if (ret)
		vfio_put_device(&md->vdev);
	return ret;
}

static void migdev_remove(struct platform_device *pdev)
{
	struct migdev *md = platform_get_drvdata(pdev);

	vfio_unregister_group_dev(&md->vdev);
	vfio_put_device(&md->vdev);
}

static const struct attribute_group *migdev_groups[] = {
	&migdev_profile_group,
	&migdev_control_group,
	NULL,
};

static struct platform_driver migdev_driver = {
	.driver = {
		.name = "migdev",
		.dev_groups = migdev_groups,
	},
	.probe = migdev_probe,
	.remove = migdev_remove,
};

static void unregister_devices(void)
{
	unsigned int i;

	for (i = 0; i < devices; i++)
		if (!IS_ERR_OR_NULL(migdev_devices[i]))
			platform_device_unregister(migdev_devices[i]);
}

static int __init migdev_init(void)
{
	unsigned int i;
	int ret;

	devices = clamp(devices, 1U, MAX_DEVICES);
	ret = platform_driver_register(&migdev_driver);
	if (ret)
		return ret;
	for (i = 0; i < devices; i++) {
		migdev_devices[i] = platform_device_register_simple("migdev", i, NULL, 0);
		if (IS_ERR(migdev_devices[i])) {
			ret = PTR_ERR(migdev_devices[i]);
			unregister_devices();
			platform_driver_unregister(&migdev_driver);
			return ret;
		}
	}
	return 0;
}

static void __exit migdev_exit(void)
{
	unregister_devices();
	platform_driver_unregister(&migdev_driver);
}

module_init(migdev_init);
module_exit(migdev_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Synthetic VFIO device with migration");
