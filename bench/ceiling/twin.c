/*
 * The C twin of the ring data path: what this machine can do when the same system calls are made by two
 * threads of C over a ring of the same shape.
 *
 *     memfd --read(2)--> slot | ring | slot --write(2)--> memfd
 *            producer thread            consumer thread
 *
 * What could favour one side is made the same: slots at multiples of 4096 in a buffer that starts 16 bytes
 * past a page (as a large SharedArrayBuffer does: page-aligned copies run a few percent apart), head and
 * tail 128 bytes apart, the peer's index cached, a spin of the same length before parking on a futex, a
 * waiting flag so that an awake peer costs no system call.
 *
 * cc -O2 -pthread twin.c -o twin
 * ./twin --buffer-size N --slots N --bytes N --repeat K [--verify]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, SAB_OFFSET = 16, SPINS = 100 };

/* Indexes count slots for ever; a slot's place is the index modulo the slot count, a power of two. */
struct ring {
    _Alignas(128) atomic_uint tail;
    _Alignas(128) atomic_uint head;
    _Alignas(128) atomic_uint producer_waits;
    atomic_uint consumer_waits;
    atomic_uint closed;
    unsigned slots;
    size_t slot_size;
    uint32_t *lengths;
    char *data;
};

static struct ring ring;
static int source_fd, destination_fd;
static size_t buffer_size = 1 << 20, total_bytes = 1 << 30;

static void die(const char *what)
{
    fprintf(stderr, "twin: cannot %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Parks while *index still is `seen`; bounded, so that a lost wake-up costs little. */
static void park(atomic_uint *flag, atomic_uint *index, unsigned seen)
{
    struct timespec slice = { 0, 50 * 1000 * 1000 };
    atomic_store(flag, 1);
    if (atomic_load(index) == seen && !atomic_load(&ring.closed))
        syscall(SYS_futex, index, FUTEX_WAIT_PRIVATE, seen, &slice, NULL, 0);
    atomic_store(flag, 0);
}

static void wake(atomic_uint *flag, atomic_uint *index)
{
    if (atomic_load(flag))
        syscall(SYS_futex, index, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Waits until *index is no longer `seen`, or the ring is closed; the index. */
static unsigned wait_for(atomic_uint *index, unsigned seen, atomic_uint *flag)
{
    unsigned value;
    for (int i = 0; i < SPINS; i++) {
        if ((value = atomic_load_explicit(index, memory_order_acquire)) != seen)
            return value;
        relax();
    }
    while ((value = atomic_load(index)) == seen && !atomic_load(&ring.closed))
        park(flag, index, seen);
    return value;
}

static char *slot_at(unsigned index)
{
    return ring.data + (size_t)(index & (ring.slots - 1)) * ring.slot_size;
}

static void *produce(void *unused)
{
    unsigned tail = 0, head = 0;
    (void)unused;
    for (;;) {
        if (tail - head == ring.slots)
            head = wait_for(&ring.head, head, &ring.producer_waits);
        ssize_t n = read(source_fd, slot_at(tail), buffer_size);
        if (n < 0)
            die("read");
        if (n == 0)
            break;
        ring.lengths[tail & (ring.slots - 1)] = n;
        atomic_store(&ring.tail, ++tail);
        wake(&ring.consumer_waits, &ring.tail);
    }
    atomic_store(&ring.closed, 1);
    syscall(SYS_futex, &ring.tail, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    return NULL;
}

static void *consume(void *unused)
{
    unsigned tail = 0, head = 0;
    (void)unused;
    for (;;) {
        if (head == tail) {
            tail = wait_for(&ring.tail, tail, &ring.consumer_waits);
            /* Closed comes after the last slot: look once more before believing it. */
            if (head == tail && (tail = atomic_load(&ring.tail)) == head)
                break;
        }
        size_t length = ring.lengths[head & (ring.slots - 1)], done = 0;
        while (done < length) {
            ssize_t n = write(destination_fd, slot_at(head) + done, length - done);
            if (n < 0)
                die("write");
            done += n;
        }
        atomic_store(&ring.head, ++head);
        wake(&ring.producer_waits, &ring.head);
    }
    return NULL;
}

static int state(const char *name, int fill)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0)
        die("make a memfd");
    if ((errno = posix_fallocate(fd, 0, total_bytes)) != 0)
        die("allocate a state");
    /* Allocated pages are not yet touched ones: the destination is written to as well, with zeros. */
    static char block[1 << 20];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = fill ? (char)(i * 31 + i / PAGE + 1) : 0;
    for (size_t at = 0; at < total_bytes; at += sizeof block) {
        size_t n = total_bytes - at < sizeof block ? total_bytes - at : sizeof block;
        if (pwrite(fd, block, n, at) != (ssize_t)n)
            die("fill a state");
    }
    return fd;
}

static void verify(void)
{
    void *a = mmap(NULL, total_bytes, PROT_READ, MAP_SHARED, source_fd, 0);
    void *b = mmap(NULL, total_bytes, PROT_READ, MAP_SHARED, destination_fd, 0);
    if (a == MAP_FAILED || b == MAP_FAILED)
        die("map a state");
    if (memcmp(a, b, total_bytes) != 0) {
        fprintf(stderr, "twin: the destination's bytes differ\n");
        exit(1);
    }
}

static double transfer(void)
{
    pthread_t producer, consumer;
    atomic_store(&ring.tail, 0);
    atomic_store(&ring.head, 0);
    atomic_store(&ring.closed, 0);
    lseek(source_fd, 0, SEEK_SET);
    lseek(destination_fd, 0, SEEK_SET);
    double began = now_s();
    if (pthread_create(&consumer, NULL, consume, NULL) || pthread_create(&producer, NULL, produce, NULL))
        die("start a thread");
    pthread_join(producer, NULL);
    pthread_join(consumer, NULL);
    return now_s() - began;
}

int main(int argc, char **argv)
{
    unsigned repeat = 1;
    int check = 0;
    ring.slots = 8;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--verify") == 0) {
            check = 1;
            continue;
        }
        unsigned long long value = i + 1 < argc ? strtoull(argv[i + 1], NULL, 10) : 0;
        if (value == 0) {
            fprintf(stderr, "twin: cannot take %s: it needs a number above 0\n", argv[i]);
            return 1;
        }
        if (strcmp(argv[i], "--buffer-size") == 0) buffer_size = value;
        else if (strcmp(argv[i], "--slots") == 0) ring.slots = value;
        else if (strcmp(argv[i], "--bytes") == 0) total_bytes = value;
        else if (strcmp(argv[i], "--repeat") == 0) repeat = value;
        else {
            fprintf(stderr, "twin: there is no %s\n", argv[i]);
            return 1;
        }
        i++;
    }
    ring.slot_size = (buffer_size + PAGE - 1) / PAGE * PAGE;
    ring.lengths = calloc(ring.slots, sizeof *ring.lengths);
    char *memory = mmap(NULL, ring.slots * ring.slot_size + PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED || ring.lengths == NULL)
        die("make a ring");
    ring.data = memory + SAB_OFFSET;
    source_fd = state("source", 1);
    destination_fd = state("destination", 0);
    for (unsigned i = 0; i < repeat; i++) {
        double seconds = transfer();
        if (check)
            verify();
        printf("{\"buffer_size\":%zu,\"slots\":%u,\"bytes\":%zu,\"seconds\":%.9f,\"bytes_per_s\":%.0f}\n",
               buffer_size, ring.slots, total_bytes, seconds, total_bytes / seconds);
        fflush(stdout);
    }
    return 0;
}
