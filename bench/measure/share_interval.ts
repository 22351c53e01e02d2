/** The bounds of a share, such as of false alarms. */
export interface ShareInterval {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** Halvings of [0, 1]: more than a double has digits. */
const HALVINGS = 60;

/**
 * The interval of a share of which `hits` of `trials` are known (Clopper and Pearson 1934): the shares with which so
 * many hits, or more extreme ones, are not rarer than the rest of the confidence, half of it on either side. It holds
 * the truth at least as often as it says, also for 0 hits.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { shareInterval } from "./share_interval.ts";
 *
 * const { share, low, high } = shareInterval(0, 200);
 * assertEquals([share, low], [0, 0]);
 * assertAlmostEquals(high, 0.01828, 1e-5);
 * ```
 *
 * @throws {RangeError} for no trials, or more hits than trials
 */
export function shareInterval(hits: number, trials: number, confidence = 0.95): ShareInterval {
  if (!(trials >= 1 && hits >= 0 && hits <= trials)) {
    throw new RangeError(`Cannot take a share: received ${hits} of ${trials}`);
  }
  const tail = (1 - confidence) / 2;
  return {
    share: hits / trials,
    low: hits === 0 ? 0 : bisect((share) => 1 - atMost(hits - 1, trials, share) < tail),
    high: hits === trials ? 1 : bisect((share) => atMost(hits, trials, share) > tail),
  };
}

/** Where, going up from 0, something ceases to be so. */
function bisect(isBelow: (share: number) => boolean): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(Binomial(n, share) <= k), its terms in logarithms one from the other. */
function atMost(k: number, n: number, share: number): number {
  let logTerm = n * Math.log1p(-share);
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log((n - i + 1) / i * share / (1 - share));
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}
