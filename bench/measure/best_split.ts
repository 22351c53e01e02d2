/**
 * Where a series divides best into levels, and whether that is more than chance.
 *
 * ```text
 *   two parts           ------          three, with       ----
 *                 ------                equal outer  -----    ------
 * ```
 *
 * Values are replaced by normal scores (van der Waerden 1952): what a normal sample would have at their
 * ranks. So one wild night weighs no more than the largest of a normal sample does, and no shape of noise is
 * assumed. Of every possible part the sum of the scores is held against its standard deviation under random
 * order, and the largest such z is taken. How large that gets by chance is counted: the same scores in
 * seeded random orders. It is one test over all places, so their number needs no correction.
 *
 * @module
 */
import { createRandom } from "../random.ts";
import { midranks } from "./midranks.ts";
import { normalTailQuantile } from "./normal.ts";

/** A division that is more than chance. */
export interface Split {
  /** The indices at which new parts begin: one, or two around a part that stands out. */
  readonly cuts: readonly number[];
  /** How many of the random orders, this one with them, divide as well. */
  readonly p: number;
}

/** What counts as a split. */
export interface SplitOptions {
  /** The smallest part, in values: a single one is no level. */
  readonly minLength: number;
  /** How often chance alone may be taken for a split in two, and again for one in three. */
  readonly alpha: number;
  /** How many random orders. */
  readonly permutations: number;
  /** Of the random orders. */
  readonly seed: number;
}

/** A division and how far it is from chance, in sigmas. */
interface Candidate {
  readonly cuts: readonly number[];
  readonly z: number;
}

/** Finds the best division of scores; `sigmas[k]` is the standard deviation of the sum of k of them. */
type Scan = (scores: Float64Array, sigmas: Float64Array, minLength: number) => Candidate;

/**
 * The best split of a series in two, or else in three with a part that stands out in the middle; undefined if
 * neither is one at level `alpha`. A level that went back is not seen by splits in two: before and
 * after the cut the means are the same.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bestSplit } from "./best_split.ts";
 *
 * const options = { minLength: 3, alpha: 0.01, permutations: 999, seed: 1 };
 * const stepped = [5, 4, 6, 5.5, 4.5, 5.2, 4.8, 9, 8, 9.5, 8.5, 9.2, 8.8, 9.1];
 * assertEquals(bestSplit(stepped, options)?.cuts, [7]);
 * assertEquals(bestSplit([5, 4, 6, 5.5, 4.5, 6.1, 5.2, 4.9], options), undefined);
 * ```
 */
export function bestSplit(series: readonly number[], options: SplitOptions): Split | undefined {
  return moreThanChance(series, inTwo, options) ?? moreThanChance(series, inThree, options);
}

function moreThanChance(
  series: readonly number[],
  scan: Scan,
  { minLength, alpha, permutations, seed }: SplitOptions,
): Split | undefined {
  const n = series.length;
  const scores = normalScores(series);
  const variance = scores.reduce((sum, score) => sum + score * score, 0) / (n - 1);
  // Of k scores of n, drawn without putting back.
  const sigmas = scores.map((_, k) => Math.sqrt(variance * k * (n - k) / n));
  const { cuts, z } = scan(scores, sigmas, minLength);
  if (!(z > 0)) return undefined;
  const random = createRandom(seed);
  const most = alpha * (permutations + 1);
  let asLarge = 1;
  for (let i = 0; i < permutations && asLarge <= most; i++) {
    shuffle(scores, random);
    // Less a rounding error: sums in another order are not the very same.
    if (scan(scores, sigmas, minLength).z >= z - 1e-9) asLarge++;
  }
  return asLarge <= most ? { cuts, p: asLarge / (permutations + 1) } : undefined;
}

/** They sum up to 0, whatever the ties. */
function normalScores(series: readonly number[]): Float64Array {
  const n = series.length;
  const scores = Float64Array.from(
    midranks(series).ranks,
    (rank) => normalTailQuantile(1 - rank / (n + 1)),
  );
  const mean = scores.reduce((sum, score) => sum + score, 0) / n;
  // Values that are all the same leave no rounding error behind either.
  return scores.map((score) => Math.abs(score - mean) < 1e-12 ? 0 : score - mean);
}

function inTwo(scores: Float64Array, sigmas: Float64Array, minLength: number): Candidate {
  let at = 0;
  let most = 0;
  let sum = 0;
  for (let k = 1; k <= scores.length - minLength; k++) {
    sum += scores[k - 1] ?? 0;
    if (k < minLength) continue;
    const z = Math.abs(sum) / (sigmas[k] ?? NaN);
    if (z > most) {
      most = z;
      at = k;
    }
  }
  return { cuts: [at], z: most };
}

function inThree(scores: Float64Array, sigmas: Float64Array, minLength: number): Candidate {
  let from = 0;
  let to = 0;
  let most = 0;
  for (let start = minLength; start <= scores.length - 2 * minLength; start++) {
    let sum = 0;
    for (let end = start + 1; end <= scores.length - minLength; end++) {
      sum += scores[end - 1] ?? 0;
      if (end - start < minLength) continue;
      const z = Math.abs(sum) / (sigmas[end - start] ?? NaN);
      if (z > most) {
        most = z;
        from = start;
        to = end;
      }
    }
  }
  return { cuts: [from, to], z: most };
}

/** Fisher and Yates. */
function shuffle(values: Float64Array, random: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = values[i] ?? 0;
    values[i] = values[j] ?? 0;
    values[j] = kept;
  }
}
