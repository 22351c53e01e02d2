import { Buffer } from "node:buffer";
import { inflateSync } from "node:zlib";

const COMPRESSED_COOKIE = 0x1c849314;
const COOKIE = 0x1c849313;

/** What stands before the counts: cookie, payload length, offset, digits, lowest i64, highest i64, ratio f64. */
export const HEADER_BYTES = 40;

/** The widest of ours has 0.3 MiB. A few kilobytes of text can be made to inflate to any size. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_DIGITS = 5;

/**
 * The bytes of an encoded histogram, which comes from a file: no more than {@linkcode MOST_BYTES} of them, and with a
 * header of which a library can make an array that is not endless.
 *
 * ```text
 *   base64 of   0x1c849314, length, deflate of
 *                   0x1c849313, payload length, offset 0, digits 3, lowest i64, highest i64, ratio f64, counts
 * ```
 *
 * @returns undefined for what is no such encoding, or not all of it
 */
export function inflateHistogram(encoded: string): Uint8Array | undefined {
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.length < 8 || bytes.readUInt32BE(0) !== COMPRESSED_COOKIE) return undefined;
  if (bytes.readUInt32BE(4) !== bytes.length - 8) return undefined;
  let inflated: Uint8Array;
  try {
    inflated = inflateSync(bytes.subarray(8), { maxOutputLength: MOST_BYTES });
  } catch {
    return undefined; // Damaged, or more than any histogram has.
  }
  return hasHeader(inflated) ? inflated : undefined;
}

function hasHeader(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false;
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const lowest = header.getBigInt64(16);
  return header.getUint32(0) === COOKIE && header.getUint32(4) === bytes.length - HEADER_BYTES &&
    header.getUint32(12) <= MOST_DIGITS && lowest >= 1n && header.getBigInt64(24) >= 2n * lowest;
}
