import { createHash } from "node:crypto";
import type { DeviceImage } from "../../core/device/mod.ts";
import { ERRNO, pread, regionOf } from "../../core/libc/mod.ts";
import type { ImageDigest } from "./image_digest.ts";

const BLOCK = 1024 * 1024;

/**
 * Hashes images block by block.
 *
 * @throws {Error} where one cannot be read: then nothing is known of it
 */
export function digestImages(images: readonly DeviceImage[]): ImageDigest[] {
  const block = regionOf(new ArrayBuffer(BLOCK));
  return images.map(({ fd, length }) => {
    const hash = createHash("sha256");
    for (let offset = 0; offset < length;) {
      const n = pread(fd, block.pointer, Math.min(BLOCK, length - offset), offset);
      if (n === -ERRNO.EINTR) continue;
      if (n <= 0) {
        throw new Error(
          `Cannot read a device's state at ${offset}: received ${n} of ${length} bytes`,
        );
      }
      hash.update(block.bytes.subarray(0, n));
      offset += n;
    }
    return { length, sha256: hash.digest("hex") };
  });
}
