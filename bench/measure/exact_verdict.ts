import type { VerdictWord } from "./verdict.ts";
import { summarize } from "./summarize.ts";

/** A verdict on values that have no noise. */
export interface ExactVerdict {
  readonly verdict: Exclude<VerdictWord, "inconclusive">;
  /** How many trials gave another value. */
  readonly changed: number;
}

/**
 * Judges a metric of the virtual clock, which says the same on every machine: any change is one, however
 * small, and needs no statistics. The medians say whether it is for the better, the sums where these are
 * equal. Where both are, the trials' gains and losses make up for each other: the metric as a whole is the same,
 * and `changed` tells.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { judgeExact } from "./exact_verdict.ts";
 *
 * const judged = judgeExact([250, 260, 270], [250, 260, 271], "lower");
 * assertEquals(judged, { verdict: "regressed", changed: 1 });
 * ```
 *
 * @param baseline The values in the order of the trials
 * @param candidate Those of the same trials, with the same seeds
 * @throws {RangeError} for no trials, or not the same number of them
 */
export function judgeExact(
  baseline: readonly number[],
  candidate: readonly number[],
  better: "lower" | "higher",
): ExactVerdict {
  if (baseline.length === 0 || baseline.length !== candidate.length) {
    throw new RangeError(
      `Cannot compare exactly ${baseline.length} trials with ${candidate.length}`,
    );
  }
  const changed = baseline.filter((value, i) => value !== candidate[i]).length;
  const rise = summarize(candidate).median - summarize(baseline).median ||
    sum(candidate) - sum(baseline);
  if (changed === 0 || rise === 0) return { verdict: "same", changed };
  return { verdict: (rise > 0) === (better === "lower") ? "regressed" : "improved", changed };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
