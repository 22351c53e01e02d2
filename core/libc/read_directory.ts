import { fromCString } from "./c_string.ts";
import { close, OPEN, open } from "./file.ts";
import { orErrno, setupLibc } from "./library.ts";

const DIRENT_RECLEN = 16;
const DIRENT_NAME = 19;

/**
 * The names in a directory, without "." and "..", in no order. Deno's own call asks for every permission in
 * /sys, /proc and /dev; this one does not.
 *
 * @returns The names, or a negative errno (-ENOTDIR for a file, which is opened to find out).
 */
export function readDirectory(path: string): string[] | number {
  const fd = open(path, OPEN.O_RDONLY);
  if (fd < 0) return fd;
  const entries = new Uint8Array(32768);
  const names: string[] = [];
  for (;;) {
    const length = orErrno(setupLibc().getdents64(fd, entries, entries.byteLength));
    if (length <= 0) {
      close(fd);
      return length < 0 ? length : names;
    }
    takeNames(entries, length, names);
  }
}

/** struct linux_dirent64 { u64 ino; i64 off; u16 reclen; u8 type; char name[]; } */
function takeNames(entries: Uint8Array<ArrayBuffer>, length: number, names: string[]): void {
  const view = new DataView(entries.buffer);
  for (let at = 0; at < length; at += view.getUint16(at + DIRENT_RECLEN, true)) {
    const name = fromCString(entries.subarray(at + DIRENT_NAME));
    if (name !== "." && name !== "..") names.push(name);
  }
}
