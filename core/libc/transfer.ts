import { ERRNO } from "./errno.ts";
import { lastErrno, libc, orErrno } from "./library.ts";

// The most that the kernel moves in one call, whatever is asked. Asking for no more keeps the length
// and the result inside 32 bits, where the FFI is fast: a longer one would lose its upper bits.
const MAX_RW_COUNT = 0x7ffff000;

/**
 * read(2). The hot path: no allocation, a few nanoseconds above the system call.
 *
 * @param pointer Where the bytes go. Nothing checks that `length` bytes are there.
 * @param length In bytes, >= 0. At most 0x7ffff000 are read in one call.
 * @returns Bytes read, 0 at the end, or a negative errno.
 */
export function read(fd: number, pointer: Deno.PointerValue, length: number): number {
  const result = libc().read(fd, pointer, length > MAX_RW_COUNT ? MAX_RW_COUNT : length);
  return result < 0 ? -lastErrno() : result;
}

/**
 * write(2). The hot path, like {@linkcode read}. A socket or pipe whose reader is gone gives -EPIPE;
 * Deno ignores SIGPIPE.
 *
 * @param pointer Where the bytes come from. Nothing checks that `length` bytes are there.
 * @param length In bytes, >= 0. At most 0x7ffff000 are written in one call.
 * @returns Bytes written, which can be fewer than asked, or a negative errno.
 */
export function write(fd: number, pointer: Deno.PointerValue, length: number): number {
  const result = libc().write(fd, pointer, length > MAX_RW_COUNT ? MAX_RW_COUNT : length);
  return result < 0 ? -lastErrno() : result;
}

/**
 * readv(2): fills the first `count` entries of an iovec table in order.
 *
 * @param iovecs The `pointer` of a table made by `createIovecs`.
 * @returns Bytes read, 0 at the end, or a negative errno.
 */
export function readv(fd: number, iovecs: Deno.PointerValue, count: number): number {
  const result = libc().readv(fd, iovecs, count);
  return result < 0 ? -lastErrno() : result;
}

/**
 * writev(2): writes the first `count` entries of an iovec table in order.
 *
 * @param iovecs The `pointer` of a table made by `createIovecs`.
 * @returns Bytes written, which can be fewer than the entries hold, or a negative errno.
 */
export function writev(fd: number, iovecs: Deno.PointerValue, count: number): number {
  const result = libc().writev(fd, iovecs, count);
  return result < 0 ? -lastErrno() : result;
}

/**
 * pread(2): reads at `offset` and leaves the file's position alone.
 *
 * @param length In bytes, >= 0. At most 0x7ffff000 are read in one call.
 * @param offset In bytes from the start of the file; any integer below 2^53.
 * @returns Bytes read, 0 at the end, or a negative errno.
 */
export function pread(
  fd: number,
  pointer: Deno.PointerValue,
  length: number,
  offset: number,
): number {
  if (!Number.isSafeInteger(offset)) return -ERRNO.EINVAL;
  return orErrno(libc().pread(fd, pointer, Math.min(length, MAX_RW_COUNT), BigInt(offset)));
}

/**
 * pwrite(2): writes at `offset` and leaves the file's position alone.
 *
 * @param length In bytes, >= 0. At most 0x7ffff000 are written in one call.
 * @param offset In bytes from the start of the file; any integer below 2^53.
 * @returns Bytes written, which can be fewer than asked, or a negative errno.
 */
export function pwrite(
  fd: number,
  pointer: Deno.PointerValue,
  length: number,
  offset: number,
): number {
  if (!Number.isSafeInteger(offset)) return -ERRNO.EINVAL;
  return orErrno(libc().pwrite(fd, pointer, Math.min(length, MAX_RW_COUNT), BigInt(offset)));
}
