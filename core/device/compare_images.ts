import { ERRNO, memcmp, pread, regionOf } from "../libc/mod.ts";
import type { DeviceImage } from "./device.ts";
import { differenceOf } from "./replayed/stream_check.ts";

const BLOCK = 4 * 1024 * 1024;

/**
 * Compares what two devices hold, byte for byte. Returns -1 where it is the same, else the offset of the
 * first block that differs, or of the end of the shorter one. Throws where an image cannot be read: then
 * nothing is known.
 *
 * Where `b` compared its bytes itself, as they came, its verdict holds.
 */
export function compareImages(a: DeviceImage, b: DeviceImage): number {
  if (b.checked !== undefined && a.length === b.length) return differenceOf(b.checked, b.length);
  const left = regionOf(new ArrayBuffer(BLOCK));
  const right = regionOf(new ArrayBuffer(BLOCK));
  const length = Math.min(a.length, b.length);
  for (let offset = 0; offset < length; offset += BLOCK) {
    const n = Math.min(BLOCK, length - offset);
    readBlock(a.fd, left.pointer, n, offset);
    readBlock(b.fd, right.pointer, n, offset);
    if (memcmp(left.pointer, right.pointer, n) !== 0) return offset;
  }
  return a.length === b.length ? -1 : length;
}

function readBlock(fd: number, pointer: Deno.PointerObject, length: number, offset: number): void {
  let n: number;
  do n = pread(fd, pointer, length, offset); while (n === -ERRNO.EINTR);
  if (n !== length) {
    throw new Error(`Cannot read a device's state at ${offset}: received ${n} of ${length} bytes`);
  }
}
