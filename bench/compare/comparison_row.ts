import { type EffectWord, markOutliers, summarize, type VerdictWord } from "../measure/mod.ts";
import { caseText, type NamedCase } from "../report/case_text.ts";
import type { Better } from "./metric.ts";

/** What one side of a row measured. */
export interface Side {
  /** What its case is called. */
  readonly case: string;
  readonly trials: number;
  readonly median: number;
  /** The 95 % interval of the median; of fewer than 6 trials the range. */
  readonly ci95: readonly [number, number];
  /** Trials far from the others: marked, and never left out. */
  readonly outliers: number;
}

/** What came of a row when its cases were played again. */
export type Again = Pick<
  ComparisonRow,
  "base" | "candidate" | "ratio" | "ratio_ci95" | "p_corrected" | "verdict"
>;

/** One metric of one pair of cases. Ratios are candidate to base; null where only the base is 0. */
export interface ComparisonRow {
  readonly case: string;
  readonly scenario: string;
  readonly clock: "wall" | "virtual";
  readonly metric: string;
  readonly better: Better;
  readonly base: Side;
  readonly candidate: Side;
  readonly paired: boolean;
  readonly ratio: number | null;
  /** The 95 % interval of the ratio; null on the virtual clock, which has none. */
  readonly ratio_ci95: readonly [number | null, number | null] | null;
  /** As tested, and after Holm's correction over all rows; null on the virtual clock. */
  readonly p: number | null;
  readonly p_corrected: number | null;
  readonly delta: number | null;
  readonly effect: EffectWord | null;
  /** The larger of what was asked for and the noise; null where any change counts. */
  readonly tolerance: number | null;
  /** On the virtual clock: how many trials gave another value. Else null. */
  readonly changed: number | null;
  readonly verdict: VerdictWord;
  /** Of each side, for an inconclusive one. */
  readonly needed_trials: number | null;
  /**
   * For a row that regressed and was played again (`--confirm`): what came of that. It is still `regressed` where that
   * regressed too, and else `inconclusive`. Null for every other row.
   */
  readonly again: Again | null;
}

/** What is said of the values of one side. @throws {RangeError} for no values */
export function sideOf(one: NamedCase, values: readonly number[]): Side {
  const { median, ci95, n } = summarize(values);
  // The virtual clock has no noise to be far from.
  const outliers = one.clock === "virtual"
    ? 0
    : markOutliers(values).filter((isOutlier) => isOutlier).length;
  return { case: caseText(one), trials: n, median, ci95, outliers };
}

/** JSON has no Infinity. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
