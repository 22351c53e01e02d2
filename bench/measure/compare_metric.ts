/**
 * What there is to say about one metric of a baseline and a candidate, before it is judged (`verdict.ts`).
 * In between the p-values of all metrics are corrected together (`holm.ts`).
 *
 * @module
 */
import {
  type BootstrapOptions,
  bootstrapPairedRatio,
  bootstrapRatio,
  pairRatios,
} from "./bootstrap_ratio.ts";
import {
  cliffsDelta,
  cliffsDeltaWithinPairs,
  type EffectWord,
  effectWord,
} from "./cliffs_delta.ts";
import { mad, relativeNoise, SIGMA_PER_MAD } from "./mad.ts";
import { mannWhitney } from "./mann_whitney.ts";
import { wilcoxonSignedRank } from "./wilcoxon_signed_rank.ts";

/** How a metric's trials are compared. */
export interface CompareOptions extends BootstrapOptions {
  /** Whether the i-th trials of both belong together, as interleaved ones of one session do. */
  readonly paired: boolean;
}

/** The evidence about one metric. Ratios are candidate to baseline; Infinity where only the baseline is 0. */
export interface MetricComparison {
  readonly paired: boolean;
  /** The trials of the smaller sample. */
  readonly n: number;
  readonly ratio: number;
  readonly ratio_low: number;
  readonly ratio_high: number;
  /** Two-sided, not corrected: Mann-Whitney's, or the signed-rank test's for pairs. */
  readonly p: number;
  /** Cliff's delta, within pairs if they are. */
  readonly delta: number;
  readonly effect: EffectWord;
  /**
   * How much one trial differs from the next by itself: sigma relative to the median. Of the baseline; of
   * pairs, what one side alone adds to the ratios, so that noise which both share is not in it.
   */
  readonly noise: number;
}

/**
 * Compares the values of one metric.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareMetric } from "./compare_metric.ts";
 *
 * const downtimes_ms = [100, 101, 99, 102, 98, 100.5];
 * const slower_ms = downtimes_ms.map((value) => value * 1.5);
 * const { ratio, effect } = compareMetric(downtimes_ms, slower_ms, { paired: false, seed: 1 });
 * assertEquals([ratio, effect], [1.5, "large"]);
 * ```
 *
 * @param baseline Values of at least 0; in the order of the pairs, if paired
 * @param candidate Likewise
 * @throws {RangeError} for an empty sample, a value below 0 or NaN, or pairs that do not pair
 */
export function compareMetric(
  baseline: readonly number[],
  candidate: readonly number[],
  options: CompareOptions,
): MetricComparison {
  const { paired } = options;
  const interval = (paired ? bootstrapPairedRatio : bootstrapRatio)(baseline, candidate, options);
  const delta = (paired ? cliffsDeltaWithinPairs : cliffsDelta)(baseline, candidate);
  const logs = paired ? pairRatios(baseline, candidate).map(Math.log) : [];
  return {
    paired,
    n: Math.min(baseline.length, candidate.length),
    ratio: interval.ratio,
    ratio_low: interval.low,
    ratio_high: interval.high,
    p: paired ? wilcoxonSignedRank(logs).p : mannWhitney(baseline, candidate).p,
    delta,
    effect: effectWord(delta),
    noise: paired ? pairNoise(logs) : relativeNoise(baseline),
  };
}

/** Two sides of equal noise make ratios of the square root of 2 times as much. */
function pairNoise(logs: readonly number[]): number {
  const finite = logs.filter(Number.isFinite);
  return finite.length === 0 ? 0 : SIGMA_PER_MAD * mad(finite) / Math.SQRT2;
}
