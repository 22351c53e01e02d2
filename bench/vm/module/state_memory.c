// SPDX-License-Identifier: GPL-2.0
/* The state's bytes, as core/device/simulated/state_memory.ts has them. */
#include <linux/crc32.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "migdev.h"

/* Bytes that no two pages share repeat after so many but for each page's first word. */
#define FILL_BLOCK	SZ_128K
#define FILL_PAGE	SZ_4K

/* Allocates and fills the state unless that was done. */
int migdev_alloc_state(struct migdev *md)
{
	if (md->state)
		return 0;
	md->state = __vmalloc(md->profile.state_size,
			      GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
	if (!md->state)
		return -ENOMEM;
	migdev_fill_state(md);
	return 0;
}

void migdev_free_state(struct migdev *md)
{
	vfree(md->state);
	md->state = NULL;
}

/* The same bytes for the same seed as a simulated device's fillState(). */
void migdev_fill_state(struct migdev *md)
{
	u64 size = md->profile.state_size;
	u64 block = min_t(u64, size, FILL_BLOCK);
	u32 x = md->seed ?: 1;
	u64 at;

	for (at = 0; at < block; at += sizeof(x)) {
		/* xorshift32 */
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		memcpy(md->state + at, &x, min_t(u64, sizeof(x), block - at));
	}
	for (at = FILL_BLOCK; at < size; at += FILL_BLOCK) {
		memcpy(md->state + at, md->state, min_t(u64, FILL_BLOCK, size - at));
		cond_resched();
	}
	for (at = 0; at < size; at += FILL_PAGE) {
		u32 word = (u32)(at / FILL_PAGE) ^ md->seed;

		memcpy(md->state + at, &word, min_t(u64, sizeof(word), size - at));
	}
}

/* The guest's write: eight bytes at the offset, "value" among them; fewer where there is less room. */
void migdev_touch_state(struct migdev *md, u64 offset, u64 room, u64 value)
{
	__le32 cell[2] = {
		cpu_to_le32(lower_32_bits(value)),
		cpu_to_le32(lower_32_bits(offset / FILL_PAGE)),
	};

	room = min_t(u64, room, sizeof(cell));
	if (offset >= md->profile.state_size)
		return;
	memcpy(md->state + offset, cell, min_t(u64, room, md->profile.state_size - offset));
}

/* CRC-32 of the whole state, as gzip and zlib have it. */
u32 migdev_checksum(const struct migdev *md)
{
	u64 size = md->profile.state_size;
	u32 crc = ~0U;
	u64 at;

	for (at = 0; at < size; at += SZ_16M) {
		crc = crc32_le(crc, md->state + at, min_t(u64, SZ_16M, size - at));
		cond_resched();
	}
	return ~crc;
}
