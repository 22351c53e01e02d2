/**
 * Unsigned 64-bit integers in network byte order, as numbers.
 *
 * @module
 */

const TWO_32 = 2 ** 32;

/**
 * Reads a big-endian u64.
 *
 * @param view The view to read from
 * @param at Where the 8 bytes begin
 * @returns The value: exact up to 2^53, rounded above
 */
export function readU64(view: DataView, at: number): number {
  return view.getUint32(at) * TWO_32 + view.getUint32(at + 4);
}

/**
 * Writes a big-endian u64.
 *
 * @param view The view to write to
 * @param at Where the 8 bytes begin
 * @param value An integer from 0 to 2^53
 */
export function writeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / TWO_32));
  // DataView takes it modulo 2^32.
  view.setUint32(at + 4, value);
}
