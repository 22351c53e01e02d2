import { toCString } from "./c_string.ts";
import { ERRNO } from "./errno.ts";
import { noteFd } from "./fd_ledger.ts";
import { libc, orErrno } from "./library.ts";

const MFD_CLOEXEC = 1;

/**
 * memfd_create(2): an empty file in memory, gone with its last fd.
 *
 * @param name What /proc shows; at most 249 bytes without NUL, else -EINVAL. Need not be unique.
 * @returns The fd, or a negative errno.
 */
export function memfdCreate(name: string): number {
  const bytes = toCString(name);
  if (bytes === null) return -ERRNO.EINVAL;
  return noteFd(orErrno(libc().memfd_create(bytes, MFD_CLOEXEC)));
}
