import { createHash } from "node:crypto";
import type { DeviceImage } from "../../core/device/mod.ts";
import type { ImageDigest } from "./image_digest.ts";
import { readBlocks } from "./read_blocks.ts";

/**
 * Hashes images block by block.
 *
 * @throws {Error} where one cannot be read: then nothing is known of it
 */
export function digestImages(images: readonly DeviceImage[]): ImageDigest[] {
  return images.map((image) => ({ length: image.length, sha256: digestFrom(image, 0) }));
}

/**
 * SHA-256 of an image from an offset on, in hexadecimal.
 *
 * @throws {Error} where it cannot be read
 */
export function digestFrom(image: DeviceImage, from: number): string {
  const hash = createHash("sha256");
  readBlocks(image, from, ({ bytes }, length) => hash.update(bytes.subarray(0, length)));
  return hash.digest("hex");
}
