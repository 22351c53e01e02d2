/* SPDX-License-Identifier: GPL-2.0 */
/*
 * migdev: a synthetic VFIO device whose only purpose is to be migrated.
 *
 *	device.c	the VFIO side: arcs, reset, info, the platform driver
 *	data_file.c	the data_fd: read, write, poll, GET_PRECOPY_INFO
 *	save_stream.c	what is left to be sent, in which order, and its bytes
 *	state_loader.c	a stream put back in place
 *	state_memory.c	the state's bytes: allocated, filled, changed, summed up
 *	profile.c	sysfs: what the device is like
 *	control.c	sysfs: what happens to it now (dirtying, REINIT, faults, unplugging)
 *
 * The stream and what is announced of it are those of the simulated device
 * (core/device/simulated), function by function: a change here is a change there.
 *
 * One mutex, migdev.lock, guards everything but "gone": an arc that takes its time
 * holds it, and unplugging must not wait for that.
 */
#ifndef MIGDEV_H
#define MIGDEV_H

#include <linux/mutex.h>
#include <linux/sysfs.h>
#include <linux/types.h>
#include <linux/vfio.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

/* Older kernels know neither MIG_PRECOPY_INFOv2 nor REINIT. */
#ifdef VFIO_PRECOPY_INFO_REINIT
#define MIGDEV_HAS_PRECOPY_INFO_V2
#else
#define VFIO_PRECOPY_INFO_REINIT 0
#endif

/* Extents that wait to be sent; more of them are merged into one. */
#define MIGDEV_QUEUE_LENGTH	64
/* Entries of the list settings. */
#define MIGDEV_LIST_LENGTH	16

enum migdev_record_kind {
	MIGDEV_STATE = 1,
	MIGDEV_NEW = 2,
	MIGDEV_END = 3,
};

/*
 * A record of the stream. STATE carries "length" bytes of state from "offset", NEW the
 * same where the destination had no chance to prepare for it, END closes the stream:
 * its offset is what came before it, its length MIGDEV_CHECKSUM + the checksum of the
 * whole state, or 0 where none is given.
 */
struct migdev_header {
	__le32 magic;
	__le32 kind;
	__le64 offset;
	__le64 length;
};

#define MIGDEV_MAGIC		0x4d474956
#define MIGDEV_HEADER_SIZE	sizeof(struct migdev_header)
#define MIGDEV_CHECKSUM		BIT_ULL(32)

struct migdev_extent {
	u64 offset;
	u64 length;
	u32 kind;
};

struct migdev_queue {
	unsigned int count;
	struct migdev_extent at[MIGDEV_QUEUE_LENGTH];
};

struct migdev_list {
	unsigned int count;
	u64 at[MIGDEV_LIST_LENGTH];
};

enum { MIGDEV_EMPTY_ENOMSG, MIGDEV_EMPTY_ZERO };
enum { MIGDEV_EXACT, MIGDEV_FULL_ALWAYS, MIGDEV_CONSTANT, MIGDEV_ERROR, MIGDEV_ERRNO_AS_LENGTH };
enum { MIGDEV_INFO_EXACT, MIGDEV_INFO_ERROR };
enum { MIGDEV_DIRTY_EXACT, MIGDEV_DIRTY_AFTER_INITIAL, MIGDEV_DIRTY_ZERO };

/*
 * What the device is like. Named as the keys of a simulated device's profile; every
 * one a u64, so that one table serves them all. Times are held in nanoseconds,
 * initial_fraction in billionths.
 */
struct migdev_profile {
	u64 p2p;
	u64 precopy;
	u64 state_size;
	u64 initial_fraction;
	u64 dirty_rate;
	u64 dirty_span;
	u64 dirty_every_reads;
	u64 dirty_read_size;
	u64 chunk_size;
	u64 save_rate;
	u64 load_rate;
	u64 read_limit;
	u64 write_limit;
	u64 empty_read;
	u64 precopy_enter;
	u64 suspend_p2p;
	u64 suspend_stop;
	u64 stop_copy_enter;
	u64 resuming_enter;
	u64 load_finish;
	u64 resume;
	u64 prealloc_per_mib;
	u64 stop_copy_report;
	u64 stop_copy_constant;
	u64 precopy_report;
	u64 dirty_report;
	u64 precopy_error_at;
	u64 reinit_size;
	u64 verify;
	struct migdev_list reinit_at;
	struct migdev_list reinit_at_reads;
};

/*
 * The guest dirties by sweeping over the state, chunk after chunk, round and round, so
 * that what is dirty is one stretch of a circle: head counts chunks dirtied, tail those
 * taken to be sent.
 */
struct migdev_sweep {
	u64 chunk_size;
	u64 chunks;
	bool on;
	u64 ran_ns;
	/* Chunks that were dirtied by something else than time. */
	u64 extra;
	u64 head;
	u64 tail;
};

/* The saving side. "precopy_size" bytes from the start of the state move in PRE_COPY. */
struct migdev_stream {
	u64 precopy_size;
	struct migdev_sweep sweep;
	struct migdev_queue initial;
	struct migdev_queue dirty;
	bool broken;
	bool rest_queued;
	bool end_queued;
	/* The record being read. */
	struct migdev_header header;
	size_t header_left;
	u64 body_left;
	u64 body_offset;
	bool record_is_initial;
	u64 streamed;
};

/* The resuming side. */
struct migdev_loader {
	struct migdev_header header;
	size_t header_have;
	u64 record_start;
	u64 body_left;
	u64 body_offset;
	bool body_is_new;
	u64 loaded;
	u64 new_bytes;
	u64 prepared_bytes;
	u64 checksum;
	bool ended;
	bool refused;
};

/* Holds bytes to a rate: when those so far should have been through. */
struct migdev_pacer {
	u64 due_ns;
};

/* Something that goes wrong at the nth call from now; 0 = nothing. */
struct migdev_fault {
	u64 after;
	u64 value;
	bool to_error;
};

struct migdev {
	struct vfio_device vdev;
	struct mutex lock;
	/* The device was taken away. Set without the lock, so read with READ_ONCE. */
	bool gone;
	bool opened;
	enum vfio_device_mig_state mig_state;
	/* Counts sessions begun and ended: a data_fd of another number is dead. */
	u64 session;
	/* Woken when something changed that a poll or a sleeping call waits for. */
	wait_queue_head_t changed;
	struct delayed_work wake;

	struct migdev_profile profile;
	u32 seed;
	u8 *state;

	struct migdev_stream stream;
	struct migdev_loader loader;
	struct migdev_pacer save_pacer;
	struct migdev_pacer load_pacer;
	/* Until when the guest's doings are in the state; when PRE_COPY was entered. */
	u64 guest_ns;
	u64 precopy_ns;
	u64 precopy_reads;
	unsigned int timed_reinits;
	unsigned int counted_reinits;
	bool reinit_demanded;
	u64 reinit_demand;

	struct migdev_fault fail_read;
	struct migdev_fault fail_write;
	struct migdev_fault short_read;
	/* fail_state: "after" is the state + 1. */
	struct migdev_fault fail_state;
	/* Where a byte goes bad while the state is loaded, + 1. */
	u64 corrupt;
};

/* device.c */
extern const char *const migdev_state_names[];
bool migdev_opted_in(struct migdev *md);
void migdev_run_guest(struct migdev *md);
bool migdev_take_reinits(struct migdev *md, bool as_initial);
void migdev_enter_error(struct migdev *md);
void migdev_unplug(struct migdev *md);
void migdev_set_defaults(struct migdev *md);
int migdev_sleep(struct migdev *md, u64 ns);
bool migdev_fault_fires(struct migdev_fault *fault);

/* data_file.c */
struct file *migdev_open_data(struct migdev *md, bool saving);

/* save_stream.c */
u64 migdev_precopy_size(const struct migdev_profile *profile);
void migdev_begin_precopy(struct migdev *md);
void migdev_begin_stop_copy(struct migdev *md);
void migdev_run_sweep(struct migdev *md, u64 ran_ns);
void migdev_dirty_chunks(struct migdev *md, u64 chunks);
void migdev_rebase_sweep(struct migdev *md);
void migdev_dirty_extent(struct migdev *md, u64 offset, u64 length);
void migdev_break_precopy(struct migdev *md);
void migdev_reinitialize(struct migdev *md, u64 length, bool as_initial);
u64 migdev_initial_bytes(const struct migdev *md);
u64 migdev_dirty_bytes(const struct migdev *md);
u64 migdev_stop_copy_bytes(const struct migdev *md);
u64 migdev_full_bytes(const struct migdev *md);
ssize_t migdev_read_stream(struct migdev *md, char __user *buf, size_t count, bool stopped);

/* state_loader.c */
void migdev_begin_loading(struct migdev *md);
ssize_t migdev_load_stream(struct migdev *md, const char __user *buf, size_t count);
int migdev_check_loaded(struct migdev *md);

/* state_memory.c */
int migdev_alloc_state(struct migdev *md);
void migdev_free_state(struct migdev *md);
void migdev_fill_state(struct migdev *md);
void migdev_touch_state(struct migdev *md, u64 offset, u64 room, u64 value);
u32 migdev_checksum(const struct migdev *md);

/* profile.c */
extern const struct migdev_profile migdev_generic_profile;
extern const struct attribute_group migdev_profile_group;
u64 migdev_owed_ns(struct migdev_pacer *pacer, u64 rate, u64 began_ns, u64 bytes);
int migdev_parse_size(const char *text, u64 *value);

/* control.c */
extern const struct attribute_group migdev_control_group;

#endif
