/**
 * The median absolute deviation: a spread that up to half of the values cannot spoil.
 *
 * @module
 */
import { quantile } from "./quantile.ts";

/** The standard deviation of normal values is so many times their MAD: 1 / 0.6745. */
export const SIGMA_PER_MAD = 1.482602218505602;

/** And so many times their mean absolute deviation: the square root of pi / 2. */
const SIGMA_PER_MEAN_DEVIATION = 1.2533141373155003;

/** Iglewicz and Hoaglin's bound: about 1 of 2,000 normal values is beyond it in a large sample. */
const OUTLIER_SIGMAS = 3.5;

/**
 * The median of the distances from the median, not scaled.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mad } from "./mad.ts";
 *
 * assertEquals(mad([1, 2, 3, 4, 1000]), 1);
 * ```
 *
 * @throws {RangeError} for no values
 */
export function mad(values: readonly number[]): number {
  const median = medianOf(values);
  return medianOf(values.map((value) => Math.abs(value - median)));
}

/**
 * Which values are outliers: those whose modified z-score, the distance from the median in sigmas as the
 * MAD gives them, is above 3.5 (Iglewicz and Hoaglin 1993). Where more than half of the values are the
 * same the MAD is 0, and the mean absolute deviation stands in for it, as they advise. Outliers are marked so
 * that people see them. They are never left out: a slow migration happened.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { markOutliers } from "./mad.ts";
 *
 * assertEquals(markOutliers([10, 11, 9, 10, 12, 30]), [false, false, false, false, false, true]);
 * ```
 *
 * @returns One mark for each value, in order; none for no values
 */
export function markOutliers(values: readonly number[]): boolean[] {
  if (values.length === 0) return [];
  const median = medianOf(values);
  const distances = values.map((value) => Math.abs(value - median));
  const sigma = medianOf(distances) * SIGMA_PER_MAD ||
    distances.reduce((sum, distance) => sum + distance, 0) / values.length *
      SIGMA_PER_MEAN_DEVIATION;
  return distances.map((distance) => distance > OUTLIER_SIGMAS * sigma);
}

/**
 * The noise of a metric relative to its size: sigma, as the MAD gives it, over the median. 0 for values
 * that are all 0.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { relativeNoise } from "./mad.ts";
 *
 * assertAlmostEquals(relativeNoise([98, 99, 100, 101, 102]), 0.0148, 1e-4);
 * ```
 *
 * @param values At least 0 each
 * @throws {RangeError} for no values
 */
export function relativeNoise(values: readonly number[]): number {
  const spread = mad(values);
  return spread === 0 ? 0 : SIGMA_PER_MAD * spread / medianOf(values);
}

function medianOf(values: readonly number[]): number {
  return quantile(values.toSorted((a, b) => a - b), 0.5);
}
