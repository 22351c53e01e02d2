/**
 * The Mann-Whitney U test: do the values of one sample tend to be larger than those of another?
 *
 * @module
 */
import { midranks } from "./midranks.ts";
import { normalTail } from "./normal.ts";

/** Up to so many pairs of values the distribution of U is counted out. Above, its normal limit is good. */
const EXACT_PAIRS = 400;

/** What the test says. */
export interface MannWhitney {
  /** In how many of the pairs the candidate's value is the larger; a tie counts half. */
  readonly u: number;
  /** Two-sided: how often chance alone would separate the samples at least so far. */
  readonly p: number;
  /** Whether the distribution was counted out, rather than taken as normal. */
  readonly exact: boolean;
}

/**
 * Two-sided Mann-Whitney U (Mann and Whitney 1947). Without ties and up to 400 pairs of values (20 and 20)
 * p is exact; else it is the normal approximation, with the correction for ties and for continuity, as R's
 * `wilcox.test` does it.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { mannWhitney } from "./mann_whitney.ts";
 *
 * const { u, p } = mannWhitney([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]);
 * assertEquals(u, 25);
 * assertAlmostEquals(p, 2 / 252); // one of the 252 ways to divide ten, and its mirror image
 * ```
 *
 * @throws {RangeError} for an empty sample, or one with a NaN
 */
export function mannWhitney(
  baseline: readonly number[],
  candidate: readonly number[],
): MannWhitney {
  const m = baseline.length;
  const n = candidate.length;
  const values = [...baseline, ...candidate];
  if (m === 0 || n === 0 || values.some(Number.isNaN)) {
    throw new RangeError(`Cannot test samples of ${m} and ${n} values: empty, or not numbers`);
  }
  const { ranks, tieTerm } = midranks(values);
  const u = ranks.slice(m).reduce((sum, rank) => sum + rank, 0) - n * (n + 1) / 2;
  const upper = Math.max(u, m * n - u);
  if (tieTerm === 0 && m * n <= EXACT_PAIRS) {
    return { u, p: Math.min(1, 2 * exactTail(m, n, m * n - upper)), exact: true };
  }
  const total = m + n;
  const variance = m * n / 12 * (total + 1 - tieTerm / (total * (total - 1)));
  // Every value the same: nothing can be told apart.
  if (variance <= 0) return { u, p: 1, exact: false };
  // Not below 0: at the very middle the half step of the continuity correction would cross it.
  const z = Math.max(0, upper - m * n / 2 - 0.5) / Math.sqrt(variance);
  return { u, p: Math.min(1, 2 * normalTail(z)), exact: false };
}

/**
 * P(U <= most). The number of divisions with each U are the coefficients of the Gaussian binomial
 * product of (1 - q^(m + i)) / (1 - q^i) for i = 1 to n; all are whole and below 2^53 here.
 */
function exactTail(m: number, n: number, most: number): number {
  const counts = new Float64Array(m * n + 1);
  counts[0] = 1;
  let ways = 1;
  for (let i = 1; i <= n; i++) {
    for (let at = counts.length - 1; at >= m + i; at--) {
      counts[at] = (counts[at] ?? 0) - (counts[at - m - i] ?? 0);
    }
    for (let at = i; at < counts.length; at++) {
      counts[at] = (counts[at] ?? 0) + (counts[at - i] ?? 0);
    }
    ways *= (m + i) / i;
  }
  let below = 0;
  for (const count of counts.subarray(0, most + 1)) below += count;
  return below / ways;
}
