import { encodedCounts } from "./encoded_counts.ts";

/**
 * Adds the counts of an encoded histogram to a sum by slot.
 *
 * @param slots `SLOT_COUNT` sums
 * @returns false, and nothing is added, where `encodedCounts` cannot read it
 */
export function addEncoded(slots: Float64Array, encoded: string): boolean {
  const counts = encodedCounts(encoded);
  if (counts === undefined) return false;
  for (let i = 0; i < counts.length; i += 2) {
    const at = counts[i] ?? 0;
    slots[at] = (slots[at] ?? 0) + (counts[i + 1] ?? 0);
  }
  return true;
}
