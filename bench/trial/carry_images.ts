import type { DeviceImage } from "../../core/device/mod.ts";
import { pwrite } from "../../core/libc/mod.ts";
import { readBlocks } from "./read_blocks.ts";

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
  for (const [i, image] of from.entries()) {
    const target = to[i]?.fd ?? -1;
    readBlocks(image, 0, (block, length, offset) => {
      const written = pwrite(target, block.pointer, length, offset);
      if (written !== length) {
        throw new Error(
          `Cannot carry a state on at ${offset}: received ${written} of ${length} bytes`,
        );
      }
    });
  }
}
