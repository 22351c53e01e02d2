import { close, OPEN, open } from "./file.ts";
import { libc, orErrno } from "./library.ts";

const DIRENT_RECLEN = 16;
const DIRENT_NAME = 19;
const DOT = 46;

/**
 * How many fds this process has open, in all of its threads. Tests use it to prove that none leaks, in
 * a process of their own: test files that run in parallel share one.
 *
 * It reads /proc/self/fd itself, because Deno asks for every permission there.
 *
 * @returns The count, or a negative errno.
 */
export function countOpenFds(): number {
  const fd = open("/proc/self/fd", OPEN.O_RDONLY);
  if (fd < 0) return fd;
  const entries = new DataView(new ArrayBuffer(32768));
  let count = 0;
  for (;;) {
    const length = orErrno(libc().getdents64(fd, entries, entries.byteLength));
    if (length <= 0) {
      close(fd);
      // The directory's own fd was among them.
      return length < 0 ? length : count - 1;
    }
    count += countNames(entries, length);
  }
}

/** Entries but "." and "..": struct dirent64 { u64 ino; i64 off; u16 reclen; u8 type; char name[]; } */
function countNames(entries: DataView, length: number): number {
  let count = 0;
  for (let at = 0; at < length; at += entries.getUint16(at + DIRENT_RECLEN, true)) {
    if (entries.getUint8(at + DIRENT_NAME) !== DOT) count += 1;
  }
  return count;
}
