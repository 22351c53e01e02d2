import type { DeviceImage } from "../../core/device/mod.ts";
import { ERRNO, pread, type Region, regionOf } from "../../core/libc/mod.ts";

const BLOCK = 1024 * 1024;
/** One for all images of this thread: what a Worker lets go is not soon given back. */
let block: Region | null = null;

/**
 * Reads an image block by block.
 *
 * @param from Where to begin, in bytes
 * @param take Is given `length` bytes at the block's beginning, which are the image's at `offset`
 * @throws {Error} where it cannot be read to its end
 */
export function readBlocks(
  { fd, length }: DeviceImage,
  from: number,
  take: (block: Region, length: number, offset: number) => void,
): void {
  block ??= regionOf(new ArrayBuffer(BLOCK));
  for (let offset = from; offset < length;) {
    const n = pread(fd, block.pointer, Math.min(BLOCK, length - offset), offset);
    if (n === -ERRNO.EINTR) continue;
    if (n <= 0) {
      throw new Error(
        `Cannot read a device's state at ${offset}: received ${n} of ${length} bytes`,
      );
    }
    take(block, n, offset);
    offset += n;
  }
}
