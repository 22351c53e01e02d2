/**
 * CRC-32 as gzip has it, eight bytes at a time. node:zlib has one too, but loading that takes a Worker longer than
 * starting it, and of all devices only those whose stream ends with a checksum need it.
 *
 * @param bytes What comes next
 * @param sum That of the bytes before; 0 where there are none
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crc32 } from "./crc32.ts";
 *
 * const text = new TextEncoder().encode("123456789");
 * assertEquals(crc32(text), 0xcbf43926);
 * assertEquals(crc32(text.subarray(4), crc32(text.subarray(0, 4))), 0xcbf43926);
 * ```
 */
export function crc32(bytes: Uint8Array, sum = 0): number {
  const t = tables ??= createTables();
  const at = (table: number, index: number) => t[table * 256 + (index & 0xff)] ?? 0;
  let crc = ~sum;
  let i = 0;
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (; i + 8 <= bytes.length; i += 8) {
    const low = crc ^ words.getInt32(i, true);
    const high = words.getInt32(i + 4, true);
    crc = at(7, low) ^ at(6, low >>> 8) ^ at(5, low >>> 16) ^ at(4, low >>> 24) ^
      at(3, high) ^ at(2, high >>> 8) ^ at(1, high >>> 16) ^ at(0, high >>> 24);
  }
  for (; i < bytes.length; i++) crc = at(0, crc ^ (bytes[i] ?? 0)) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The polynomial, its lowest power in the highest bit. */
const POLYNOMIAL = 0xedb88320;

let tables: Int32Array | undefined;

/** What a byte makes of the sum, with 0 to 7 more bytes after it. */
function createTables(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    made[byte] = crc;
  }
  for (let i = 256; i < made.length; i++) {
    const before = made[i - 256] ?? 0;
    made[i] = (made[before & 0xff] ?? 0) ^ (before >>> 8);
  }
  return made;
}
