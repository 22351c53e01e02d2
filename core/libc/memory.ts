import { libc, orErrno, setupLibc } from "./library.ts";

const MADV_DONTNEED = 4;

/**
 * memcmp(3): compares bytes at memory speed.
 *
 * @param length In bytes; any integer >= 0. Nothing checks that the bytes are there.
 * @returns 0 when equal, else the sign of the first difference (`a` less: negative).
 */
export function memcmp(a: Deno.PointerObject, b: Deno.PointerObject, length: number): number {
  // usize and not u32: a length cut to 32 bits would call unequal states equal.
  return libc().memcmp(a, b, BigInt(length));
}

/**
 * Whether the bytes at two addresses are the same. For stretches that start anywhere in a region: no pointer
 * is made for them.
 *
 * @param a As from `addressOf`, plus any offset.
 * @param b The same.
 * @param length In bytes; any integer >= 0. Nothing checks that the bytes are there, or that they stay.
 */
export function sameBytes(a: number, b: number, length: number): boolean {
  return libc().memcmpAt(BigInt(a), BigInt(b), BigInt(length)) === 0;
}

/**
 * Flips one bit of a byte in memory.
 *
 * @param address As from `addressOf`, plus any offset. Nothing checks that a byte is there.
 * @param bit 0 to 7.
 */
export function flipBit(address: number, bit: number): void {
  const pointer = Deno.UnsafePointer.create(BigInt(address));
  if (pointer === null) throw new TypeError("Cannot flip a bit at address 0");
  const byte = new Deno.UnsafePointerView(pointer).getUint8();
  libc().memset(BigInt(address), byte ^ (1 << bit), 1n);
}

/**
 * madvise(2) with MADV_DONTNEED: gives memory back to the system. It stays its buffer's, and reads as zeros.
 *
 * @param address Where a page begins
 * @param length In bytes, whole pages
 * @returns 0, or a negative errno.
 */
export function giveBack(address: number, length: number): number {
  return orErrno(setupLibc().madvise(BigInt(address), BigInt(length), MADV_DONTNEED));
}
