/*
 * QEMU's path of a device's bytes, as its main channel has it (vfio_save_block, qemu_put_buffer, qemu_fflush;
 * qemu_fill_buffer, qemu_file_get_to_fd):
 *
 *     source        read(device -> data buffer)   copied piece by piece into 32 KiB   write(32 KiB)
 *     destination   read(up to 32 KiB)            write(from there -> device)
 *
 * The destination's side has no copy in user space: QEMU writes the device straight from the stream's buffer.
 */
#include "twin.h"

enum { IO_BUF_SIZE = 32 * 1024, MALLOC_HEAD = 16 };

/* A QEMUFile, in one direction. */
struct file {
    char *bytes;
    size_t index, size;
};

static char *data_buffer;
static struct file out, in;

/* QEMU's are from malloc(3), which gives large ones 16 bytes past a page. */
static char *malloc_buffer(size_t size)
{
    return make_buffer(size) + MALLOC_HEAD;
}

static void prepare(void)
{
    if (data_buffer == NULL) {
        data_buffer = malloc_buffer(transfer.buffer_size);
        out.bytes = malloc_buffer(IO_BUF_SIZE);
        in.bytes = malloc_buffer(IO_BUF_SIZE);
    }
    out.index = in.index = in.size = 0;
}

static void flush(struct file *f)
{
    for (size_t done = 0; done < f->index;) {
        struct iovec rest = { f->bytes + done, f->index - done };
        ssize_t n = writev(transfer.sending_fd, &rest, 1);
        if (n < 0)
            die("write to the channel");
        done += n;
    }
    f->index = 0;
}

static void put_buffer(struct file *f, const char *from, size_t size)
{
    while (size > 0) {
        size_t room = IO_BUF_SIZE - f->index, n = size < room ? size : room;
        memcpy(f->bytes + f->index, from, n);
        f->index += n;
        from += n;
        size -= n;
        if (f->index == IO_BUF_SIZE)
            flush(f);
    }
}

/* Reads on, behind what has not been taken yet; how much is there then. */
static size_t fill(struct file *f)
{
    size_t pending = f->size - f->index;
    memmove(f->bytes, f->bytes + f->index, pending);
    ssize_t n = read(transfer.receiving_fd, f->bytes + pending, IO_BUF_SIZE - pending);
    if (n < 0)
        die("read from the channel");
    f->index = 0;
    f->size = pending + n;
    return n;
}

static bool get_head(struct file *f, char head[HEAD])
{
    while (f->size - f->index < HEAD)
        if (fill(f) == 0)
            return false;
    memcpy(head, f->bytes + f->index, HEAD);
    f->index += HEAD;
    return true;
}

static void get_to_device(struct file *f, size_t size)
{
    while (size > 0) {
        size_t pending = f->size - f->index, n = size < pending ? size : pending;
        if (pending == 0) {
            if (fill(f) == 0)
                die("read a whole record");
            continue;
        }
        write_device(f->bytes + f->index, n);
        f->index += n;
        size -= n;
    }
}

static void *save(void *unused)
{
    char head[HEAD];
    size_t n;
    (void)unused;
    while ((n = read_device(data_buffer, transfer.buffer_size)) > 0) {
        put_head(head, n);
        put_buffer(&out, head, HEAD);
        put_buffer(&out, data_buffer, n);
    }
    flush(&out);
    close(transfer.sending_fd);
    return NULL;
}

static void *load(void *unused)
{
    char head[HEAD];
    (void)unused;
    while (get_head(&in, head))
        get_to_device(&in, head_length(head));
    close(transfer.receiving_fd);
    return NULL;
}

const struct way qemu_way = { prepare, save, load, 0 };
