// SPDX-License-Identifier: GPL-2.0
/*
 * The resuming side: takes the stream in any segmentation and puts the bytes in place,
 * as core/device/simulated/state_loader.ts does.
 */
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include "migdev.h"

void migdev_begin_loading(struct migdev *md)
{
	memset(&md->loader, 0, sizeof(md->loader));
}

static bool start_body(struct migdev *md)
{
	struct migdev_loader *loader = &md->loader;
	u64 size = md->profile.state_size;
	u32 kind = le32_to_cpu(loader->header.kind);
	u64 offset = le64_to_cpu(loader->header.offset);
	u64 length = le64_to_cpu(loader->header.length);

	if (le32_to_cpu(loader->header.magic) != MIGDEV_MAGIC)
		return false;
	if (kind == MIGDEV_END) {
		loader->ended = true;
		loader->checksum = length;
		if (length != 0 && (length >> 32) != 1)
			return false;
		return offset == loader->record_start;
	}
	if (kind != MIGDEV_STATE && kind != MIGDEV_NEW)
		return false;
	if (offset > size || length > size - offset)
		return false;
	loader->body_offset = offset;
	loader->body_left = length;
	loader->body_is_new = kind == MIGDEV_NEW;
	return true;
}

static ssize_t load_header(struct migdev *md, const char __user *buf, size_t count)
{
	struct migdev_loader *loader = &md->loader;
	size_t n = min_t(size_t, MIGDEV_HEADER_SIZE - loader->header_have, count);

	if (loader->header_have == 0)
		loader->record_start = loader->loaded;
	if (copy_from_user((u8 *)&loader->header + loader->header_have, buf, n))
		return -EFAULT;
	loader->header_have += n;
	if (loader->header_have < MIGDEV_HEADER_SIZE)
		return n;
	loader->header_have = 0;
	loader->refused = !start_body(md);
	return loader->refused ? -EINVAL : n;
}

static ssize_t load_body(struct migdev *md, const char __user *buf, size_t count)
{
	struct migdev_loader *loader = &md->loader;
	size_t n = min3(loader->body_left, (u64)count, (u64)SZ_1M);

	if (fatal_signal_pending(current))
		return -EINTR;
	if (copy_from_user(md->state + loader->body_offset, buf, n))
		return -EFAULT;
	loader->body_left -= n;
	loader->body_offset += n;
	if (loader->body_is_new)
		loader->new_bytes += n;
	return n;
}

static ssize_t load_part(struct migdev *md, const char __user *buf, size_t count)
{
	if (md->loader.refused)
		return -EINVAL;
	if (md->loader.ended)
		return -ENOMEM;
	if (md->loader.body_left > 0)
		return load_body(md, buf, count);
	return load_header(md, buf, count);
}

/* Takes bytes of the stream; what was taken before it failed counts, the next call says what is wrong. */
ssize_t migdev_load_stream(struct migdev *md, const char __user *buf, size_t count)
{
	size_t done = 0;

	while (done < count) {
		ssize_t n = load_part(md, buf + done, count - done);

		if (n < 0)
			return done ?: n;
		md->loader.loaded += n;
		done += n;
	}
	return done;
}

/* Whether the stream came to its end, nothing of it is missing, and the state is what was saved. */
int migdev_check_loaded(struct migdev *md)
{
	const struct migdev_loader *loader = &md->loader;

	if (!loader->ended || loader->refused)
		return -EINVAL;
	if (md->corrupt) {
		if (md->corrupt <= md->profile.state_size)
			md->state[md->corrupt - 1] ^= 0xff;
		md->corrupt = 0;
	}
	if (md->profile.verify && loader->checksum &&
	    loader->checksum != MIGDEV_CHECKSUM + migdev_checksum(md))
		return -EBADMSG;
	return 0;
}
