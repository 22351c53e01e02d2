/**
 * Wilcoxon's signed-rank test: are differences of pairs shifted to one side of 0?
 *
 * @module
 */
import { midranks } from "./midranks.ts";
import { normalTail } from "./normal.ts";

/** Up to so many differences the distribution is counted out; 2^49 is still a whole double. */
const EXACT_DIFFERENCES = 49;

/** What the test says. */
export interface SignedRank {
  /** The sum of the ranks, by size, of the positive differences. */
  readonly w: number;
  /** Two-sided: how often chance alone would shift the differences at least so far. */
  readonly p: number;
  /** Whether the distribution was counted out, rather than taken as normal. */
  readonly exact: boolean;
}

/**
 * Two-sided signed-rank test (Wilcoxon 1945), which is to pairs what {@linkcode mannWhitney} is to two
 * samples. Differences of 0 are left out, as Wilcoxon did. Without them, without ties and up to 49
 * differences p is exact; else it is the normal approximation, with the correction for ties and for
 * continuity, as R's `wilcox.test` does it.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { wilcoxonSignedRank } from "./wilcoxon_signed_rank.ts";
 *
 * // All six of one sign: one of 2^6 ways, and its mirror image.
 * assertEquals(wilcoxonSignedRank([1, 2, 3, 4, 5, 6]).p, 2 / 64);
 * ```
 *
 * @param differences Any numbers but NaN; infinities rank as the largest
 * @throws {RangeError} for no differences, or a NaN
 */
export function wilcoxonSignedRank(differences: readonly number[]): SignedRank {
  if (differences.length === 0 || differences.some(Number.isNaN)) {
    throw new RangeError(`Cannot test ${differences.length} differences: none, or not numbers`);
  }
  const moved = differences.filter((difference) => difference !== 0);
  const n = moved.length;
  const { ranks, tieTerm } = midranks(moved.map(Math.abs));
  let w = 0;
  for (const [i, difference] of moved.entries()) if (difference > 0) w += ranks[i] ?? 0;
  const most = n * (n + 1) / 2;
  const upper = Math.max(w, most - w);
  if (tieTerm === 0 && n === differences.length && n <= EXACT_DIFFERENCES) {
    return { w, p: Math.min(1, 2 * exactTail(n, most - upper)), exact: true };
  }
  const variance = n * (n + 1) * (2 * n + 1) / 24 - tieTerm / 48;
  if (variance <= 0) return { w, p: 1, exact: false };
  const z = Math.max(0, upper - most / 2 - 0.5) / Math.sqrt(variance);
  return { w, p: Math.min(1, 2 * normalTail(z)), exact: false };
}

/** P(W <= most): in how many of the 2^n choices of signs the ranks 1 to n sum up to at most that. */
function exactTail(n: number, most: number): number {
  const counts = new Float64Array(most + 1);
  counts[0] = 1;
  for (let rank = 1; rank <= n; rank++) {
    for (let at = most; at >= rank; at--) counts[at] = (counts[at] ?? 0) + (counts[at - rank] ?? 0);
  }
  let below = 0;
  for (const count of counts) below += count;
  return below / 2 ** n;
}
