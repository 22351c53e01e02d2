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
  // The terms C(n, i) / 2^n one from the other, in logarithms so that a large n does not underflow.
  let logTerm = -n * Math.LN2;
  let below = Math.exp(logTerm); // P(Binomial(n, 1/2) < k)
  let k = 1;
  for (; k + 1 <= n / 2; k++) {
    logTerm += Math.log((n - k + 1) / k);
    const belowNext = below + Math.exp(logTerm);
    if (1 - 2 * belowNext < confidence) break;
    below = belowNext;
  }
  const low = ascending[k - 1];
  const high = ascending[n - k];
  if (low === undefined || high === undefined) {
    throw new RangeError(`Cannot take an interval of the median of ${n} values`);
  }
  return { low, high, coverage: Math.max(0, 1 - 2 * below) };
}
