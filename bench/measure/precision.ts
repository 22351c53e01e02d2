/**
 * How precisely a median is known, and how many values it takes to know it better.
 *
 * @module
 */
import { medianInterval } from "./median_interval.ts";
import { quantile } from "./quantile.ts";

/** What an interval must hold the median with. */
const CONFIDENCE = 0.95;

/** The fewest values of which an order-statistic interval of 95 % can be given: 1 - 2 / 2^6 is 96.9 %. */
export const FEWEST_FOR_INTERVAL = 6;

/**
 * Half the 95 % interval of the median as a part of the median: the ± of the table. Infinity for fewer than 6
 * values, of which no interval holds the median so surely, and for a median of 0 among other values.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { precisionOf } from "./precision.ts";
 *
 * assertEquals(precisionOf([98, 99, 100, 100, 101, 102]), 0.02);
 * assertEquals(precisionOf([98, 99, 100, 101, 102]), Infinity);
 * ```
 */
export function precisionOf(values: readonly number[]): number {
  if (values.length < FEWEST_FOR_INTERVAL) return Infinity;
  const ascending = values.toSorted((a, b) => a - b);
  const { low, high } = medianInterval(ascending, CONFIDENCE);
  return low === high ? 0 : (high - low) / 2 / Math.abs(quantile(ascending, 0.5));
}

/**
 * About how many values a precision takes, if the next ones are as those so far: an interval narrows with the square
 * root of their number. At least one more than there are where it is not reached; undefined where nothing can be said.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { valuesForPrecision } from "./precision.ts";
 *
 * assertEquals(valuesForPrecision(10, 0.04, 0.02), 40);
 * ```
 *
 * @param n How many there are
 * @param reached Their precision
 * @param asked The precision that is asked for
 */
export function valuesForPrecision(
  n: number,
  reached: number,
  asked: number,
): number | undefined {
  if (reached <= asked) return n;
  if (!Number.isFinite(reached)) return undefined;
  return Math.max(n + 1, Math.ceil(n * (reached / asked) ** 2));
}
