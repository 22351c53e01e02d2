import { createHash } from "node:crypto";
import type { DeviceImage } from "../../core/device/mod.ts";
import { ERRNO, pread, regionOf } from "../../core/libc/mod.ts";

const BLOCK = 256 * 1024;
const PAGE = 4096;

/**
 * Hashes an image from a part of it on, from a page's beginning.
 *
 * @param part From 0 to 1
 * @throws {Error} where it cannot be read
 */
export function digestFrom({ fd, length }: DeviceImage, part: number): string {
  const block = regionOf(new ArrayBuffer(BLOCK));
  const hash = createHash("sha256");
  for (let offset = Math.floor(length * part / PAGE) * PAGE; offset < length;) {
    const n = pread(fd, block.pointer, Math.min(BLOCK, length - offset), offset);
    if (n === -ERRNO.EINTR) continue;
    if (n <= 0) throw new Error(`Cannot read a state at ${offset}: received ${n}`);
    hash.update(block.bytes.subarray(0, n));
    offset += n;
  }
  return hash.digest("hex");
}
