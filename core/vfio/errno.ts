/**
 * The error numbers that the migration protocol gives a meaning to.
 *
 * Functions shaped like system calls return them negated, as the kernel does.
 *
 * @module
 */

/** Linux error numbers, by name; the same on x86-64 and arm64. */
export const ERRNO = {
  /** More DMA logging ranges than fit in a page. */
  E2BIG: 7,
  /** A write on the read end, or a read on the write end. */
  EBADF: 9,
  /** O_NONBLOCK, and the device is still preparing data. */
  EAGAIN: 11,
  /** A record too large for the device that should load it. */
  ENOMEM: 12,
  /** A pointer that the kernel cannot copy through. */
  EFAULT: 14,
  /** The data transfer session is over, or its file was disabled. */
  ENODEV: 19,
  /** A transition, state, flag or size that makes no sense; data that RESUMING -> STOP refuses. */
  EINVAL: 22,
  /** The driver does not have this feature or ioctl. */
  ENOTTY: 25,
  /** pread or pwrite with an offset: a data_fd is a stream. */
  ESPIPE: 29,
  /** Nothing to read now, more may come: the end of the stream for the time being. */
  ENOMSG: 42,
  /** A DMA range that wraps around. */
  EOVERFLOW: 75,
  /** A mandatory record that the device does not know. */
  EOPNOTSUPP: 95,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ERRNO).map(([name, number]) => [number, name]),
);

/**
 * The name of an error number.
 *
 * @param errno An error number, positive or negated
 * @returns Its name, or `errno N` for one that is not in {@linkcode ERRNO}
 */
export function errnoName(errno: number): string {
  const number = Math.abs(errno);
  return NAMES.get(number) ?? `errno ${number}`;
}
