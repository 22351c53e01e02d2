import { libc } from "./library.ts";

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
