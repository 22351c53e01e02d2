import { quantile, theilSen } from "../measure/mod.ts";

/** Whether what was sampled over time stayed where it was. */
export interface Flatness {
  /** How much the line through it rises from the first sample that counts to the last. */
  readonly growth: number;
  /** The 95 % interval of that. */
  readonly growth_ci95: readonly [number, number];
  readonly median: number;
  readonly flat: boolean;
}

/** So many points are drawn a line through: of thousands, all pairs would be too many. */
const POINTS = 120;

/**
 * Draws the Theil-Sen line through the medians of a series' stretches. It rises where it is sure to (its interval is
 * above 0) and by more than is allowed.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { judgeFlat } from "./judge_flat.ts";
 *
 * assertEquals(judgeFlat([101, 100, 101, 100, 99, 100, 101, 100, 100, 100], 1).flat, true);
 * assertEquals(judgeFlat([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 1).flat, false);
 * ```
 *
 * @param samples Evenly spaced in time; at least 5
 * @param allowed By how much it may rise
 * @throws {RangeError} for fewer samples
 */
export function judgeFlat(samples: readonly number[], allowed: number): Flatness {
  if (samples.length < 5) {
    throw new RangeError(`Cannot say whether ${samples.length} samples are flat: 5 are the fewest`);
  }
  const count = Math.min(POINTS, samples.length);
  const points = Array.from({ length: count }, (_, i) => {
    const from = Math.floor(samples.length * i / count);
    const to = Math.floor(samples.length * (i + 1) / count);
    return quantile(samples.slice(from, to).sort((a, b) => a - b), 0.5);
  });
  const { slope, slope_low, slope_high } = theilSen(points);
  const steps = count - 1;
  const growth = slope * steps;
  return {
    growth,
    growth_ci95: [slope_low * steps, slope_high * steps],
    median: quantile(points.toSorted((a, b) => a - b), 0.5),
    flat: !(slope_low > 0 && growth > allowed),
  };
}
