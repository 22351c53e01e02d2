/**
 * How many trials a verdict needs.
 *
 * @module
 */
import { normalTailQuantile } from "./normal.ts";

/** A sample says no more of a larger one than of one ten times its size. */
const FURTHEST = 10;

/**
 * The fewest trials of each side with which a difference can be told at all: those of which even the clearest
 * result, every value of one side above every one of the other, has a p that Holm's correction leaves at or
 * below `alpha`. Of n and n values that p is 2 / C(2n, n), of n pairs 2 / 2^n.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fewestTrials } from "./needed_trials.ts";
 *
 * assertEquals(fewestTrials(0.01, 1, false), 5); // 2 / 252
 * assertEquals(fewestTrials(0.01, 1, true), 8); // 2 / 256
 * ```
 *
 * @param metrics How many are corrected for together
 * @throws {RangeError} for an alpha that is not above 0 and at most 1, or less than one metric
 */
export function fewestTrials(alpha: number, metrics: number, paired: boolean): number {
  if (!(alpha > 0 && alpha <= 1) || !(metrics >= 1)) {
    throw new RangeError(`Cannot count trials: received alpha ${alpha}, metrics ${metrics}`);
  }
  let n = 1;
  let ways = 2;
  while (2 * metrics / ways > alpha) {
    n++;
    ways *= paired ? 2 : 2 * (2 * n - 1) / n;
  }
  return n;
}

/** Why a comparison is not decided yet: the sizes are logarithms of ratios. */
export interface Undecided {
  /** Trials of each side so far. */
  readonly n: number;
  /** How far the ratio is from 1. */
  readonly change: number;
  /** Half of its interval. */
  readonly halfWidth: number;
  /** Up to where a change is none. */
  readonly tolerance: number;
  /** After Holm's correction. */
  readonly p: number;
  readonly alpha: number;
}

/**
 * How many trials of each side an undecided comparison needs at least, if the next trials are as the ones so
 * far: an interval narrows, and a test's z grows, with the square root of n.
 *
 * * A change beyond the tolerance: until the interval leaves out 1, and the p is at most alpha.
 * * One within: until the interval fits into the tolerance on the nearer side. A change that is close to the
 *   tolerance would need endless trials; then it is half the tolerance that the interval's half must fit into.
 *
 * Always more than there are, and at most ten times as many.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { neededTrials } from "./needed_trials.ts";
 *
 * // No change, but the interval is twice as wide as the tolerance: four times the trials.
 * const sizes = { change: 0, halfWidth: 0.1, tolerance: 0.05 };
 * assertEquals(neededTrials({ n: 10, ...sizes, p: 0.7, alpha: 0.01 }), 40);
 * ```
 */
export function neededTrials(
  { n, change, halfWidth, tolerance, p, alpha }: Undecided,
): number {
  const beyond = change > tolerance;
  const fits = beyond ? change : Math.max(tolerance - change, tolerance / 2);
  const narrowed = n * (halfWidth / fits) ** 2;
  const sure = beyond && p > alpha
    ? n * (normalTailQuantile(alpha / 2) / normalTailQuantile(p / 2)) ** 2
    : 0;
  const needed = Math.max(narrowed, sure);
  // Not finite: of no use to fit an infinite interval, or into no tolerance.
  if (!(needed < n * FURTHEST)) return n * FURTHEST;
  // Less a rounding error.
  return Math.max(n + 1, Math.ceil(needed - 1e-9));
}
