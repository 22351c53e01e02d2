/*
 * The harness's way over a stream: as many system calls, of the same lengths.
 *
 *     sender     read(device -> buffer)                           writev(head | buffer)
 *     receiver   readv(what is left of the buffer | next head)    write(buffer -> device)
 *
 * What has come of a buffer is written at once; nothing is copied but by the kernel. As many small buffers as make
 * 64 KiB go out in one call, and are read in one, from where they are written one by one.
 */
#include "twin.h"

#include <stdlib.h>

enum { AT_ONCE = 64 * 1024 };

static size_t places; /* how many buffers go out in one call */
static size_t receive_size;
static char *send_buffers, *receive_buffer;
static char (*heads)[HEAD];
static struct iovec *parts;

static void prepare(void)
{
    if (send_buffers != NULL)
        return;
    places = transfer.buffer_size < AT_ONCE ? AT_ONCE / transfer.buffer_size : 1;
    receive_size = places * (transfer.buffer_size + HEAD);
    send_buffers = make_buffer(places * transfer.buffer_size);
    receive_buffer = make_buffer(receive_size);
    heads = calloc(places, sizeof *heads);
    parts = calloc(2 * places, sizeof *parts);
    if (heads == NULL || parts == NULL)
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

static size_t read_both(char *first, size_t first_size, char *second, size_t second_size)
{
    struct iovec both[2] = { { first, first_size }, { second, second_size } };
    ssize_t n = readv(transfer.receiving_fd, both, 2);
    if (n < 0)
        die("read from the channel");
    return n;
}

static void receive_each(void)
{
    char head[HEAD];
    size_t have = 0, left = 0; /* what has come of the next head, and what has not of the present buffer */
    for (;;) {
        size_t n, part;
        if (left > 0) {
            n = read_both(receive_buffer, left, head, HEAD);
            part = smaller(n, left);
            left -= part;
            have = n - part;
            if (have == HEAD)
                left = head_length(head);
        } else {
            n = read_both(head + have, HEAD - have, receive_buffer, transfer.buffer_size);
            part = n - smaller(n, HEAD - have);
            have += n - part;
            if (have == HEAD)
                left = head_length(head) - part;
        }
        if (n == 0)
            return;
        if (have == HEAD)
            have = 0;
        write_device(receive_buffer, part);
    }
}

static void receive_ahead(void)
{
    char head[HEAD];
    size_t have = 0, left = 0;
    for (;;) {
        ssize_t n = read(transfer.receiving_fd, receive_buffer, receive_size);
        if (n < 0)
            die("read from the channel");
        if (n == 0)
            return;
        for (size_t at = 0, end = n; at < end;) {
            size_t part = smaller(left > 0 ? left : HEAD - have, end - at);
            if (left > 0) {
                write_device(receive_buffer + at, part);
                left -= part;
            } else {
                memcpy(head + have, receive_buffer + at, part);
                have += part;
                if (have == HEAD) {
                    left = head_length(head);
                    have = 0;
                }
            }
            at += part;
        }
    }
}

static void *receive_all(void *unused)
{
    (void)unused;
    if (places > 1)
        receive_ahead();
    else
        receive_each();
    close(transfer.receiving_fd);
    return NULL;
}

const struct way stream_way = { prepare, send_all, receive_all, 512 * 1024 };
