// SPDX-License-Identifier: GPL-2.0
/* sysfs: what happens to the device now, what goes wrong with it, and what it holds. */
#include <linux/device.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "migdev.h"

static const struct {
	const char *name;
	int number;
} errnos[] = {
	{ "EIO", EIO },		  { "ENODEV", ENODEV },	  { "EINVAL", EINVAL },
	{ "ENOMEM", ENOMEM },	  { "EFAULT", EFAULT },	  { "EAGAIN", EAGAIN },
	{ "EBUSY", EBUSY },	  { "ENOSPC", ENOSPC },	  { "ENOMSG", ENOMSG },
	{ "EPERM", EPERM },	  { "EBADMSG", EBADMSG }, { "ETIMEDOUT", ETIMEDOUT },
	{ "EINTR", EINTR },	  { "ENOTTY", ENOTTY },	  { "EOPNOTSUPP", EOPNOTSUPP },
};

static int parse_errno(const char *word, u64 *number)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errnos); i++) {
		if (strcmp(word, errnos[i].name) == 0) {
			*number = errnos[i].number;
			return 0;
		}
	}
	if (kstrtou64(word, 10, number) || *number == 0 || *number > 133)
		return -EINVAL;
	return 0;
}

static const char *errno_name(u64 number)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errnos); i++)
		if (errnos[i].number == number)
			return errnos[i].name;
	return NULL;
}

/* Up to three words; "none" or nothing is none. A copy, which the caller frees. */
static int split_words(const char *text, char **copy, char *words[3])
{
	char *rest, *word;
	int count = 0;

	*copy = kstrdup(text, GFP_KERNEL);
	if (!*copy)
		return -ENOMEM;
	rest = *copy;
	while ((word = strsep(&rest, " \t\n"))) {
		if (!*word || strcmp(word, "none") == 0)
			continue;
		if (count == 3)
			return -EINVAL;
		words[count++] = word;
	}
	return count;
}

static int parse_state(const char *word, u64 *after)
{
	int state = match_string(migdev_state_names, -1, word);

	*after = state + 1;
	return state <= 0 ? -EINVAL : 0;
}

static int parse_count(const char *word, u64 *after)
{
	return kstrtou64(word, 10, after) || *after == 0 ? -EINVAL : 0;
}

/* "WHEN VALUE [ERROR]". */
static int parse_fault(const char *text, struct migdev_fault *fault,
		       int (*parse_when)(const char *, u64 *),
		       int (*parse_what)(const char *, u64 *))
{
	char *copy, *words[3];
	int count = split_words(text, &copy, words);
	int ret = count < 0 ? count : 0;

	memset(fault, 0, sizeof(*fault));
	if (count > 0) {
		ret = count < 2 ? -EINVAL : parse_when(words[0], &fault->after);
		if (!ret)
			ret = parse_what(words[1], &fault->value);
		fault->to_error = count == 3;
		if (count == 3 && (strcmp(words[2], "ERROR") || parse_what == migdev_parse_size))
			ret = -EINVAL;
	}
	kfree(copy);
	return ret;
}

static ssize_t store_fault(struct device *dev, struct migdev_fault *fault, const char *buf,
			   size_t count, int (*parse_when)(const char *, u64 *),
			   int (*parse_what)(const char *, u64 *))
{
	struct migdev *md = dev_get_drvdata(dev);
	struct migdev_fault parsed;
	int ret = parse_fault(buf, &parsed, parse_when, parse_what);

	if (ret)
		return ret;
	mutex_lock(&md->lock);
	*fault = parsed;
	mutex_unlock(&md->lock);
	return count;
}

static ssize_t show_fault(struct device *dev, const struct migdev_fault *from, char *buf,
			  bool is_state, bool is_errno)
{
	struct migdev *md = dev_get_drvdata(dev);
	struct migdev_fault fault;
	int at = 0;

	mutex_lock(&md->lock);
	fault = *from;
	mutex_unlock(&md->lock);
	if (fault.after == 0)
		return sysfs_emit(buf, "none\n");
	if (is_state)
		at += sysfs_emit_at(buf, at, "%s ", migdev_state_names[fault.after - 1]);
	else
		at += sysfs_emit_at(buf, at, "%llu ", fault.after);
	if (is_errno && errno_name(fault.value))
		at += sysfs_emit_at(buf, at, "%s", errno_name(fault.value));
	else
		at += sysfs_emit_at(buf, at, "%llu", fault.value);
	return at + sysfs_emit_at(buf, at, fault.to_error ? " ERROR\n" : "\n");
}

#define FAULT(name_, parse_when_, parse_what_)						\
	static ssize_t name_##_show(struct device *dev, struct device_attribute *attribute,	\
				    char *buf)						\
	{										\
		struct migdev *md = dev_get_drvdata(dev);				\
											\
		return show_fault(dev, &md->name_, buf, parse_when_ == parse_state,	\
				  parse_what_ == parse_errno);				\
	}										\
	static ssize_t name_##_store(struct device *dev, struct device_attribute *attribute,	\
				     const char *buf, size_t count)			\
	{										\
		struct migdev *md = dev_get_drvdata(dev);				\
											\
		return store_fault(dev, &md->name_, buf, count, parse_when_, parse_what_);	\
	}										\
	static DEVICE_ATTR_RW(name_)

FAULT(fail_read, parse_count, parse_errno);
FAULT(fail_write, parse_count, parse_errno);
FAULT(fail_state, parse_state, parse_errno);
FAULT(short_read, parse_count, migdev_parse_size);

/* The byte at this offset goes bad before the loaded state is checked. */
static ssize_t corrupt_store(struct device *dev, struct device_attribute *attribute,
			     const char *buf, size_t count)
{
	struct migdev *md = dev_get_drvdata(dev);
	u64 offset = 0;
	bool none = sysfs_streq(buf, "none");
	int ret = none ? 0 : migdev_parse_size(buf, &offset);

	if (ret)
		return ret;
	mutex_lock(&md->lock);
	if (offset >= md->profile.state_size)
		ret = -ERANGE;
	else
		md->corrupt = none ? 0 : offset + 1;
	mutex_unlock(&md->lock);
	return ret ?: count;
}

static ssize_t corrupt_show(struct device *dev, struct device_attribute *attribute, char *buf)
{
	struct migdev *md = dev_get_drvdata(dev);
	u64 corrupt;

	mutex_lock(&md->lock);
	corrupt = md->corrupt;
	mutex_unlock(&md->lock);
	return corrupt ? sysfs_emit(buf, "%llu\n", corrupt - 1) : sysfs_emit(buf, "none\n");
}
static DEVICE_ATTR_RW(corrupt);

/* "1": the device falls to ERROR now. */
static ssize_t error_store(struct device *dev, struct device_attribute *attribute,
			   const char *buf, size_t count)
{
	struct migdev *md = dev_get_drvdata(dev);
	int ret = sysfs_streq(buf, "1") ? 0 : -EINVAL;

	if (ret)
		return ret;
	mutex_lock(&md->lock);
	if (md->opened)
		migdev_enter_error(md);
	else
		ret = -ENODEV;
	mutex_unlock(&md->lock);
	return ret ?: count;
}
static DEVICE_ATTR_WO(error);

/* "1": the device is taken away now, whoever uses it; "0": it is back, once nobody does. */
static ssize_t unplug_store(struct device *dev, struct device_attribute *attribute,
			    const char *buf, size_t count)
{
	struct migdev *md = dev_get_drvdata(dev);
	bool unplug;
	int ret = kstrtobool(buf, &unplug);

	if (ret)
		return ret;
	if (unplug) {
		migdev_unplug(md);
		return count;
	}
	mutex_lock(&md->lock);
	if (md->opened)
		ret = -EBUSY;
	else
		WRITE_ONCE(md->gone, false);
	mutex_unlock(&md->lock);
	return ret ?: count;
}

static ssize_t unplug_show(struct device *dev, struct device_attribute *attribute, char *buf)
{
	struct migdev *md = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%d\n", READ_ONCE(md->gone));
}
static DEVICE_ATTR_RW(unplug);

/* "BYTES [OFFSET]": the guest writes to so much state, a chunk at a time. */
static int dirty(struct migdev *md, u64 bytes, u64 offset)
{
	u64 size = md->profile.state_size;
	u64 at;
	int ret;

	if (md->mig_state != VFIO_DEVICE_STATE_RUNNING &&
	    md->mig_state != VFIO_DEVICE_STATE_PRE_COPY)
		return -EBUSY;
	if (offset >= size || bytes > size - offset)
		return -ERANGE;
	ret = migdev_alloc_state(md);
	if (ret || bytes == 0)
		return ret;
	migdev_run_guest(md);
	for (at = 0; at < bytes; at += md->profile.chunk_size) {
		migdev_touch_state(md, offset + at, bytes - at, ktime_get_ns());
		cond_resched();
	}
	if (md->mig_state == VFIO_DEVICE_STATE_PRE_COPY)
		migdev_dirty_extent(md, offset, bytes);
	return 0;
}

static ssize_t dirty_store(struct device *dev, struct device_attribute *attribute,
			   const char *buf, size_t count)
{
	struct migdev *md = dev_get_drvdata(dev);
	u64 bytes, offset = 0;
	char *copy, *words[3];
	int words_count = split_words(buf, &copy, words);
	int ret = words_count < 0 ? words_count : 0;

	if (!ret && words_count != 1 && words_count != 2)
		ret = -EINVAL;
	if (!ret)
		ret = migdev_parse_size(words[0], &bytes);
	if (!ret && words_count == 2)
		ret = migdev_parse_size(words[1], &offset);
	kfree(copy);
	if (ret)
		return ret;
	mutex_lock(&md->lock);
	ret = dirty(md, bytes, offset);
	mutex_unlock(&md->lock);
	wake_up_all(&md->changed);
	return ret ?: count;
}
static DEVICE_ATTR_WO(dirty);

/* The device is reconfigured: so many bytes from its start are new. */
static ssize_t reinit_store(struct device *dev, struct device_attribute *attribute,
			    const char *buf, size_t count)
{
	struct migdev *md = dev_get_drvdata(dev);
	u64 bytes;
	int ret = migdev_parse_size(buf, &bytes);

	if (ret)
		return ret;
	mutex_lock(&md->lock);
	if (md->mig_state == VFIO_DEVICE_STATE_PRE_COPY) {
		md->reinit_demand = bytes;
		md->reinit_demanded = true;
	} else {
		ret = -EBUSY;
	}
	mutex_unlock(&md->lock);
	wake_up_all(&md->changed);
	return ret ?: count;
}
static DEVICE_ATTR_WO(reinit);

/* Fills the state anew. */
static ssize_t seed_store(struct device *dev, struct device_attribute *attribute,
			  const char *buf, size_t count)
{
	struct migdev *md = dev_get_drvdata(dev);
	u32 seed;
	int ret = kstrtou32(buf, 0, &seed);

	if (ret)
		return ret;
	mutex_lock(&md->lock);
	if (md->mig_state != VFIO_DEVICE_STATE_RUNNING) {
		ret = -EBUSY;
	} else {
		md->seed = seed;
		if (md->state)
			migdev_fill_state(md);
	}
	mutex_unlock(&md->lock);
	return ret ?: count;
}

static ssize_t seed_show(struct device *dev, struct device_attribute *attribute, char *buf)
{
	struct migdev *md = dev_get_drvdata(dev);
	u32 seed;

	mutex_lock(&md->lock);
	seed = md->seed;
	mutex_unlock(&md->lock);
	return sysfs_emit(buf, "%u\n", seed);
}
static DEVICE_ATTR_RW(seed);

/* CRC-32 of the state as it is now. */
static ssize_t checksum_show(struct device *dev, struct device_attribute *attribute, char *buf)
{
	struct migdev *md = dev_get_drvdata(dev);
	u32 checksum = 0;
	int ret;

	mutex_lock(&md->lock);
	ret = migdev_alloc_state(md);
	if (!ret) {
		migdev_run_guest(md);
		checksum = migdev_checksum(md);
	}
	mutex_unlock(&md->lock);
	return ret ?: sysfs_emit(buf, "%08x\n", checksum);
}
static DEVICE_ATTR_RO(checksum);

static ssize_t state_show(struct device *dev, struct device_attribute *attribute, char *buf)
{
	struct migdev *md = dev_get_drvdata(dev);
	enum vfio_device_mig_state state;

	mutex_lock(&md->lock);
	state = md->mig_state;
	mutex_unlock(&md->lock);
	return sysfs_emit(buf, "%s\n", migdev_state_names[state]);
}
static DEVICE_ATTR_RO(state);

/* "1": everything as after loading the module, state included. */
static ssize_t defaults_store(struct device *dev, struct device_attribute *attribute,
			      const char *buf, size_t count)
{
	struct migdev *md = dev_get_drvdata(dev);
	int ret = sysfs_streq(buf, "1") ? 0 : -EINVAL;

	if (ret)
		return ret;
	mutex_lock(&md->lock);
	if (md->opened)
		ret = -EBUSY;
	else
		migdev_set_defaults(md);
	mutex_unlock(&md->lock);
	return ret ?: count;
}
static DEVICE_ATTR_WO(defaults);

static struct attribute *control_attributes[] = {
	&dev_attr_fail_read.attr,
	&dev_attr_fail_write.attr,
	&dev_attr_fail_state.attr,
	&dev_attr_short_read.attr,
	&dev_attr_corrupt.attr,
	&dev_attr_error.attr,
	&dev_attr_unplug.attr,
	&dev_attr_dirty.attr,
	&dev_attr_reinit.attr,
	&dev_attr_seed.attr,
	&dev_attr_checksum.attr,
	&dev_attr_state.attr,
	&dev_attr_defaults.attr,
	NULL,
};

const struct attribute_group migdev_control_group = { .attrs = control_attributes };
