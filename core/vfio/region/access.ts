/**
 * How QEMU cuts an access to the region into calls of pread(2) and pwrite(2): each naturally aligned, and
 * of 8, 4, 2 or 1 bytes.
 *
 * ```text
 *   11 bytes at 6:   6     8               16 17
 *                    |  2  |       8       |1|       3 calls
 * ```
 *
 * @module
 */

/** The widths an access can have, in bytes. */
export type AccessWidth = 1 | 2 | 4 | 8;

/**
 * How wide the next call is.
 *
 * @param offset Where it begins in the region, in bytes
 * @param left How much is still to be accessed, in bytes, at least 1
 * @returns The widest naturally aligned width that fits
 */
export function accessWidth(offset: number, left: number): AccessWidth {
  if (left >= 8 && offset % 8 === 0) return 8;
  if (left >= 4 && offset % 4 === 0) return 4;
  if (left >= 2 && offset % 2 === 0) return 2;
  return 1;
}

/**
 * How many calls an access takes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countAccesses } from "./access.ts";
 *
 * assertEquals(countAccesses(16, 8), 1); // a register
 * assertEquals(countAccesses(6, 11), 3);
 * assertEquals(countAccesses(4096, 1024 * 1024), 131_072); // a data section that is not mapped
 * ```
 *
 * @param offset Where it begins in the region, in bytes
 * @param length In bytes
 * @returns The number of calls
 */
export function countAccesses(offset: number, length: number): number {
  let calls = 0;
  // At most three steps up to alignment, the whole words at once, at most three steps after.
  while (length > 0) {
    const width = accessWidth(offset, length);
    const step = width === 8 ? length - length % 8 : width;
    calls += step / width;
    offset += step;
    length -= step;
  }
  return calls;
}
