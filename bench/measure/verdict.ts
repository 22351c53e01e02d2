/**
 * The verdict on one metric: has it got better or worse, is it the same, or is that not known yet?
 *
 * ```text
 *                 1/(1+t)    1    1+t             t = tolerance, lower is better
 *   improved    |-x-|  .     .     .
 *   same               .  |-x-|    .
 *   regressed          .     .     .  |-x-|
 *   inconclusive       .     . |---x---|          x could be chance, or too small to matter
 * ```
 *
 * The tolerance is the user's, or the noise of the baseline where that is larger. It is the same upwards and
 * downwards as a factor: 10 % are 1.1 and 1 / 1.1.
 *
 * * `regressed`, `improved`: the ratio is beyond the tolerance, its interval leaves out 1, the p after Holm's
 *   correction is at most 0.01, and Cliff's delta has the same direction and is not negligible.
 * * `same`: the whole interval is within the tolerance, and there are as many trials as a difference could have
 *   been told with.
 * * `inconclusive`: neither; `needed_trials` says how many trials may settle it.
 *
 * An alarm takes more (0.01) than an interval (95 %), for one that is false costs a person's day.
 *
 * @module
 */
import type { MetricComparison } from "./compare_metric.ts";
import { fewestTrials, neededTrials } from "./needed_trials.ts";

/** What can be said of a metric. */
export type VerdictWord = "improved" | "regressed" | "same" | "inconclusive";

/** What makes a difference better or worse, and how large it must be. */
export interface VerdictOptions {
  readonly better: "lower" | "higher";
  /** The user's: up to which relative change, such as 0.05, a metric counts as the same. */
  readonly tolerance: number;
  /** The comparison's p after Holm's correction over all metrics. */
  readonly p_corrected: number;
  /** How many metrics that correction was over. */
  readonly metrics: number;
  /** How small the corrected p must be; 0.01 unless told. */
  readonly alpha?: number;
}

/** A verdict, and what it was made with. */
export interface Verdict {
  readonly verdict: VerdictWord;
  /** The user's, or the noise. */
  readonly tolerance: number;
  /** For an inconclusive one: so many trials of each side at least. Else null. */
  readonly needed_trials: number | null;
}

/**
 * Judges a comparison of measured values.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareMetric } from "./compare_metric.ts";
 * import { judge } from "./verdict.ts";
 *
 * const baseline_ms = [100, 101, 99, 102, 98, 100.5];
 * const candidate_ms = [120, 121, 118, 123, 119, 122];
 * const compared = compareMetric(baseline_ms, candidate_ms, { paired: false, seed: 1 });
 * const options = { tolerance: 0.05, p_corrected: compared.p, metrics: 1 };
 * assertEquals(judge(compared, { better: "lower", ...options }).verdict, "regressed");
 * assertEquals(judge(compared, { better: "higher", ...options }).verdict, "improved");
 * ```
 *
 * @throws {RangeError} for a tolerance below 0, or a p outside 0 to 1
 */
export function judge(compared: MetricComparison, options: VerdictOptions): Verdict {
  const { better, p_corrected: p, metrics, alpha = 0.01 } = options;
  if (!(options.tolerance >= 0) || !(p >= 0 && p <= 1)) {
    throw new RangeError(
      `Cannot judge a comparison: received tolerance ${options.tolerance}, p ${p}`,
    );
  }
  const { n, ratio, ratio_low, ratio_high, delta, effect } = compared;
  const tolerance = Math.max(options.tolerance, compared.noise);
  const bound = Math.log1p(tolerance);
  const change = Math.abs(Math.log(ratio));
  const leavesOut1 = ratio_low > 1 || ratio_high < 1;
  const agrees = effect !== "negligible" && (delta > 0) === (ratio > 1);
  if (change > bound && leavesOut1 && p <= alpha && agrees) {
    const worse = better === "lower" ? ratio > 1 : ratio < 1;
    return { verdict: worse ? "regressed" : "improved", tolerance, needed_trials: null };
  }
  const low = Math.log(ratio_low);
  const high = Math.log(ratio_high);
  const fewest = fewestTrials(alpha, metrics, compared.paired);
  if (n >= fewest && Math.max(-low, high) <= bound) {
    return { verdict: "same", tolerance, needed_trials: null };
  }
  const halfWidth = (high - low) / 2;
  const needed = n < fewest
    ? fewest
    : neededTrials({ n, change, halfWidth, tolerance: bound, p, alpha });
  return { verdict: "inconclusive", tolerance, needed_trials: needed };
}
