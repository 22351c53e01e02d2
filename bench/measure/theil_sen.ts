import { normalTailQuantile } from "./normal.ts";
import { quantile } from "./quantile.ts";

/** A straight line through a series, at the positions 0, 1, 2, ... */
export interface Line {
  /** By how much the values grow from one to the next. */
  readonly slope: number;
  /** The line's value at position 0. */
  readonly intercept: number;
  readonly slope_low: number;
  readonly slope_high: number;
}

/**
 * The Theil-Sen line of a series: its slope is the median of the slopes between all pairs of points, its
 * height the median of what is then left. More than a quarter of the points can be outliers and it does not
 * follow them. The slope's interval is Sen's (1968), from the variance of Kendall's S without ties.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { theilSen } from "./theil_sen.ts";
 *
 * const { slope, intercept } = theilSen([10, 12, 14, 99, 18]);
 * assertEquals([slope, intercept], [2, 10]);
 * ```
 *
 * @param series At least two values, evenly spaced
 * @throws {RangeError} for fewer than two values
 */
export function theilSen(series: readonly number[], confidence = 0.95): Line {
  const n = series.length;
  if (n < 2) throw new RangeError(`Cannot draw a line through ${n} values`);
  const slopes = new Array<number>();
  for (const [i, from] of series.entries()) {
    for (let j = i + 1; j < n; j++) slopes.push(((series[j] ?? NaN) - from) / (j - i));
  }
  slopes.sort((a, b) => a - b);
  const slope = quantile(slopes, 0.5);
  const left = series.map((value, i) => value - slope * i).sort((a, b) => a - b);
  const z = normalTailQuantile((1 - confidence) / 2);
  const ranks = z * Math.sqrt(n * (n - 1) * (2 * n + 5) / 18);
  const low = Math.max(0, Math.round((slopes.length - ranks) / 2) - 1);
  const high = Math.min(slopes.length - 1, Math.round((slopes.length + ranks) / 2));
  return {
    slope,
    intercept: quantile(left, 0.5),
    slope_low: slopes[low] ?? slope,
    slope_high: slopes[high] ?? slope,
  };
}
