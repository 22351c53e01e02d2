/**
 * When a warm-up is over.
 *
 * ```text
 *   values   9 7 5 4 4 4 5 4 4
 *   window  |- - - -|             slopes down: not yet
 *               |- - - -|         within the bound: all from here on is steady
 * ```
 *
 * The rule is that of fio's `steadystate=iops_slope:X%`: the least squares line through the last values,
 * held against their mean, rises or falls by no more than a bound. fio's bound is for each second; here it
 * is for the whole window, so that a longer window is no laxer. Least squares and not Theil-Sen: the one slow
 * first trial that Theil-Sen would overlook is what a warm-up looks like.
 *
 * @module
 */

/** When values count as steady. */
export interface SteadyRule {
  /** How many values in a row are looked at, at least 3. */
  readonly window: number;
  /** By which part of their mean the line through them may rise or fall from the first to the last. */
  readonly bound: number;
}

/** Ten trials that change by no more than 5 %. */
export const STEADY_RULE: SteadyRule = { window: 10, bound: 0.05 };

/**
 * How far the least squares line through values rises from the first to the last, as a part of their mean.
 * 0 for values that are all 0.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { relativeRise } from "./steady_state.ts";
 *
 * assertAlmostEquals(relativeRise([90, 100, 110]), 0.2);
 * ```
 *
 * @throws {RangeError} for fewer than two values
 */
export function relativeRise(values: readonly number[]): number {
  const n = values.length;
  if (n < 2) throw new RangeError(`Cannot draw a line through ${n} values`);
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  // Of n positions around their middle, the squares sum up to n (n^2 - 1) / 12.
  const products = values.reduce((sum, value, i) => sum + (i - (n - 1) / 2) * (value - mean), 0);
  const rise = products / (n * (n * n - 1) / 12) * (n - 1);
  return rise === 0 ? 0 : rise / Math.abs(mean);
}

/**
 * Where the first window begins that is steady: what comes before is warm-up.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { steadyFrom } from "./steady_state.ts";
 *
 * assertEquals(steadyFrom([300, 200, 100, 101, 100, 99], { window: 4, bound: 0.05 }), 2);
 * ```
 *
 * @param series The values in the order of their trials
 * @returns The index of the first steady value; undefined as long as no window is steady
 * @throws {RangeError} for a window that is not a whole number of at least 3, or a negative bound
 */
export function steadyFrom(
  series: readonly number[],
  { window, bound }: SteadyRule = STEADY_RULE,
): number | undefined {
  if (!Number.isInteger(window) || window < 3 || !(bound >= 0)) {
    throw new RangeError(
      `Cannot look for a steady state: received window ${window}, bound ${bound}`,
    );
  }
  for (let from = 0; from + window <= series.length; from++) {
    if (Math.abs(relativeRise(series.slice(from, from + window))) <= bound) return from;
  }
  return undefined;
}
