import type { DeviceImage } from "../../core/device/mod.ts";
import { ERRNO, pread, pwrite, regionOf } from "../../core/libc/mod.ts";

const BLOCK = 1024 * 1024;

/**
 * Writes what images hold into others of the same sizes, such as a new source's: it goes on with what arrived at
 * a destination before.
 *
 * @throws {Error} where they are not alike, or cannot be copied
 */
export function carryImages(from: readonly DeviceImage[], to: readonly DeviceImage[]): void {
  const sizes = (images: readonly DeviceImage[]) => images.map(({ length }) => length).join(", ");
  if (sizes(from) !== sizes(to)) {
    throw new Error(
      `Cannot carry a state on into devices of other sizes: received ${sizes(from)} bytes for ${
        sizes(to)
      }`,
    );
  }
  const block = regionOf(new ArrayBuffer(BLOCK));
  for (const [i, { fd, length }] of from.entries()) {
    const target = to[i]?.fd ?? -1;
    for (let offset = 0; offset < length;) {
      const n = pread(fd, block.pointer, Math.min(BLOCK, length - offset), offset);
      if (n === -ERRNO.EINTR) continue;
      const written = n <= 0 ? n : pwrite(target, block.pointer, n, offset);
      if (written <= 0) {
        throw new Error(`Cannot carry a state on at ${offset}: received ${written} of ${n} bytes`);
      }
      offset += written;
    }
  }
}
