/**
 * Of all ways to keep some of a history's cuts, and to fit each stretch between with a level (its median) or,
 * where a cut was in it, with a line (Theil-Sen): the one with the smallest Bayesian information criterion,
 * under Laplace noise. That takes absolute residuals, which one wild night cannot spoil.
 *
 * The middles between cuts are tried too: where a drift turns, a division into levels has no cut.
 *
 * @module
 */
import { quantile } from "./quantile.ts";
import { theilSen } from "./theil_sen.ts";

/** What a stretch costs, in ln n. Its place counts twice, for it was searched for; then its level. */
const LEVEL_PARAMETERS = 3;

/** And its slope, which counts twice too, for it was preferred to a level. */
const LINE_PARAMETERS = 5;

/** A stretch is not halved into less: one or two wild entries are no level beside a line either. */
const LEAST_HALF = 3;

/** Where a stretch may begin. */
export interface Cut {
  readonly at: number;
  /** How often chance alone would divide so well; of a middle, that of the less clear of its neighbours. */
  readonly p: number;
  /** Or just a middle, where a level can border on a line, but on no other level. */
  readonly found: boolean;
}

/** From `start` to before `end`, with its level or line. */
export interface Stretch {
  readonly start: Cut;
  readonly end: Cut;
  readonly kind: "level" | "line";
  readonly first: number;
  readonly last: number;
  /** Of the clearest cut that a line does away with. */
  readonly p: number;
}

/** The stretches from the first entry on, and the criterion so far. */
interface Fit {
  readonly stretches: readonly Stretch[];
  readonly cost: number;
}

/**
 * The stretches that fit a history best, found from place to place: the best fit up to one is made of the best
 * fits up to those before it.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bestStretches } from "./best_stretches.ts";
 *
 * const cut = (at: number) => ({ at, p: 0.001, found: true });
 * const stretches = bestStretches([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [cut(3), cut(6)], 0.1);
 * assertEquals(stretches.map(({ kind, first, last }) => [kind, first, last]), [["line", 1, 10]]);
 * ```
 *
 * @param cuts In order, none at the ends
 * @param sigma The noise from one entry to the next, above 0
 */
export function bestStretches(
  history: readonly number[],
  cuts: readonly Cut[],
  sigma: number,
): readonly Stretch[] {
  const places = withMiddles(history.length, cuts);
  const n = history.length;
  const fits: { level: Fit; line: Fit }[] = [];
  for (const [i, end] of places.entries()) {
    const none: Fit = { stretches: [], cost: i === 0 ? 0 : Infinity };
    const best = { level: none, line: none };
    for (const [j, start] of places.slice(0, i).entries()) {
      const before = fits[j] ?? best;
      const values = history.slice(start.at, end.at);
      const inside = cuts.filter(({ at }) => at > start.at && at < end.at);
      for (const kind of inside.length > 0 ? ["level", "line"] as const : ["level"] as const) {
        const bordering = kind === "level" && !start.found;
        const prior = bordering || before.line.cost < before.level.cost
          ? before.line
          : before.level;
        const { first, slope, residuals } = kind === "level" ? level(values) : line(values);
        const parameters = kind === "level" ? LEVEL_PARAMETERS : LINE_PARAMETERS;
        const cost = prior.cost + 2 * residuals / (sigma * Math.sqrt(2 / Math.PI)) +
          parameters * Math.log(n);
        if (cost >= best[kind].cost) continue;
        const last = first + slope * (values.length - 1);
        const p = Math.min(...inside.map((cut) => cut.p));
        const stretch = { start, end, kind, first, last, p };
        best[kind] = { stretches: [...prior.stretches, stretch], cost };
      }
    }
    fits.push(best);
  }
  const whole = fits.at(-1);
  if (whole === undefined) return [];
  return (whole.line.cost < whole.level.cost ? whole.line : whole.level).stretches;
}

/** Both ends of the history, the cuts, and the middle of each stretch between them that is long enough. */
function withMiddles(n: number, cuts: readonly Cut[]): Cut[] {
  const places = [{ at: 0, p: 0, found: true }, ...cuts, { at: n, p: 0, found: true }];
  return places.flatMap((place, i) => {
    const next = places[i + 1];
    if (next === undefined || next.at - place.at < 2 * LEAST_HALF) return [place];
    const at = Math.round((place.at + next.at) / 2);
    return [place, { at, p: Math.max(place.p, next.p), found: false }];
  });
}

function level(values: readonly number[]): { first: number; slope: number; residuals: number } {
  const first = quantile(values.toSorted((a, b) => a - b), 0.5);
  return { first, slope: 0, residuals: residualsOf(values, first, 0) };
}

function line(values: readonly number[]): { first: number; slope: number; residuals: number } {
  const { slope, intercept: first } = theilSen(values);
  return { first, slope, residuals: residualsOf(values, first, slope) };
}

function residualsOf(values: readonly number[], first: number, slope: number): number {
  return values.reduce((sum, value, i) => sum + Math.abs(value - first - slope * i), 0);
}
