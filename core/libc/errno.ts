/**
 * Linux error numbers, the same on x86-64 and arm64. A pure table: importing it loads nothing, so
 * simulated devices and the virtual clock answer with the kernel's numbers too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ERRNO, errnoName } from "./errno.ts";
 *
 * assertEquals(errnoName(-ERRNO.ENOMSG), "ENOMSG");
 * ```
 */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  EPIPE: 32,
  ERANGE: 34,
  EDEADLK: 35,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  ENOMSG: 42,
  ENODATA: 61,
  ETIME: 62,
  EPROTO: 71,
  EBADMSG: 74,
  EOVERFLOW: 75,
  ENOTSOCK: 88,
  EDESTADDRREQ: 89,
  EMSGSIZE: 90,
  EPROTOTYPE: 91,
  ENOPROTOOPT: 92,
  EPROTONOSUPPORT: 93,
  EOPNOTSUPP: 95,
  /** Another name of EOPNOTSUPP. */
  ENOTSUP: 95,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENETUNREACH: 101,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  EISCONN: 106,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EALREADY: 114,
  EINPROGRESS: 115,
  ESTALE: 116,
  EREMOTEIO: 121,
  EDQUOT: 122,
  ECANCELED: 125,
  EHWPOISON: 133,
} as const;

/** A name in {@linkcode ERRNO}. */
export type ErrnoName = keyof typeof ERRNO;

const NAMES = new Map<number, string>();
for (const [name, errno] of Object.entries(ERRNO)) {
  // The first of two names is the kernel's own.
  if (!NAMES.has(errno)) NAMES.set(errno, name);
}

/**
 * The kernel's name of an error number.
 *
 * @param errno Positive, or negative as a system call returned it.
 * @returns Such as `"ENOMSG"`, or `"errno 4242"` for a number without a name here.
 */
export function errnoName(errno: number): string {
  const number = Math.abs(errno);
  return NAMES.get(number) ?? `errno ${number}`;
}
