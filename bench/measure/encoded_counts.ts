/**
 * Encoded histograms read without making each one: a run of 10,000 trials has 20,000, of a few hundred counts each, and
 * hdr-histogram-js makes an array of 34,000 of every one. What is not as this project's Workers count
 * (`duration_counts.ts`) is left to the library.
 *
 * ```text
 *   counts      ZigZag LEB128: a count, or -n for n slots without any
 * ```
 *
 * @module
 */
import { SLOT_COUNT } from "./duration_counts.ts";
import { HEADER_BYTES, inflateHistogram } from "./inflate_histogram.ts";

const DIGITS = 3;

/**
 * The counts of an encoded histogram: slot, count, slot, count, ... in order of the slots, without those of 0.
 *
 * @returns undefined where it is not in the layout of `duration_counts.ts`, or damaged
 */
export function encodedCounts(encoded: string): readonly number[] | undefined {
  const bytes = inflateHistogram(encoded);
  if (bytes === undefined) return undefined;
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const isOurs = header.getUint32(12) === DIGITS && header.getBigInt64(16) === 1n;
  if (!isOurs) return undefined;
  const counts: number[] = [];
  let slot = 0;
  for (let at = HEADER_BYTES; at < bytes.length;) {
    let word = 0;
    let factor = 1;
    // The ninth byte has eight bits, and so large a count none of ours is.
    for (;; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || factor > 2 ** 49) return undefined;
      word += (byte & 127) * factor;
      if (byte < 128) break;
    }
    if (word % 2 === 1) slot += (word + 1) / 2;
    else if (word > 0) counts.push(slot++, word / 2);
    else slot++;
  }
  return slot > SLOT_COUNT ? undefined : counts;
}
