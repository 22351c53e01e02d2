// SPDX-License-Identifier: GPL-2.0
/*
 * The saving side, as core/device/simulated/state_stream.ts and dirty_sweep.ts have it:
 *
 *	PRE_COPY:  initial extents -> dirty extents -> the sweep's stretches -> (empty for now)
 *	STOP_COPY: the same        -> the part that only moves stopped       -> END
 *
 * Sizes count the stream's bytes, record headers included.
 */
#include <linux/math64.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include "migdev.h"

/* A read ends after the header of a record with so much body: later reads start on a page of the state. */
#define LONG_BODY	SZ_1M

static u64 extent_end(const struct migdev_extent *extent)
{
	return extent->offset + extent->length;
}

static void queue_push(struct migdev_queue *queue, struct migdev_extent extent)
{
	unsigned int i;

	if (queue->count < MIGDEV_QUEUE_LENGTH) {
		queue->at[queue->count++] = extent;
		return;
	}
	/* Too many: one extent over all of them carries more bytes, and every one of theirs. */
	for (i = 0; i < queue->count; i++) {
		u64 end = max(extent_end(&extent), extent_end(&queue->at[i]));

		extent.offset = min(extent.offset, queue->at[i].offset);
		extent.length = end - extent.offset;
		extent.kind = max(extent.kind, queue->at[i].kind);
	}
	queue->at[0] = extent;
	queue->count = 1;
}

static bool queue_shift(struct migdev_queue *queue, struct migdev_extent *extent)
{
	if (queue->count == 0)
		return false;
	*extent = queue->at[0];
	queue->count--;
	memmove(&queue->at[0], &queue->at[1], queue->count * sizeof(queue->at[0]));
	return true;
}

/* Drops extents that lie within the first "length" bytes. */
static void queue_drop_within(struct migdev_queue *queue, u64 length)
{
	unsigned int i, kept = 0;

	for (i = 0; i < queue->count; i++)
		if (extent_end(&queue->at[i]) > length)
			queue->at[kept++] = queue->at[i];
	queue->count = kept;
}

static u64 queue_bytes(const struct migdev_queue *queue)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < queue->count; i++)
		sum += MIGDEV_HEADER_SIZE + queue->at[i].length;
	return sum;
}

static bool queue_covers(const struct migdev_queue *queue, u64 offset, u64 end)
{
	unsigned int i;

	for (i = 0; i < queue->count; i++)
		if (queue->at[i].offset <= offset && extent_end(&queue->at[i]) >= end)
			return true;
	return false;
}

static u64 dirty_chunks(const struct migdev_sweep *sweep)
{
	return sweep->head - sweep->tail;
}

/* In how many stretches the dirty part of the circle lies: 2 where it wraps. */
static u64 dirty_stretches(const struct migdev_sweep *sweep)
{
	u64 count = dirty_chunks(sweep);
	u64 at;

	if (count == 0)
		return 0;
	div64_u64_rem(sweep->tail, sweep->chunks, &at);
	return at + count > sweep->chunks ? 2 : 1;
}

static struct migdev_extent take_stretch(struct migdev_sweep *sweep)
{
	struct migdev_extent extent = { .kind = MIGDEV_STATE };
	u64 at, count;

	div64_u64_rem(sweep->tail, sweep->chunks, &at);
	count = min(dirty_chunks(sweep), sweep->chunks - at);
	sweep->tail += count;
	extent.offset = at * sweep->chunk_size;
	extent.length = count * sweep->chunk_size;
	return extent;
}

/* Whether a record that is still to be begun carries all that the sweep dirties. */
static bool sweep_is_queued(const struct migdev_stream *stream)
{
	u64 end = stream->sweep.chunks * stream->sweep.chunk_size;

	return queue_covers(&stream->initial, 0, end) || queue_covers(&stream->dirty, 0, end);
}

/* The head has moved: changes the bytes, and keeps to one round. */
static void head_moved(struct migdev *md, u64 before)
{
	struct migdev_sweep *sweep = &md->stream.sweep;
	u64 nth;

	if (dirty_chunks(sweep) > sweep->chunks)
		sweep->tail = sweep->head - sweep->chunks;
	if (sweep_is_queued(&md->stream))
		sweep->tail = sweep->head;
	nth = sweep->head - min(sweep->head - before, sweep->chunks);
	for (; nth < sweep->head; nth++) {
		u64 at;

		div64_u64_rem(nth, sweep->chunks, &at);
		migdev_touch_state(md, at * sweep->chunk_size, sweep->chunk_size, nth);
		cond_resched();
	}
}

/* The guest ran for a while: state gets dirty, and really changes. */
void migdev_run_sweep(struct migdev *md, u64 ran_ns)
{
	struct migdev_sweep *sweep = &md->stream.sweep;
	u64 before = sweep->head;

	if (!sweep->on || !md->profile.dirty_rate || md->stream.broken)
		return;
	sweep->ran_ns += ran_ns;
	sweep->head = sweep->extra + mul_u64_u64_div_u64(sweep->ran_ns, md->profile.dirty_rate,
							 sweep->chunk_size * NSEC_PER_SEC);
	head_moved(md, before);
}

/* So many chunks more get dirty, whatever the time. */
void migdev_dirty_chunks(struct migdev *md, u64 chunks)
{
	struct migdev_sweep *sweep = &md->stream.sweep;
	u64 before = sweep->head;

	if (!sweep->on || md->stream.broken)
		return;
	sweep->extra += chunks;
	sweep->head += chunks;
	head_moved(md, before);
}

/* What was dirtied stays so while the rate changes. */
void migdev_rebase_sweep(struct migdev *md)
{
	struct migdev_sweep *sweep = &md->stream.sweep;

	sweep->extra = sweep->head;
	sweep->ran_ns = 0;
}

/* The guest wrote to a place of the state that can be precopied. */
void migdev_dirty_extent(struct migdev *md, u64 offset, u64 length)
{
	struct migdev_stream *stream = &md->stream;
	struct migdev_extent extent = { .offset = offset, .kind = MIGDEV_STATE };

	if (offset >= stream->precopy_size || stream->broken)
		return;
	extent.length = min(length, stream->precopy_size - offset);
	if (queue_covers(&stream->initial, offset, extent_end(&extent)) ||
	    queue_covers(&stream->dirty, offset, extent_end(&extent)))
		return;
	queue_push(&stream->dirty, extent);
}

u64 migdev_precopy_size(const struct migdev_profile *profile)
{
	if (!profile->precopy)
		return 0;
	return mul_u64_u64_div_u64(profile->state_size, profile->initial_fraction, NSEC_PER_SEC);
}

static void begin_session(struct migdev *md)
{
	const struct migdev_profile *profile = &md->profile;
	struct migdev_stream *stream = &md->stream;
	u64 span;

	memset(stream, 0, sizeof(*stream));
	stream->precopy_size = migdev_precopy_size(profile);
	span = min(profile->dirty_span ?: stream->precopy_size, stream->precopy_size);
	stream->sweep.chunk_size = profile->chunk_size;
	stream->sweep.chunks = max(1ULL, div64_u64(span, profile->chunk_size));
	/* A span below one chunk cannot be tracked in chunks. */
	stream->sweep.on = span >= profile->chunk_size;
}

/* A session begins in PRE_COPY: all that can be precopied is initial data. */
void migdev_begin_precopy(struct migdev *md)
{
	begin_session(md);
	if (md->stream.precopy_size > 0)
		queue_push(&md->stream.initial, (struct migdev_extent) {
			.length = md->stream.precopy_size, .kind = MIGDEV_NEW });
}

/* A session begins in STOP_COPY: everything is left. */
void migdev_begin_stop_copy(struct migdev *md)
{
	begin_session(md);
	if (md->stream.precopy_size > 0)
		queue_push(&md->stream.dirty, (struct migdev_extent) {
			.length = md->stream.precopy_size, .kind = MIGDEV_NEW });
}

/* Saving in PRE_COPY broke: what was not read is gone, a final image of everything will follow. */
void migdev_break_precopy(struct migdev *md)
{
	struct migdev_stream *stream = &md->stream;

	stream->broken = true;
	stream->initial.count = 0;
	stream->dirty.count = 0;
	stream->sweep.ran_ns = 0;
	stream->sweep.extra = 0;
	stream->sweep.head = 0;
	stream->sweep.tail = 0;
}

/*
 * The device was reconfigured: "length" bytes from the start are new. Where the user
 * listens for REINIT all that is outstanding becomes one new initial set and nothing is
 * dirty; where not, the new state just counts as dirty.
 */
void migdev_reinitialize(struct migdev *md, u64 length, bool as_initial)
{
	struct migdev_stream *stream = &md->stream;
	struct migdev_sweep *sweep = &stream->sweep;
	struct migdev_extent fresh = {
		.length = min(length, stream->precopy_size), .kind = MIGDEV_NEW };
	struct migdev_extent extent;
	unsigned int outstanding;
	u64 offset;

	for (offset = 0; offset < fresh.length; offset += sweep->chunk_size) {
		migdev_touch_state(md, offset, min(sweep->chunk_size, fresh.length - offset),
				   stream->streamed + offset);
		cond_resched();
	}
	queue_drop_within(&stream->initial, fresh.length);
	queue_drop_within(&stream->dirty, fresh.length);
	if (!as_initial) {
		queue_push(&stream->dirty, fresh);
		if (sweep_is_queued(stream))
			sweep->tail = sweep->head;
		return;
	}
	/* The new state goes first. */
	outstanding = stream->initial.count;
	queue_push(&stream->initial, fresh);
	while (outstanding-- > 0 && queue_shift(&stream->initial, &extent))
		queue_push(&stream->initial, extent);
	if (sweep_is_queued(stream))
		sweep->tail = sweep->head;
	while (queue_shift(&stream->dirty, &extent))
		queue_push(&stream->initial, extent);
	while (dirty_chunks(sweep) > 0)
		queue_push(&stream->initial, take_stretch(sweep));
	stream->record_is_initial = true;
}

static u64 record_left(const struct migdev_stream *stream)
{
	return stream->header_left + stream->body_left;
}

u64 migdev_initial_bytes(const struct migdev *md)
{
	const struct migdev_stream *stream = &md->stream;

	return queue_bytes(&stream->initial) +
	       (stream->record_is_initial ? record_left(stream) : 0);
}

u64 migdev_dirty_bytes(const struct migdev *md)
{
	const struct migdev_stream *stream = &md->stream;
	const struct migdev_sweep *sweep = &stream->sweep;

	return queue_bytes(&stream->dirty) + dirty_chunks(sweep) * sweep->chunk_size +
	       dirty_stretches(sweep) * MIGDEV_HEADER_SIZE +
	       (stream->record_is_initial ? 0 : record_left(stream));
}

/* What would still have to be read if the device were stopped now. */
u64 migdev_stop_copy_bytes(const struct migdev *md)
{
	const struct migdev_stream *stream = &md->stream;
	u64 rest = md->profile.state_size - stream->precopy_size;
	u64 sum = migdev_initial_bytes(md) + migdev_dirty_bytes(md);

	if (stream->broken && stream->precopy_size > 0)
		sum += stream->precopy_size + MIGDEV_HEADER_SIZE;
	if (!stream->rest_queued && rest > 0)
		sum += rest + MIGDEV_HEADER_SIZE;
	if (!stream->end_queued)
		sum += MIGDEV_HEADER_SIZE;
	return sum;
}

/* What a whole session without precopy would read. */
u64 migdev_full_bytes(const struct migdev *md)
{
	u64 size = md->profile.state_size;
	u64 precopy_size = migdev_precopy_size(&md->profile);
	unsigned int records = 1 + (precopy_size > 0) + (size > precopy_size);

	return size + records * MIGDEV_HEADER_SIZE;
}

static bool start_record(struct migdev_stream *stream, struct migdev_extent extent, bool is_initial)
{
	stream->header.magic = cpu_to_le32(MIGDEV_MAGIC);
	stream->header.kind = cpu_to_le32(extent.kind);
	stream->header.offset = cpu_to_le64(extent.offset);
	stream->header.length = cpu_to_le64(extent.length);
	stream->header_left = MIGDEV_HEADER_SIZE;
	stream->body_left = extent.kind == MIGDEV_END ? 0 : extent.length;
	stream->body_offset = extent.offset;
	stream->record_is_initial = is_initial;
	return true;
}

static bool next_record(struct migdev *md, bool stopped)
{
	struct migdev_stream *stream = &md->stream;
	struct migdev_extent extent;

	if (queue_shift(&stream->initial, &extent))
		return start_record(stream, extent, true);
	if (queue_shift(&stream->dirty, &extent))
		return start_record(stream, extent, false);
	if (dirty_chunks(&stream->sweep) > 0)
		return start_record(stream, take_stretch(&stream->sweep), false);
	if (!stopped)
		return false;
	if (stream->broken) {
		stream->broken = false;
		extent = (struct migdev_extent) {
			.length = stream->precopy_size, .kind = MIGDEV_NEW };
		if (stream->precopy_size > 0)
			return start_record(stream, extent, false);
	}
	if (!stream->rest_queued) {
		stream->rest_queued = true;
		extent = (struct migdev_extent) {
			.offset = stream->precopy_size,
			.length = md->profile.state_size - stream->precopy_size,
			.kind = MIGDEV_NEW };
		if (extent.length > 0)
			return start_record(stream, extent, false);
	}
	if (!stream->end_queued) {
		stream->end_queued = true;
		extent = (struct migdev_extent) { .offset = stream->streamed, .kind = MIGDEV_END };
		if (md->profile.verify)
			extent.length = MIGDEV_CHECKSUM + migdev_checksum(md);
		return start_record(stream, extent, false);
	}
	return false;
}

static ssize_t read_part(struct migdev *md, char __user *buf, size_t count)
{
	struct migdev_stream *stream = &md->stream;
	size_t n;

	if (stream->header_left > 0) {
		const u8 *header = (const u8 *)&stream->header;

		n = min(stream->header_left, count);
		if (copy_to_user(buf, header + MIGDEV_HEADER_SIZE - stream->header_left, n))
			return -EFAULT;
		stream->header_left -= n;
		return n;
	}
	if (fatal_signal_pending(current))
		return -EINTR;
	n = min3(stream->body_left, (u64)count, (u64)SZ_1M);
	if (copy_to_user(buf, md->state + stream->body_offset, n))
		return -EFAULT;
	stream->body_left -= n;
	stream->body_offset += n;
	return n;
}

/* The stream's next bytes; 0 where nothing is left for now, or, "stopped", for good. */
ssize_t migdev_read_stream(struct migdev *md, char __user *buf, size_t count, bool stopped)
{
	struct migdev_stream *stream = &md->stream;
	size_t done = 0;

	while (done < count) {
		bool in_header;
		ssize_t n;

		if (record_left(stream) == 0 && !next_record(md, stopped))
			break;
		in_header = stream->header_left > 0;
		n = read_part(md, buf + done, count - done);
		if (n < 0)
			return done ?: n;
		stream->streamed += n;
		done += n;
		if (in_header && stream->header_left == 0 && stream->body_left >= LONG_BODY)
			break;
	}
	return done;
}
