/*
 * C twins of the harness and of QEMU: what this machine can do when two threads of C move the same bytes.
 *
 *     memfd --read(2)--> thread --> channel --> thread --write(2)--> memfd
 *
 * --way ring     a ring of slots in memory (ring.c)
 * --way stream   the harness's system calls on a stream (stream.c)
 * --way qemu     QEMU's path of a device's bytes, through a QEMUFile of 32 KiB (qemu.c)
 * --channel      what carries a stream: unix (a socket pair), tcp (the loopback), pipe
 *
 * cc -O2 -pthread *.c -o twin
 * ./twin --way stream --channel unix --buffer-size N --slots N --bytes N --repeat K [--verify]
 *
 * Prints a line of JSON for each repetition. Threads and channels are made before the clock is started and pages are
 * touched, but for what pthread_create(3) takes (some 20 us).
 */
#include "twin.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

struct transfer transfer = { .buffer_size = 1 << 20, .total_bytes = 1 << 30, .slots = 8 };

_Noreturn void die(const char *what)
{
    fprintf(stderr, "twin: cannot %s: %s\n", what, strerror(errno));
    exit(1);
}

char *make_buffer(size_t size)
{
    char *memory = mmap(NULL, size + PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        die("make a buffer");
    return memory;
}

size_t read_device(char *to, size_t size)
{
    ssize_t n = read(transfer.source_fd, to, size);
    if (n < 0)
        die("read the device");
    return n;
}

void write_device(const char *from, size_t size)
{
    while (size > 0) {
        ssize_t n = write(transfer.destination_fd, from, size);
        if (n < 0)
            die("write the device");
        from += n;
        size -= n;
    }
}

/* The tag of a DATA record, then its size: big-endian, as QEMU has it. */
void put_head(char head[HEAD], uint64_t length)
{
    uint64_t words[2] = { __builtin_bswap64(0xffffffffef100004), __builtin_bswap64(length) };
    memcpy(head, words, HEAD);
}

uint64_t head_length(const char head[HEAD])
{
    uint64_t length;
    memcpy(&length, head + 8, sizeof length);
    return __builtin_bswap64(length);
}

/* A device's state as the harness makes it: a memfd, allocated, then written to, so that every page is there. */
static int make_state(const char *name, bool fill)
{
    static char block[1 << 20];
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0)
        die("make a memfd");
    if ((errno = posix_fallocate(fd, 0, transfer.total_bytes)) != 0)
        die("allocate a state");
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = fill ? (char)(i * 31 + i / PAGE + 1) : 0;
    for (size_t at = 0; at < transfer.total_bytes; at += sizeof block) {
        size_t left = transfer.total_bytes - at, n = left < sizeof block ? left : sizeof block;
        if (pwrite(fd, block, n, at) != (ssize_t)n)
            die("fill a state");
    }
    return fd;
}

static void verify(void)
{
    size_t size = transfer.total_bytes;
    void *a = mmap(NULL, size, PROT_READ, MAP_SHARED, transfer.source_fd, 0);
    void *b = mmap(NULL, size, PROT_READ, MAP_SHARED, transfer.destination_fd, 0);
    if (a == MAP_FAILED || b == MAP_FAILED)
        die("map a state");
    if (memcmp(a, b, size) != 0) {
        fprintf(stderr, "twin: the destination's bytes differ\n");
        exit(1);
    }
    munmap(a, size);
    munmap(b, size);
}

static void open_pipe(void)
{
    int ends[2];
    if (pipe(ends) < 0)
        die("make a pipe");
    transfer.receiving_fd = ends[0];
    transfer.sending_fd = ends[1];
}

static void open_unix(void)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        die("make a socket pair");
    if (transfer.send_queue > 0)
        setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &transfer.send_queue, sizeof transfer.send_queue);
    transfer.sending_fd = ends[0];
    transfer.receiving_fd = ends[1];
}

static void open_tcp(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    int on = 1, listening = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
    if (listening < 0 || fd < 0 || bind(listening, (struct sockaddr *)&address, size) < 0 ||
        listen(listening, 1) < 0 || getsockname(listening, (struct sockaddr *)&address, &size) < 0 ||
        connect(fd, (struct sockaddr *)&address, size) < 0)
        die("connect over the loopback");
    transfer.sending_fd = fd;
    transfer.receiving_fd = accept(listening, NULL, NULL);
    if (transfer.receiving_fd < 0)
        die("accept over the loopback");
    close(listening);
    setsockopt(transfer.sending_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(transfer.receiving_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double time_transfer(const struct way *way)
{
    pthread_t sender, receiver;
    way->prepare();
    lseek(transfer.source_fd, 0, SEEK_SET);
    lseek(transfer.destination_fd, 0, SEEK_SET);
    double began = now_s();
    if (pthread_create(&receiver, NULL, way->receive, NULL) || pthread_create(&sender, NULL, way->send, NULL))
        die("start a thread");
    pthread_join(sender, NULL);
    pthread_join(receiver, NULL);
    return now_s() - began;
}

static _Noreturn void refuse(const char *what, const char *value)
{
    fprintf(stderr, "twin: cannot take %s %s\n", what, value);
    exit(1);
}

static const struct way *way_named(const char *name)
{
    if (strcmp(name, "ring") == 0) return &ring_way;
    if (strcmp(name, "stream") == 0) return &stream_way;
    if (strcmp(name, "qemu") == 0) return &qemu_way;
    refuse("--way", name);
}

static void (*channel_named(const char *name))(void)
{
    if (strcmp(name, "unix") == 0) return open_unix;
    if (strcmp(name, "tcp") == 0) return open_tcp;
    if (strcmp(name, "pipe") == 0) return open_pipe;
    refuse("--channel", name);
}

static size_t number(const char *option, const char *text)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (value == 0 || *end != 0)
        refuse(option, text);
    return value;
}

int main(int argc, char **argv)
{
    const struct way *way = &ring_way;
    void (*open_channel)(void) = open_unix;
    size_t repeat = 1;
    bool verified = false;
    for (int i = 1; i < argc; i++) {
        const char *option = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(option, "--verify") == 0) {
            verified = true;
            continue;
        }
        if (strcmp(option, "--way") == 0) way = way_named(value);
        else if (strcmp(option, "--channel") == 0) open_channel = channel_named(value);
        else if (strcmp(option, "--buffer-size") == 0) transfer.buffer_size = number(option, value);
        else if (strcmp(option, "--slots") == 0) transfer.slots = number(option, value);
        else if (strcmp(option, "--bytes") == 0) transfer.total_bytes = number(option, value);
        else if (strcmp(option, "--repeat") == 0) repeat = number(option, value);
        else refuse(option, "");
        i++;
    }
    transfer.send_queue = way->send_queue;
    transfer.source_fd = make_state("source", true);
    transfer.destination_fd = make_state("destination", false);
    for (size_t i = 0; i < repeat; i++) {
        if (way != &ring_way)
            open_channel();
        double seconds = time_transfer(way);
        if (verified)
            verify();
        printf("{\"bytes\":%zu,\"seconds\":%.9f}\n", transfer.total_bytes, seconds);
        fflush(stdout);
    }
    return 0;
}
