// SPDX-License-Identifier: GPL-2.0
/*
 * The data_fd. It belongs to one session: once that is over every call on it is ENODEV,
 * but for GET_PRECOPY_INFO, which asks for the device's state first (as mlx5 and mtty do).
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "migdev.h"

struct migdev_file {
	struct migdev *md;
	u64 session;
};

static bool is_alive(const struct migdev_file *file)
{
	return !READ_ONCE(file->md->gone) && file->session == file->md->session;
}

/* A read in PRE_COPY is over: the guest has done what it does every so many reads. */
static void count_read(struct migdev *md)
{
	const struct migdev_profile *profile = &md->profile;
	u64 left;

	md->precopy_reads++;
	if (profile->dirty_every_reads == 0)
		return;
	div64_u64_rem(md->precopy_reads, profile->dirty_every_reads, &left);
	if (left == 0)
		migdev_dirty_chunks(md, div64_u64(profile->dirty_read_size, profile->chunk_size));
}

static ssize_t read_saved(struct migdev *md, char __user *buf, size_t count)
{
	bool stopped = md->mig_state == VFIO_DEVICE_STATE_STOP_COPY;
	ssize_t n;

	if (!stopped)
		migdev_run_guest(md);
	if (migdev_fault_fires(&md->fail_read)) {
		if (md->fail_read.to_error)
			migdev_enter_error(md);
		return -(ssize_t)md->fail_read.value;
	}
	if (md->profile.read_limit)
		count = min_t(u64, count, md->profile.read_limit);
	if (migdev_fault_fires(&md->short_read))
		count = min_t(u64, count, md->short_read.value);
	n = migdev_read_stream(md, buf, count, stopped);
	if (!stopped)
		count_read(md);
	if (n == 0 && !stopped && md->profile.empty_read == MIGDEV_EMPTY_ENOMSG)
		return -ENOMSG;
	return n;
}

static ssize_t migdev_save_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	struct migdev_file *file = filp->private_data;
	struct migdev *md = file->md;
	u64 began_ns, owed_ns = 0;
	ssize_t n = -ENODEV;

	mutex_lock(&md->lock);
	began_ns = ktime_get_ns();
	if (is_alive(file))
		n = read_saved(md, buf, count);
	if (n > 0)
		owed_ns = migdev_owed_ns(&md->save_pacer, md->profile.save_rate, began_ns, n);
	mutex_unlock(&md->lock);
	/* The bytes are read, whatever becomes of the sleep. */
	migdev_sleep(md, owed_ns);
	return n;
}

static int get_precopy_info(struct migdev *md, struct vfio_precopy_info *info)
{
	if (READ_ONCE(md->gone))
		return -ENODEV;
	migdev_run_guest(md);
	if (md->profile.precopy_report == MIGDEV_INFO_ERROR)
		return -EIO;
	if (md->mig_state == VFIO_DEVICE_STATE_PRE_COPY && migdev_opted_in(md) &&
	    migdev_take_reinits(md, true))
		info->flags |= VFIO_PRECOPY_INFO_REINIT;
	info->initial_bytes = migdev_initial_bytes(md);
	info->dirty_bytes = migdev_dirty_bytes(md);
	if (md->profile.dirty_report == MIGDEV_DIRTY_ZERO ||
	    (md->profile.dirty_report == MIGDEV_DIRTY_AFTER_INITIAL && info->initial_bytes > 0))
		info->dirty_bytes = 0;
	return 0;
}

#ifndef MIGDEV_HAS_PRECOPY_INFO_V2
/* Flags stay what the caller made them. */
static int vfio_check_precopy_ioctl(struct vfio_device *vdev, unsigned int cmd,
				    unsigned long arg, struct vfio_precopy_info *info)
{
	if (cmd != VFIO_MIG_GET_PRECOPY_INFO)
		return -ENOTTY;
	if (copy_from_user(info, (void __user *)arg, sizeof(*info)))
		return -EFAULT;
	return info->argsz < sizeof(*info) ? -EINVAL : 0;
}
#endif

static long migdev_save_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct migdev_file *file = filp->private_data;
	struct migdev *md = file->md;
	struct vfio_precopy_info info;
	int ret;

	ret = vfio_check_precopy_ioctl(&md->vdev, cmd, arg, &info);
	if (ret)
		return ret;
	mutex_lock(&md->lock);
	if (md->mig_state != VFIO_DEVICE_STATE_PRE_COPY &&
	    md->mig_state != VFIO_DEVICE_STATE_PRE_COPY_P2P)
		ret = READ_ONCE(md->gone) ? -ENODEV : -EINVAL;
	else if (!is_alive(file))
		ret = -ENODEV;
	else
		ret = get_precopy_info(md, &info);
	mutex_unlock(&md->lock);
	if (ret)
		return ret;
	return copy_to_user((void __user *)arg, &info, sizeof(info)) ? -EFAULT : 0;
}

/* Nothing is there now: looks again by the time that a running guest has dirtied something. */
static void wake_when_dirty(struct migdev *md)
{
	u64 rate = md->profile.dirty_rate;
	u64 ns;

	if (md->mig_state != VFIO_DEVICE_STATE_PRE_COPY || !rate)
		return;
	ns = mul_u64_u64_div_u64(md->profile.chunk_size, NSEC_PER_SEC, rate);
	schedule_delayed_work(&md->wake, nsecs_to_jiffies(min_t(u64, ns, NSEC_PER_SEC)) + 1);
}

static __poll_t migdev_save_poll(struct file *filp, struct poll_table_struct *wait)
{
	struct migdev_file *file = filp->private_data;
	struct migdev *md = file->md;
	__poll_t ready = 0;

	poll_wait(filp, &md->changed, wait);
	mutex_lock(&md->lock);
	if (!is_alive(file)) {
		ready = EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	} else if (md->mig_state == VFIO_DEVICE_STATE_STOP_COPY) {
		ready = EPOLLIN | EPOLLRDNORM;
	} else {
		migdev_run_guest(md);
		if (migdev_initial_bytes(md) + migdev_dirty_bytes(md) > 0)
			ready = EPOLLIN | EPOLLRDNORM;
		else
			wake_when_dirty(md);
	}
	mutex_unlock(&md->lock);
	return ready;
}

/* What preparing for state that is new here takes, in steps of a MiB. */
static u64 prepare_ns(struct migdev *md)
{
	struct migdev_loader *loader = &md->loader;
	u64 fresh = loader->new_bytes - loader->prepared_bytes;

	if (!md->profile.prealloc_per_mib || (fresh < SZ_1M && !loader->ended))
		return 0;
	loader->prepared_bytes += fresh;
	return mul_u64_u64_div_u64(fresh, md->profile.prealloc_per_mib, SZ_1M);
}

static ssize_t write_loaded(struct migdev *md, const char __user *buf, size_t count)
{
	if (migdev_fault_fires(&md->fail_write)) {
		if (md->fail_write.to_error)
			migdev_enter_error(md);
		return -(ssize_t)md->fail_write.value;
	}
	if (md->profile.write_limit)
		count = min_t(u64, count, md->profile.write_limit);
	return migdev_load_stream(md, buf, count);
}

static ssize_t migdev_resume_write(struct file *filp, const char __user *buf, size_t count,
				   loff_t *pos)
{
	struct migdev_file *file = filp->private_data;
	struct migdev *md = file->md;
	u64 began_ns, owed_ns = 0;
	ssize_t n = -ENODEV;

	mutex_lock(&md->lock);
	began_ns = ktime_get_ns();
	if (is_alive(file))
		n = write_loaded(md, buf, count);
	if (n > 0)
		owed_ns = migdev_owed_ns(&md->load_pacer, md->profile.load_rate, began_ns, n) +
			  prepare_ns(md);
	mutex_unlock(&md->lock);
	migdev_sleep(md, owed_ns);
	return n;
}

static int migdev_release_file(struct inode *inode, struct file *filp)
{
	struct migdev_file *file = filp->private_data;

	put_device(&file->md->vdev.device);
	kfree(file);
	return 0;
}

static const struct file_operations migdev_save_fops = {
	.owner = THIS_MODULE,
	.read = migdev_save_read,
	.poll = migdev_save_poll,
	.unlocked_ioctl = migdev_save_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = migdev_release_file,
};

static const struct file_operations migdev_resume_fops = {
	.owner = THIS_MODULE,
	.write = migdev_resume_write,
	.release = migdev_release_file,
};

/* The data_fd's file of the session that the present number stands for. */
struct file *migdev_open_data(struct migdev *md, bool saving)
{
	struct migdev_file *file = kmalloc(sizeof(*file), GFP_KERNEL);
	struct file *filp;

	if (!file)
		return ERR_PTR(-ENOMEM);
	file->md = md;
	file->session = md->session;
	if (saving)
		filp = anon_inode_getfile("migdev_save", &migdev_save_fops, file, O_RDONLY);
	else
		filp = anon_inode_getfile("migdev_resume", &migdev_resume_fops, file, O_WRONLY);
	if (IS_ERR(filp)) {
		kfree(file);
		return filp;
	}
	stream_open(filp->f_inode, filp);
	get_device(&md->vdev.device);
	return filp;
}
