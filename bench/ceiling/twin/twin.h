/* What every way of moving the state has in common; main.c says what the program is. */
#ifndef TWIN_H
#define TWIN_H

#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGE = 4096, HEAD = 16 };

/* What is moved, and how: set before the threads are started. */
struct transfer {
    int source_fd, destination_fd;
    /* The channel's ends, where it is no ring. */
    int sending_fd, receiving_fd;
    size_t buffer_size, total_bytes;
    unsigned slots;
    int send_queue;
};
extern struct transfer transfer;

/* The two threads of a way. `prepare` makes it ready for a transfer, before anything is timed. */
struct way {
    void (*prepare)(void);
    void *(*send)(void *unused);
    void *(*receive)(void *unused);
    /* SO_SNDBUF of a unix socket, in bytes; 0 = the kernel's. */
    int send_queue;
};
extern const struct way ring_way, stream_way, qemu_way;

_Noreturn void die(const char *what);

/* Touched memory that starts on a page, and one page more than was asked for. */
char *make_buffer(size_t size);

/* One read(2) of the source device; 0 at the end of its state. */
size_t read_device(char *to, size_t size);
/* As many write(2)s of the destination device as it takes. */
void write_device(const char *from, size_t size);

/* A record's head: what it is, and how long. */
void put_head(char head[HEAD], uint64_t length);
uint64_t head_length(const char head[HEAD]);

#endif
