import { slotNs } from "./duration_counts.ts";
import { encodedCounts } from "./encoded_counts.ts";
import { decodeHistogram } from "./histogram.ts";

/**
 * A percentile of an encoded histogram in nanoseconds, to the last digit what the library says of it decoded: the upper
 * edge of the slot. undefined where nothing was recorded.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createRecorder, encodeHistogram, recordNs } from "./histogram.ts";
 * import { encodedPercentileNs } from "./encoded_percentile.ts";
 *
 * const histogram = createRecorder();
 * for (const ns of [10, 20, 30]) recordNs(histogram, ns);
 * assertEquals(encodedPercentileNs(encodeHistogram(histogram), 50), 20);
 * ```
 *
 * @param percentile Above 0, at most 100
 * @throws {SyntaxError} for what `decodeHistogram` refuses
 */
export function encodedPercentileNs(encoded: string, percentile: number): number | undefined {
  const counts = encodedCounts(encoded);
  if (counts === undefined) {
    const histogram = decodeHistogram(encoded);
    return histogram.totalCount === 0 ? undefined : histogram.getValueAtPercentile(percentile);
  }
  let total = 0;
  for (let i = 1; i < counts.length; i += 2) total += counts[i] ?? 0;
  if (total === 0) return undefined;
  // Rounded up, but not where only the division made it larger than a whole number.
  const rank = percentile / 100 * total;
  const ulp = 2 ** (Math.floor(Math.log2(rank)) - 52);
  const asked = Math.max(1, Math.ceil(rank - ulp));
  let passed = 0;
  let slot = 0;
  for (let i = 0; i < counts.length && passed < asked; i += 2) {
    slot = counts[i] ?? 0;
    passed += counts[i + 1] ?? 0;
  }
  return slotNs(slot + 1) - 1;
}
