/*
 * The harness's way over a stream: as many system calls, of the same lengths.
 *
 *     sender     read(device -> buffer)                           writev(head | buffer)
 *     receiver   readv(what is left of the buffer | next head)    write(buffer -> device)
 *
 * What has come of a buffer is written at once; nothing is copied but by the kernel. Small buffers go out sixteen in one
 * call, or as many as make 128 KiB, and come in with one, each to the start of a buffer of its own, from where they are
 * written one by one:
 *
 *     readv      what is left of buffer 0 | head | buffer 1 | head | ... | buffer n | next head
 */
#include "twin.h"

#include <stdlib.h>

enum { BYTES_AT_ONCE = 128 * 1024, BUFFERS_AT_ONCE = 16 };

static size_t places; /* how many buffers go out in one call */
static char *send_buffers, *receive_buffers;
static char (*heads)[HEAD], (*next_heads)[HEAD];
static struct iovec *parts, *stretches;

static void prepare(void)
{
    if (send_buffers != NULL)
        return;
    places = transfer.buffer_size < BYTES_AT_ONCE ? BYTES_AT_ONCE / transfer.buffer_size : 1;
    if (places > BUFFERS_AT_ONCE)
        places = BUFFERS_AT_ONCE;
    send_buffers = make_buffer(places * transfer.buffer_size);
    receive_buffers = make_buffer(places * transfer.buffer_size);
    heads = calloc(places, sizeof *heads);
    next_heads = calloc(places, sizeof *next_heads);
    parts = calloc(2 * places, sizeof *parts);
    stretches = calloc(2 * places + 1, sizeof *stretches);
    if (heads == NULL || next_heads == NULL || parts == NULL || stretches == NULL)
        die("make buffers");
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void write_parts(size_t count)
{
    for (size_t at = 0; at < count;) {
        ssize_t n = writev(transfer.sending_fd, parts + at, count - at);
        if (n < 0)
            die("write to the channel");
        for (; at < count && (size_t)n >= parts[at].iov_len; at++)
            n -= parts[at].iov_len;
        if (at < count) {
            parts[at].iov_base = (char *)parts[at].iov_base + n;
            parts[at].iov_len -= n;
        }
    }
}

static void *send_all(void *unused)
{
    size_t held = 0, n;
    (void)unused;
    do {
        char *buffer = send_buffers + held * transfer.buffer_size;
        n = read_device(buffer, transfer.buffer_size);
        if (n > 0) {
            put_head(heads[held], n);
            parts[2 * held] = (struct iovec){ heads[held], HEAD };
            parts[2 * held + 1] = (struct iovec){ buffer, n };
            held++;
        }
        if (held == places || n == 0) {
            write_parts(2 * held);
            held = 0;
        }
    } while (n > 0);
    close(transfer.sending_fd);
    return NULL;
}

/* Goes through what came in one call; `left` of the present buffer had not come yet, `have` of the next head had. */
struct receiver {
    size_t left, have;
    char head[HEAD];
};

/* How many bytes there are before the present buffer: of its head, where that has not come. */
static size_t framing(const struct receiver *r)
{
    return r->left > 0 ? 0 : HEAD - r->have;
}

static void take_stretch(struct receiver *r, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t part = smaller(r->left > 0 ? r->left : HEAD - r->have, size - at);
        if (r->left > 0) {
            write_device(bytes + at, part);
            r->left -= part;
        } else {
            memcpy(r->head + r->have, bytes + at, part);
            r->have += part;
            if (r->have == HEAD) {
                r->left = head_length(r->head);
                r->have = 0;
            }
        }
        at += part;
    }
}

/* Where the next bytes are to lie: returns how many stretches of memory that is. */
static size_t ask(const struct receiver *r, char first_head[HEAD])
{
    size_t count = 0, size = transfer.buffer_size, first = framing(r);
    if (first > 0)
        stretches[count++] = (struct iovec){ first_head, first };
    for (size_t i = 0; i < places; i++) {
        size_t length = i == 0 && first == 0 ? smaller(r->left, size) : size;
        stretches[count++] = (struct iovec){ receive_buffers + i * size, length };
        stretches[count++] = (struct iovec){ next_heads[i], HEAD };
    }
    return count;
}

static void *receive_all(void *unused)
{
    struct receiver r = { 0, 0, { 0 } };
    char first_head[HEAD];
    ssize_t n;
    (void)unused;
    while ((n = readv(transfer.receiving_fd, stretches, ask(&r, first_head))) > 0) {
        for (size_t i = 0, behind = n; behind > 0; i++) {
            size_t part = smaller(stretches[i].iov_len, behind);
            take_stretch(&r, stretches[i].iov_base, part);
            behind -= part;
        }
    }
    if (n < 0)
        die("read from the channel");
    close(transfer.receiving_fd);
    return NULL;
}

const struct way stream_way = { prepare, send_all, receive_all, 512 * 1024 };
