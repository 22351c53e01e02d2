/**
 * Unsigned 64-bit sizes held in a number.
 *
 * Sizes that a driver reports are u64. A BigInt would allocate, so they are held as numbers:
 *
 * ```text
 *   u64                       held as
 *   0 .. 2^53                 itself
 *   2^53 .. 2^63              itself, rounded to a number; a multiple of 4096 is exact
 *   2^63 .. 2^64 - 2^53       itself - 2^64 (negative), rounded
 *   2^64 - 2^53 .. 2^64       itself - 2^64 (a small negative number)
 * ```
 *
 * So a negative errno that a driver stores unchecked in a length stays a small negative number, and
 * sums with it wrap exactly as the u64 sums of QEMU do: 4096 + (2^64 - 22) is 4074. QEMU 11.1 takes
 * a size with bit 63 set for an overflow, logs it, and keeps it; here that is `value < 0`.
 *
 * All functions take and return the held form.
 *
 * @module
 */

const TWO_32 = 2 ** 32;
const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;
/** The largest number below 2^63. */
const LARGEST_BELOW_TWO_63 = TWO_63 - 1024;

/**
 * Reads a little-endian u64.
 *
 * Outside of the exact ranges the value is rounded, but never across bit 63: what is below 2^63 is
 * never negative.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readU64 } from "./u64.ts";
 *
 * const view = new DataView(new ArrayBuffer(8));
 * view.setBigUint64(0, 2n ** 64n - 22n, true); // -EINVAL, stored as a length
 * assertEquals(readU64(view, 0), -22);
 * ```
 *
 * @param view The view to read from
 * @param offset Where the 8 bytes begin, in bytes
 * @returns The value in its held form
 * @throws {RangeError} If the 8 bytes are not all within the view
 */
export function readU64(view: DataView, offset: number): number {
  const value = view.getInt32(offset + 4, true) * TWO_32 + view.getUint32(offset, true);
  return value === TWO_63 ? LARGEST_BELOW_TWO_63 : value;
}

/**
 * Writes a little-endian u64.
 *
 * @param view The view to write to
 * @param offset Where the 8 bytes begin, in bytes
 * @param value An integer, in its held form
 * @throws {RangeError} If the 8 bytes are not all within the view
 */
export function writeU64(view: DataView, offset: number, value: number): void {
  // DataView takes each half modulo 2^32, which is what two's complement needs.
  view.setUint32(offset + 4, Math.floor(value / TWO_32), true);
  view.setUint32(offset, value, true);
}

/**
 * Says whether one u64 is less than another.
 *
 * @param a A value in its held form
 * @param b A value in its held form
 * @returns `true` if `a` is less, both taken as unsigned
 */
export function u64Less(a: number, b: number): boolean {
  return (a < 0) === (b < 0) ? a < b : b < 0;
}

/**
 * Says whether one u64 is less than another, or the same.
 *
 * @param a A value in its held form
 * @param b A value in its held form
 * @returns `true` if `a` is less or equal, both taken as unsigned
 */
export function u64LessEqual(a: number, b: number): boolean {
  return (a < 0) === (b < 0) ? a <= b : b < 0;
}

/**
 * The sum of two u64, modulo 2^64. The wrapping difference is `u64Add(a, -b)`.
 *
 * The sum is exact if it is held exactly, and rounded otherwise.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { u64Add } from "./u64.ts";
 *
 * assertEquals(u64Add(4096, -22), 4074);
 * assertEquals(u64Add(10, -22), -12); // 2^64 - 12
 * ```
 *
 * @param a A value in its held form
 * @param b A value in its held form
 * @returns The sum in its held form
 */
export function u64Add(a: number, b: number): number {
  const sum = a + b;
  if (sum >= TWO_63) return sum - TWO_64;
  if (sum < -TWO_63) return sum + TWO_64;
  return sum;
}

/**
 * The decimal digits of a u64, for people to read. Allocates.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { u64ToString } from "./u64.ts";
 *
 * assertEquals(u64ToString(-22), "18446744073709551594");
 * ```
 *
 * @param value An integer, in its held form
 * @returns The unsigned value
 * @throws {RangeError} If `value` is no integer
 */
export function u64ToString(value: number): string {
  return BigInt.asUintN(64, BigInt(value)).toString();
}
