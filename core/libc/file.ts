import { toCString } from "./c_string.ts";
import { ERRNO } from "./errno.ts";
import { crossOutFd, noteFd } from "./fd_ledger.ts";
import { libc, orErrno, setupLibc } from "./library.ts";

/** Flags of {@linkcode open}: those whose value is the same on x86-64 and arm64. */
export const OPEN = {
  O_RDONLY: 0,
  O_WRONLY: 0o1,
  O_RDWR: 0o2,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_TRUNC: 0o1000,
  O_NONBLOCK: 0o4000,
  O_CLOEXEC: 0o2000000,
} as const;

/** From where {@linkcode lseek} counts. */
export const SEEK = { SEEK_SET: 0, SEEK_CUR: 1, SEEK_END: 2 } as const;

/** Modes of {@linkcode fallocate}; 0 allocates and grows the file. */
export const FALLOC = { FALLOC_FL_KEEP_SIZE: 1, FALLOC_FL_PUNCH_HOLE: 2 } as const;

const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;

/**
 * open(2). `O_CLOEXEC` is always added, as everywhere in this folder: no child process inherits a
 * data_fd.
 *
 * @param path A path without NUL, else -EINVAL.
 * @param flags {@linkcode OPEN} values, or-ed.
 * @param mode Permissions of a file that `O_CREAT` makes, before the umask.
 * @returns The fd, or a negative errno.
 */
export function open(path: string, flags: number, mode = 0o666): number {
  const bytes = toCString(path);
  if (bytes === null) return -ERRNO.EINVAL;
  return noteFd(orErrno(setupLibc().open(bytes, flags | OPEN.O_CLOEXEC, mode)));
}

/**
 * close(2). Not to be repeated after -EINTR or -EIO: Linux has let go of the fd by then.
 *
 * @returns 0, or a negative errno.
 */
export function close(fd: number): number {
  crossOutFd(fd);
  return orErrno(libc().close(fd));
}

/**
 * lseek(2).
 *
 * @param offset In bytes; any integer, below 2^53 either way.
 * @param whence One of {@linkcode SEEK}.
 * @returns The new position in bytes from the start, or a negative errno (-ESPIPE where there is no
 * position, as on a data_fd).
 */
export function lseek(fd: number, offset: number, whence: number): number {
  if (!Number.isSafeInteger(offset)) return -ERRNO.EINVAL;
  return orErrno(Number(libc().lseek(fd, BigInt(offset), whence)));
}

/**
 * ftruncate(2): makes a file exactly `length` bytes long.
 *
 * @returns 0, or a negative errno.
 */
export function ftruncate(fd: number, length: number): number {
  if (!Number.isSafeInteger(length)) return -ERRNO.EINVAL;
  return orErrno(setupLibc().ftruncate(fd, BigInt(length)));
}

/**
 * fallocate(2): gives a range of a file its storage now, so that writing there cannot run out of it.
 *
 * @param mode 0, or {@linkcode FALLOC} values or-ed.
 * @param offset Start of the range in bytes.
 * @param length Bytes in the range.
 * @returns 0, or a negative errno.
 */
export function fallocate(fd: number, mode: number, offset: number, length: number): number {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length)) return -ERRNO.EINVAL;
  return orErrno(libc().fallocate(fd, mode, BigInt(offset), BigInt(length)));
}

/**
 * A second fd for the same open file, closed on exec.
 *
 * @returns The lowest free fd, or a negative errno.
 */
export function dup(fd: number): number {
  return noteFd(orErrno(libc().fcntl(fd, F_DUPFD_CLOEXEC, 0)));
}

/**
 * Switches `O_NONBLOCK`, which belongs to the open file: every {@linkcode dup} of it switches too.
 *
 * @returns 0, or a negative errno.
 */
export function setNonBlocking(fd: number, on: boolean): number {
  const flags = orErrno(libc().fcntl(fd, F_GETFL, 0));
  if (flags < 0) return flags;
  const wanted = on ? flags | OPEN.O_NONBLOCK : flags & ~OPEN.O_NONBLOCK;
  return orErrno(libc().fcntl(fd, F_SETFL, wanted));
}

/**
 * A pipe.
 *
 * @returns The fd to read from and the fd to write to, or a negative errno.
 */
export function pipe(): [readFd: number, writeFd: number] | number {
  const fds = new Int32Array(2);
  const result = orErrno(setupLibc().pipe2(fds, OPEN.O_CLOEXEC));
  return result < 0 ? result : [noteFd(fds[0] ?? -1), noteFd(fds[1] ?? -1)];
}

/**
 * rename(2): the file that had the new name is gone, and there is no moment without one of that name.
 *
 * @returns 0, or a negative errno (-EXDEV between file systems).
 */
export function rename(from: string, to: string): number {
  const [old, fresh] = [toCString(from), toCString(to)];
  if (old === null || fresh === null) return -ERRNO.EINVAL;
  return orErrno(setupLibc().rename(old, fresh));
}

/**
 * unlink(2): takes a file's name away.
 *
 * @returns 0, or a negative errno.
 */
export function unlink(path: string): number {
  const name = toCString(path);
  return name === null ? -ERRNO.EINVAL : orErrno(setupLibc().unlink(name));
}
