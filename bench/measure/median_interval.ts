/** An interval for the median, and how often such intervals hold it. */
export interface MedianInterval {
  readonly low: number;
  readonly high: number;
  readonly coverage: number;
}

/**
 * The order-statistic interval of the median: the k-th smallest to the k-th largest value, with the
 * largest k whose coverage 1 - 2 P(Binomial(n, 1/2) < k) is still at least `confidence`. It assumes
 * nothing of the distribution. Below 6 values nothing reaches 95 %: then it is [min, max], and the
 * coverage says how little that is.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { medianInterval } from "./median_interval.ts";
 *
 * const { low, high } = medianInterval([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
 * assertEquals([low, high], [2, 9]); // 97.9 %
 * ```
 *
 * @param ascending The values, in ascending order, at least one
 */
export function medianInterval(
  ascending: readonly number[],
  confidence = 0.95,
): MedianInterval {
  const n = ascending.length;
  let k = 1;
  let coverage = 1 - 2 * binomialBelow(n, 1);
  for (let next = 2; next <= n / 2; next++) {
    const narrower = 1 - 2 * binomialBelow(n, next);
    if (narrower < confidence) break;
    k = next;
    coverage = narrower;
  }
  const low = ascending[k - 1];
  const high = ascending[n - k];
  if (low === undefined || high === undefined) {
    throw new RangeError(`Cannot take an interval of the median of ${n} values`);
  }
  return { low, high, coverage: Math.max(0, coverage) };
}

/** P(X < k) for X ~ Binomial(n, 1/2); each term from the last one, in logarithms so that large n do not underflow. */
function binomialBelow(n: number, k: number): number {
  let logTerm = -n * Math.LN2;
  let sum = 0;
  for (let i = 0; i < k; i++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((n - i) / (i + 1));
  }
  return sum;
}
