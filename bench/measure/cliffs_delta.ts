/** How far two samples lie apart, in words. */
export type EffectWord = "negligible" | "small" | "medium" | "large";

/**
 * Cliff's delta (Cliff 1993): how much more often a candidate's value is the larger of a pair than the
 * smaller one. 1 when every value of the candidate lies above every one of the baseline, 0 when neither
 * tends to be larger, -1 the other way round.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cliffsDelta } from "./cliffs_delta.ts";
 *
 * assertEquals(cliffsDelta([1, 2], [2, 3]), 0.75); // of four pairs three are larger, one is tied
 * ```
 *
 * @throws {RangeError} for an empty sample
 */
export function cliffsDelta(baseline: readonly number[], candidate: readonly number[]): number {
  if (baseline.length === 0 || candidate.length === 0) {
    throw new RangeError(
      `Cannot take Cliff's delta of ${baseline.length} and ${candidate.length} values`,
    );
  }
  // Both in order, so that none is held against every one of the other: of 10,000 and 10,000 those are 10^8.
  const ones = Float64Array.from(baseline).sort();
  const others = Float64Array.from(candidate).sort();
  let balance = 0;
  let below = 0;
  let notAbove = 0;
  for (const other of others) {
    while (below < ones.length && (ones[below] ?? NaN) < other) below++;
    while (notAbove < ones.length && (ones[notAbove] ?? NaN) <= other) notAbove++;
    balance += below - (ones.length - notAbove);
  }
  return balance / (ones.length * others.length);
}

/**
 * The same within pairs that belong together (Cliff's d_w): each candidate's value is held against its
 * own partner only.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cliffsDeltaWithinPairs } from "./cliffs_delta.ts";
 *
 * assertEquals(cliffsDeltaWithinPairs([1, 5, 9], [2, 6, 10]), 1);
 * ```
 *
 * @throws {RangeError} for no pairs, or samples of different length
 */
export function cliffsDeltaWithinPairs(
  baseline: readonly number[],
  candidate: readonly number[],
): number {
  if (baseline.length === 0 || baseline.length !== candidate.length) {
    throw new RangeError(
      `Cannot pair ${baseline.length} values with ${candidate.length}`,
    );
  }
  let balance = 0;
  for (const [i, one] of baseline.entries()) {
    const other = candidate[i] ?? NaN;
    balance += other > one ? 1 : other < one ? -1 : 0;
  }
  return balance / baseline.length;
}

/**
 * The usual words for |delta|, with the bounds of Romano et al. 2006: below 0.147, 0.33 and 0.474.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { effectWord } from "./cliffs_delta.ts";
 *
 * assertEquals(effectWord(-0.4), "medium");
 * ```
 */
export function effectWord(delta: number): EffectWord {
  const size = Math.abs(delta);
  if (size < 0.147) return "negligible";
  if (size < 0.33) return "small";
  return size < 0.474 ? "medium" : "large";
}
