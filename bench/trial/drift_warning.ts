import { mannWhitney, quantile } from "../measure/mod.ts";
import type { TrialRecord } from "./record.ts";
import { DEFAULT_PRECISION_METRIC, valuesOf } from "./stop_rule.ts";

/** Halves smaller than this say nothing. */
const FEWEST_OF_A_HALF = 5;
const ALPHA = 0.01;
/** A shift of less is there, but no reason to play again. */
const SHIFT_RATIO = 0.05;

/**
 * Whether a case's second half is another than its first: the same was measured, so what differs is the machine.
 * The p of the U test is held against 1 % over the number of cases (Bonferroni), or one run in a few would be warned of.
 */
export function driftWarning(
  name: string,
  trials: readonly TrialRecord[],
  cases: number,
): string | null {
  const values = valuesOf(trials, DEFAULT_PRECISION_METRIC);
  const half = Math.floor(values.length / 2);
  if (half < FEWEST_OF_A_HALF) return null;
  const [first, second] = [values.slice(0, half), values.slice(-half)];
  const shift = medianOf(second) / medianOf(first) - 1;
  if (!(Math.abs(shift) > SHIFT_RATIO)) return null;
  if (mannWhitney(first, second).p > ALPHA / cases) return null;
  return `Noisy machine: ${DEFAULT_PRECISION_METRIC} of ${name} is ${
    (Math.abs(shift) * 100).toFixed(0)
  } % ${
    shift > 0 ? "higher" : "lower"
  } in the second half of the trials than in the first, though both play the same; look for what else runs, and play again`;
}

function medianOf(values: readonly number[]): number {
  return quantile(values.toSorted((a, b) => a - b), 0.5);
}
