/*
 * The harness's way over its ring: a device is read straight into a slot, and written straight out of it.
 *
 *     memfd --read(2)--> slot | ring | slot --write(2)--> memfd
 *
 * As in the harness: slots at multiples of 4096 behind one another, head and tail 128 bytes apart, the peer's index
 * cached, a spin of the same length before parking on a futex, a waiting flag so that an awake peer costs no call. The
 * index is told to the other side 64 KiB of small buffers at a time.
 */
#include "twin.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>

enum { SPINS = 100, AT_ONCE = 64 * 1024 };

/* Indexes count slots for ever; a slot's place is the index modulo the slot count, a power of two. */
static struct ring {
    _Alignas(128) atomic_uint tail;
    _Alignas(128) atomic_uint head;
    _Alignas(128) atomic_uint producer_waits;
    atomic_uint consumer_waits;
    atomic_uint closed;
    size_t slot_size;
    uint32_t *lengths;
    char *data;
} ring;

static void prepare(void)
{
    if (ring.data == NULL) {
        ring.slot_size = (transfer.buffer_size + PAGE - 1) / PAGE * PAGE;
        ring.data = make_buffer(transfer.slots * ring.slot_size);
        ring.lengths = calloc(transfer.slots, sizeof *ring.lengths);
        if (ring.lengths == NULL)
            die("make a ring");
    }
    atomic_store(&ring.tail, 0);
    atomic_store(&ring.head, 0);
    atomic_store(&ring.closed, 0);
}

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Waits until *index is no longer `seen`, or the ring is closed; the index. A lost wake-up would cost a slice. */
static unsigned wait_for(atomic_uint *index, unsigned seen, atomic_uint *flag)
{
    struct timespec slice = { 0, 50 * 1000 * 1000 };
    unsigned value;
    for (int i = 0; i < SPINS; i++) {
        relax();
        if ((value = atomic_load_explicit(index, memory_order_acquire)) != seen)
            return value;
    }
    for (;;) {
        atomic_store(flag, 1);
        if ((value = atomic_load(index)) != seen || atomic_load(&ring.closed)) {
            atomic_store(flag, 0);
            return value;
        }
        syscall(SYS_futex, flag, FUTEX_WAIT_PRIVATE, 1, &slice, NULL, 0);
    }
}

/* Wakes the side whose flag this is, if it waits. */
static void wake(atomic_uint *flag)
{
    if (atomic_load(flag) == 0)
        return;
    atomic_store(flag, 0);
    syscall(SYS_futex, flag, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* How many slots are told of at once. */
static unsigned slots_at_once(void)
{
    size_t slots = AT_ONCE / ring.slot_size;
    return slots < 1 ? 1 : slots < transfer.slots / 4 ? slots : transfer.slots / 4;
}

static void tell(atomic_uint *index, unsigned value, atomic_uint *flag)
{
    atomic_store(index, value);
    wake(flag);
}

static char *slot_at(unsigned index)
{
    return ring.data + (size_t)(index & (transfer.slots - 1)) * ring.slot_size;
}

static void *produce(void *unused)
{
    unsigned tail = 0, told = 0, head = 0, at_once = slots_at_once();
    size_t n;
    (void)unused;
    for (;;) {
        if (tail - head == transfer.slots) {
            tell(&ring.tail, told = tail, &ring.consumer_waits);
            head = wait_for(&ring.head, head, &ring.producer_waits);
        }
        if ((n = read_device(slot_at(tail), transfer.buffer_size)) == 0)
            break;
        ring.lengths[tail & (transfer.slots - 1)] = n;
        if (++tail - told >= at_once)
            tell(&ring.tail, told = tail, &ring.consumer_waits);
    }
    atomic_store(&ring.tail, tail);
    atomic_store(&ring.closed, 1);
    wake(&ring.consumer_waits);
    return NULL;
}

static void *consume(void *unused)
{
    unsigned tail = 0, head = 0, told = 0, at_once = slots_at_once();
    (void)unused;
    for (;;) {
        if (head == tail) {
            tell(&ring.head, told = head, &ring.producer_waits);
            tail = wait_for(&ring.tail, tail, &ring.consumer_waits);
            /* Closed comes after the last slot: look once more before believing it. */
            if (head == tail && (tail = atomic_load(&ring.tail)) == head)
                break;
        }
        write_device(slot_at(head), ring.lengths[head & (transfer.slots - 1)]);
        if (++head - told >= at_once)
            tell(&ring.head, told = head, &ring.producer_waits);
    }
    return NULL;
}

const struct way ring_way = { prepare, produce, consume, 0 };
