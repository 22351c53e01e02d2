// SPDX-License-Identifier: GPL-2.0
/*
 * sysfs: what the device is like. One table; every entry is a u64 of struct migdev_profile
 * under the name that it has in a simulated device's profile.
 */
#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sizes.h>

#include "migdev.h"

const struct migdev_profile migdev_generic_profile = {
	.p2p = 1,
	.precopy = 1,
	.state_size = SZ_64M,
	.initial_fraction = NSEC_PER_SEC,
	.chunk_size = SZ_64K,
	.verify = 1,
};

/* Debts below this are carried on: a shorter sleep costs more than it sleeps. */
#define SMALLEST_SLEEP_NS	100000

/* "bytes" went through a call that began at "began_ns": for how long it is to sleep to keep to the rate. */
u64 migdev_owed_ns(struct migdev_pacer *pacer, u64 rate, u64 began_ns, u64 bytes)
{
	u64 now = ktime_get_ns();

	if (!rate)
		return 0;
	pacer->due_ns = max(pacer->due_ns, began_ns) +
			mul_u64_u64_div_u64(bytes, NSEC_PER_SEC, rate);
	return pacer->due_ns < now + SMALLEST_SLEEP_NS ? 0 : pacer->due_ns - now;
}

struct migdev_setting {
	struct device_attribute attribute;
	size_t offset;
	/* A u64, or a struct migdev_list of them. */
	bool is_list;
	/* Cannot change while the device is open. */
	bool is_fixed;
	u64 min;
	u64 max;
	/* 1: an integer, which may have a suffix K, M or G; otherwise a decimal, held times this. */
	u64 scale;
	/* Or one of these words. */
	const char *const *words;
};

#define to_setting(attribute_)	container_of(attribute_, struct migdev_setting, attribute)

static u64 *value_of(struct migdev *md, const struct migdev_setting *setting)
{
	return (void *)&md->profile + setting->offset;
}

static struct migdev_list *list_of(struct migdev *md, const struct migdev_setting *setting)
{
	return (void *)&md->profile + setting->offset;
}

/* Digits at the start of the text; NULL where there are none or too many. */
static const char *parse_digits(const char *text, u64 *value)
{
	const char *at = text;

	for (*value = 0; isdigit(*at); at++)
		if (check_mul_overflow(*value, 10ULL, value) ||
		    check_add_overflow(*value, (u64)(*at - '0'), value))
			return NULL;
	return at == text ? NULL : at;
}

/* A number of bytes: "65536", "64K", "64KiB". */
int migdev_parse_size(const char *text, u64 *value)
{
	static const char suffixes[] = "KMGT";
	const char *at = parse_digits(text, value);
	const char *suffix;

	if (!at)
		return -EINVAL;
	suffix = *at ? strchr(suffixes, *at) : NULL;
	if (suffix) {
		if (check_mul_overflow(*value, 1ULL << (10 * (suffix - suffixes + 1)), value))
			return -ERANGE;
		at++;
		if (strncmp(at, "iB", 2) == 0)
			at += 2;
	}
	return *skip_spaces(at) ? -EINVAL : 0;
}

/* "1.25" times the scale; digits beyond the scale are not looked at. */
static int parse_decimal(const char *text, u64 scale, u64 *value)
{
	const char *at = parse_digits(text, value);

	if (!at || check_mul_overflow(*value, scale, value))
		return -EINVAL;
	if (*at == '.') {
		for (at++; isdigit(*at); at++) {
			scale = div_u64(scale, 10);
			if (check_add_overflow(*value, scale * (*at - '0'), value))
				return -ERANGE;
		}
	}
	return *skip_spaces(at) ? -EINVAL : 0;
}

static int parse_value(const struct migdev_setting *setting, const char *text, u64 *value)
{
	int ret;

	if (setting->words) {
		for (*value = 0; setting->words[*value]; ++*value)
			if (sysfs_streq(text, setting->words[*value]))
				return 0;
		return -EINVAL;
	}
	ret = setting->scale == 1 ? migdev_parse_size(text, value) :
				    parse_decimal(text, setting->scale, value);
	if (ret)
		return ret;
	return *value < setting->min || *value > setting->max ? -ERANGE : 0;
}

static int parse_list(const struct migdev_setting *setting, const char *text,
		      struct migdev_list *list)
{
	char *copy = kstrdup(text, GFP_KERNEL);
	char *rest = copy, *word;
	int ret = 0;

	if (!copy)
		return -ENOMEM;
	list->count = 0;
	while (!ret && (word = strsep(&rest, ", \n"))) {
		if (!*word)
			continue;
		if (list->count == MIGDEV_LIST_LENGTH)
			ret = -E2BIG;
		else
			ret = parse_value(setting, word, &list->at[list->count++]);
	}
	kfree(copy);
	return ret;
}

static ssize_t show_value(const struct migdev_setting *setting, char *buf, int at, u64 value)
{
	u64 whole, part;

	if (setting->words)
		return sysfs_emit_at(buf, at, "%s", setting->words[value]);
	whole = div64_u64_rem(value, setting->scale, &part);
	if (part == 0)
		return sysfs_emit_at(buf, at, "%llu", whole);
	return sysfs_emit_at(buf, at, "%llu.%0*llu", whole,
			     setting->scale == NSEC_PER_SEC ? 9 : 6, part);
}

static ssize_t setting_show(struct device *dev, struct device_attribute *attribute, char *buf)
{
	const struct migdev_setting *setting = to_setting(attribute);
	struct migdev *md = dev_get_drvdata(dev);
	unsigned int i;
	int at = 0;

	mutex_lock(&md->lock);
	if (!setting->is_list) {
		at = show_value(setting, buf, 0, *value_of(md, setting));
	} else {
		const struct migdev_list *list = list_of(md, setting);

		for (i = 0; i < list->count; i++) {
			at += sysfs_emit_at(buf, at, i ? " " : "");
			at += show_value(setting, buf, at, list->at[i]);
		}
	}
	mutex_unlock(&md->lock);
	return at + sysfs_emit_at(buf, at, "\n");
}

/* Every change of a single value, with what it means to the rest of the device. */
static int change_value(struct migdev *md, const struct migdev_setting *setting, u64 value)
{
	u64 *field = value_of(md, setting);

	if (field == &md->profile.state_size && *field != value) {
		if (value >> PAGE_SHIFT > totalram_pages() / 2)
			return -ENOMEM;
		migdev_free_state(md);
	}
	/* What the guest did by the old rules is done. */
	migdev_run_guest(md);
	if (field == &md->profile.dirty_rate)
		migdev_rebase_sweep(md);
	*field = value;
	return 0;
}

static ssize_t setting_store(struct device *dev, struct device_attribute *attribute,
			     const char *buf, size_t count)
{
	const struct migdev_setting *setting = to_setting(attribute);
	struct migdev *md = dev_get_drvdata(dev);
	struct migdev_list list;
	u64 value;
	int ret;

	ret = setting->is_list ? parse_list(setting, buf, &list) :
				 parse_value(setting, buf, &value);
	if (ret)
		return ret;
	mutex_lock(&md->lock);
	if (setting->is_fixed && md->opened)
		ret = -EBUSY;
	else if (setting->is_list)
		*list_of(md, setting) = list;
	else
		ret = change_value(md, setting, value);
	mutex_unlock(&md->lock);
	/* Data may be there now. */
	wake_up_all(&md->changed);
	return ret ?: count;
}

static const char *const flag_words[] = { "0", "1", NULL };
static const char *const empty_words[] = { "ENOMSG", "0", NULL };
static const char *const stop_copy_words[] = {
	"exact", "full-always", "constant", "error", "errno-as-length", NULL };
static const char *const precopy_words[] = { "exact", "error", NULL };
static const char *const dirty_words[] = { "exact", "after-initial", "zero", NULL };

#define MAX_RATE	(1ULL << 40)
#define MAX_SIZE	(1ULL << 40)
#define MAX_MS		(3600ULL * NSEC_PER_SEC)

#define SETTING(name_, field_, ...)						\
	static struct migdev_setting setting_##name_ = {			\
		.attribute = __ATTR(name_, 0644, setting_show, setting_store),	\
		.offset = offsetof(struct migdev_profile, field_),		\
		__VA_ARGS__							\
	}
#define WORDS(words_)		.words = words_
#define INTEGER(min_, max_)	.scale = 1, .min = min_, .max = max_
#define MILLISECONDS		.scale = NSEC_PER_MSEC, .max = MAX_MS

SETTING(p2p, p2p, WORDS(flag_words), .is_fixed = true);
SETTING(precopy, precopy, WORDS(flag_words), .is_fixed = true);
SETTING(state_size, state_size, INTEGER(1, MAX_SIZE), .is_fixed = true);
SETTING(initial_fraction, initial_fraction, .scale = NSEC_PER_SEC, .max = NSEC_PER_SEC,
	.is_fixed = true);
SETTING(dirty_rate, dirty_rate, INTEGER(0, MAX_RATE));
SETTING(dirty_span, dirty_span, INTEGER(0, MAX_SIZE), .is_fixed = true);
SETTING(dirty_every_reads, dirty_every_reads, INTEGER(0, U32_MAX));
SETTING(dirty_read_size, dirty_read_size, INTEGER(0, MAX_SIZE));
SETTING(chunk_size, chunk_size, INTEGER(16, SZ_1G), .is_fixed = true);
SETTING(save_rate, save_rate, INTEGER(0, MAX_RATE));
SETTING(load_rate, load_rate, INTEGER(0, MAX_RATE));
SETTING(read_limit, read_limit, INTEGER(0, MAX_SIZE));
SETTING(write_limit, write_limit, INTEGER(0, MAX_SIZE));
SETTING(empty_read, empty_read, WORDS(empty_words));
SETTING(precopy_enter_ms, precopy_enter, MILLISECONDS);
SETTING(suspend_p2p_ms, suspend_p2p, MILLISECONDS);
SETTING(suspend_stop_ms, suspend_stop, MILLISECONDS);
SETTING(stop_copy_enter_ms, stop_copy_enter, MILLISECONDS);
SETTING(resuming_enter_ms, resuming_enter, MILLISECONDS);
SETTING(load_finish_ms, load_finish, MILLISECONDS);
SETTING(resume_ms, resume, MILLISECONDS);
SETTING(prealloc_ms_per_mib, prealloc_per_mib, MILLISECONDS);
SETTING(stop_copy_report, stop_copy_report, WORDS(stop_copy_words));
SETTING(stop_copy_constant, stop_copy_constant, INTEGER(0, U64_MAX));
SETTING(precopy_report, precopy_report, WORDS(precopy_words));
SETTING(dirty_report, dirty_report, WORDS(dirty_words));
SETTING(precopy_error_at_ms, precopy_error_at, MILLISECONDS);
SETTING(reinit_at_ms, reinit_at, MILLISECONDS, .is_list = true);
SETTING(reinit_at_reads, reinit_at_reads, INTEGER(1, U32_MAX), .is_list = true);
SETTING(reinit_size, reinit_size, INTEGER(0, MAX_SIZE));
SETTING(verify, verify, WORDS(flag_words));

static ssize_t precopy_info_v2_show(struct device *dev, struct device_attribute *attribute,
				    char *buf)
{
#ifdef MIGDEV_HAS_PRECOPY_INFO_V2
	return sysfs_emit(buf, "1\n");
#else
	return sysfs_emit(buf, "0\n");
#endif
}
static DEVICE_ATTR_RO(precopy_info_v2);

static struct attribute *profile_attributes[] = {
	&setting_p2p.attribute.attr,
	&setting_precopy.attribute.attr,
	&setting_state_size.attribute.attr,
	&setting_initial_fraction.attribute.attr,
	&setting_dirty_rate.attribute.attr,
	&setting_dirty_span.attribute.attr,
	&setting_dirty_every_reads.attribute.attr,
	&setting_dirty_read_size.attribute.attr,
	&setting_chunk_size.attribute.attr,
	&setting_save_rate.attribute.attr,
	&setting_load_rate.attribute.attr,
	&setting_read_limit.attribute.attr,
	&setting_write_limit.attribute.attr,
	&setting_empty_read.attribute.attr,
	&setting_precopy_enter_ms.attribute.attr,
	&setting_suspend_p2p_ms.attribute.attr,
	&setting_suspend_stop_ms.attribute.attr,
	&setting_stop_copy_enter_ms.attribute.attr,
	&setting_resuming_enter_ms.attribute.attr,
	&setting_load_finish_ms.attribute.attr,
	&setting_resume_ms.attribute.attr,
	&setting_prealloc_ms_per_mib.attribute.attr,
	&setting_stop_copy_report.attribute.attr,
	&setting_stop_copy_constant.attribute.attr,
	&setting_precopy_report.attribute.attr,
	&setting_dirty_report.attribute.attr,
	&setting_precopy_error_at_ms.attribute.attr,
	&setting_reinit_at_ms.attribute.attr,
	&setting_reinit_at_reads.attribute.attr,
	&setting_reinit_size.attribute.attr,
	&setting_verify.attribute.attr,
	&dev_attr_precopy_info_v2.attr,
	NULL,
};

const struct attribute_group migdev_profile_group = { .attrs = profile_attributes };
