/**
 * Adding up encoded histograms without making each one: a run of 10,000 trials has 20,000, of a few hundred counts
 * each, and hdr-histogram-js makes an array of 34,000 of every one. What is not as this project's Workers count
 * (`duration_counts.ts`) is left to the library.
 *
 * ```text
 *   base64 of   0x1c849314, length, deflate of
 *                   0x1c849313, payload length, offset 0, digits 3, lowest i64, highest i64, ratio f64, counts
 *   counts      ZigZag LEB128: a count, or -n for n slots without any
 * ```
 *
 * @module
 */
import { HEADER_BYTES, inflateHistogram } from "./inflate_histogram.ts";

const DIGITS = 3;

/**
 * Adds the counts of an encoded histogram to a sum by slot.
 *
 * @param slots As many as there are slots, and a sum of each
 * @returns false, and nothing is added, where it is not in the layout of `duration_counts.ts` or damaged
 */
export function addEncoded(slots: Float64Array, encoded: string): boolean {
  const bytes = inflateHistogram(encoded);
  if (bytes === undefined) return false;
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const isOurs = header.getUint32(12) === DIGITS && header.getBigInt64(16) === 1n;
  if (!isOurs) return false;
  const counts: number[] = [];
  let slot = 0;
  for (let at = HEADER_BYTES; at < bytes.length;) {
    let word = 0;
    let factor = 1;
    // The ninth byte has eight bits, and so large a count none of ours is.
    for (;; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || factor > 2 ** 49) return false;
      word += (byte & 127) * factor;
      if (byte < 128) break;
    }
    if (word % 2 === 1) slot += (word + 1) / 2;
    else if (word > 0) counts.push(slot++, word / 2);
    else slot++;
  }
  if (slot > slots.length) return false;
  for (let i = 0; i < counts.length; i += 2) {
    const at = counts[i] ?? 0;
    slots[at] = (slots[at] ?? 0) + (counts[i + 1] ?? 0);
  }
  return true;
}
