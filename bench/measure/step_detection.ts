/**
 * Where the level of a history changed: a series of medians, one for each night, is divided into stretches.
 *
 * ```text
 *   step          ------            drift          ----
 *           ------                             ----
 *                                          ----
 * ```
 *
 * 1. Binary segmentation: the history is divided where it divides best, if that is more than chance
 *    (`best_split.ts`), and so are its parts, until no part divides. A level that came back is cut at both ends.
 * 2. A drift falls into a staircase that way. So it is weighed which of the cuts to keep, and whether a
 *    stretch between them is a level or a line (`best_stretches.ts`).
 *
 * Nights are taken as independent. Noise that lingers is a change of level to this test: where each night keeps
 * a fifth of the one before's, 5 % of histories of 60 nights have a false alarm, where it keeps half, 39 %.
 *
 * @module
 */
import { bestSplit, type SplitOptions } from "./best_split.ts";
import { bestStretches, type Cut } from "./best_stretches.ts";
import { mad, SIGMA_PER_MAD } from "./mad.ts";
import { quantile } from "./quantile.ts";

/** A change of a history's level. */
export interface LevelChange {
  /** All at once from one entry to the next, or little by little. */
  readonly kind: "step" | "drift";
  /** The index of the last entry before a step, or of a drift's first. */
  readonly from: number;
  /** The index of the first entry after a step, or of a drift's last. */
  readonly to: number;
  /** The level at `from`: the median of the stretch, or the line's value. */
  readonly before: number;
  /** The level at `to`. */
  readonly after: number;
  /** How often chance alone would divide the stretch so well. */
  readonly p: number;
}

/**
 * A step is told at the earliest when three entries have it. At most 1 % of histories of noise have a false
 * alarm: 0.005 for a division in two and as much for one in three.
 */
export const STEP_OPTIONS: SplitOptions = {
  minLength: 3,
  alpha: 0.005,
  permutations: 1999,
  seed: 1,
};

/** A level that jumps by less than so many sigmas beside a drift is a bend of the drift, no step. */
const BEND_SIGMAS = 2;

/**
 * The steps and drifts of a history, in order. The same history gives the same ones.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { detectSteps } from "./step_detection.ts";
 *
 * const history = [50, 51, 49, 50, 52, 50, 49, 51, 50, 60, 61, 59, 60, 62, 60, 59, 61, 60];
 * const [step] = detectSteps(history);
 * assertEquals(step, { kind: "step", from: 8, to: 9, before: 50, after: 60, p: 0.0005 });
 * ```
 *
 * @param history Evenly spaced values, the oldest first
 * @throws {RangeError} for a value that is not finite
 */
export function detectSteps(
  history: readonly number[],
  options: Partial<SplitOptions> = {},
): LevelChange[] {
  if (history.length < 2) return [];
  const wrong = history.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new RangeError(`Cannot find steps: received ${wrong}`);
  const sigma = noiseOf(history);
  const cuts = moveCuts(
    history,
    divide(history, 0, history.length, { ...STEP_OPTIONS, ...options }),
  );
  const stretches = cuts.length === 0 ? [] : bestStretches(history, cuts, sigma);
  return stretches.flatMap((stretch, i) => {
    const changes: LevelChange[] = [];
    const { start, first: after } = stretch;
    const earlier = stretches[i - 1];
    const bends = stretch.kind === "line" || earlier?.kind === "line";
    if (earlier && (!bends || Math.abs(after - earlier.last) > BEND_SIGMAS * sigma)) {
      const [from, to] = [start.at - 1, start.at];
      changes.push({ kind: "step", from, to, before: earlier.last, after, p: start.p });
    }
    if (stretch.kind === "line") {
      const { first: before, last: after, p } = stretch;
      changes.push({ kind: "drift", from: start.at, to: stretch.end.at - 1, before, after, p });
    }
    return changes;
  });
}

/** All cuts of binary segmentation, in order. */
function divide(
  history: readonly number[],
  start: number,
  end: number,
  options: SplitOptions,
): Cut[] {
  const split = bestSplit(history.slice(start, end), options);
  if (split === undefined) return [];
  const { p } = split;
  const edges = [start, ...split.cuts.map((cut) => start + cut), end];
  return edges.slice(1).flatMap((edge, i) => {
    const within = divide(history, edges[i] ?? start, edge, options);
    return edge === end ? within : [...within, { at: edge, p, found: true }];
  });
}

/** So far a cut is moved at most: normal scores find that there is one, and about where. */
const FURTHEST_MOVE = 3;

/**
 * Each cut where the levels on both sides fit best, by absolute residuals: of parts of unequal length, the scores near the
 * middle rank pull a cut towards the longer one by an entry or so.
 */
function moveCuts(history: readonly number[], cuts: readonly Cut[]): Cut[] {
  const moved: Cut[] = [];
  for (const [i, cut] of cuts.entries()) {
    const start = moved.at(-1)?.at ?? 0;
    const end = cuts[i + 1]?.at ?? history.length;
    const costAt = (at: number) =>
      deviations(history.slice(start, at)) + deviations(history.slice(at, end));
    let best = cut.at;
    let least = costAt(best);
    const from = Math.max(start + 1, cut.at - FURTHEST_MOVE);
    for (let at = from; at <= Math.min(end - 1, cut.at + FURTHEST_MOVE); at++) {
      const cost = costAt(at);
      if (cost >= least) continue;
      best = at;
      least = cost;
    }
    moved.push({ ...cut, at: best });
  }
  return moved;
}

/** The sum of the distances from the median. */
function deviations(values: readonly number[]): number {
  const median = quantile(values.toSorted((a, b) => a - b), 0.5);
  return values.reduce((sum, value) => sum + Math.abs(value - median), 0);
}

/**
 * The noise from one entry to the next: no step and no slow drift is in it. Never quite 0, so that a history
 * without noise has a likelihood too.
 */
function noiseOf(history: readonly number[]): number {
  const changes = history.slice(1).map((value, i) => value - (history[i] ?? NaN));
  const largest = history.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Math.max(mad(changes) * SIGMA_PER_MAD / Math.SQRT2, largest * 1e-9, Number.MIN_VALUE);
}
