/*
 * The harness's way over a stream: as many system calls for a buffer, of the same lengths.
 *
 *     sender     read(device -> buffer)    writev(head | buffer)
 *     receiver   readv(what is left of the buffer | the next head)    write(buffer -> device)
 *
 * What has come of a buffer is written at once; nothing is copied but by the kernel.
 */
#include "twin.h"

static char *send_buffer, *receive_buffer;

static void prepare(void)
{
    if (send_buffer == NULL)
        send_buffer = make_buffer(transfer.buffer_size);
    if (receive_buffer == NULL)
        receive_buffer = make_buffer(transfer.buffer_size);
}

static void write_both(char *head, char *buffer, size_t length)
{
    struct iovec parts[2] = { { head, HEAD }, { buffer, length } };
    for (int at = 0; at < 2;) {
        ssize_t n = writev(transfer.sending_fd, parts + at, 2 - at);
        if (n < 0)
            die("write to the channel");
        for (; at < 2 && (size_t)n >= parts[at].iov_len; at++)
            n -= parts[at].iov_len;
        if (at < 2) {
            parts[at].iov_base = (char *)parts[at].iov_base + n;
            parts[at].iov_len -= n;
        }
    }
}

static void *send_buffers(void *unused)
{
    char head[HEAD];
    size_t n;
    (void)unused;
    while ((n = read_device(send_buffer, transfer.buffer_size)) > 0) {
        put_head(head, n);
        write_both(head, send_buffer, n);
    }
    close(transfer.sending_fd);
    return NULL;
}

static size_t read_both(char *first, size_t first_size, char *second, size_t second_size)
{
    struct iovec parts[2] = { { first, first_size }, { second, second_size } };
    ssize_t n = readv(transfer.receiving_fd, parts, 2);
    if (n < 0)
        die("read from the channel");
    return n;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void *receive_buffers(void *unused)
{
    char head[HEAD];
    size_t have = 0, left = 0; /* what has come of the next head, and what has not of the present buffer */
    (void)unused;
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
            break;
        if (have == HEAD)
            have = 0;
        write_device(receive_buffer, part);
    }
    close(transfer.receiving_fd);
    return NULL;
}

const struct way stream_way = { prepare, send_buffers, receive_buffers };
