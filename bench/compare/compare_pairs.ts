/**
 * Pairs of cases held against each other, metric by metric.
 *
 * ```text
 *   wall clock      evidence of every row -> Holm over all rows -> a verdict on each
 *   virtual clock   trial by trial: any change is one
 * ```
 *
 * @module
 */
import { compareMetric, holm, judge, judgeExact, type MetricComparison } from "../measure/mod.ts";
import type { TrialRecord } from "../trial/record.ts";
import { caseText } from "../report/case_text.ts";
import { compareFailures } from "./compare_failures.ts";
import { type ComparisonRow, finite, sideOf } from "./comparison_row.ts";
import type { CasePair, Unmatched } from "./match_cases.ts";
import { isGood } from "../trial/is_good.ts";
import { betterOf, metricOf } from "./metric.ts";
import { pairTrials, type TrialPair } from "./pair_trials.ts";

/** How to compare. */
export interface PairOptions {
  readonly metrics: readonly string[];
  /** Up to which relative change a metric counts as the same, such as 0.05. */
  readonly tolerance: number;
  /** Both are of one run, whose trials were interleaved: those of a round are pairs. */
  readonly oneRun: boolean;
  /** Whether trials of the virtual clock that had other seeds are compared. */
  readonly anyway: boolean;
}

/** What came of comparing. */
export interface Compared {
  readonly rows: readonly ComparisonRow[];
  readonly unmatched: readonly Unmatched[];
  readonly warnings: readonly string[];
}

/** The trials of both sides. */
export interface Trials {
  readonly base: readonly TrialRecord[];
  readonly candidate: readonly TrialRecord[];
}

/** A row of the wall clock before Holm's correction, or a finished one. */
type Draft =
  | { readonly row: ComparisonRow; readonly evidence: MetricComparison }
  | { readonly row: ComparisonRow; readonly evidence: null };

/** The same intervals every time. */
const SEED = 1;

/** Compares every metric of every pair. Pure. */
export function comparePairs(
  pairs: readonly CasePair[],
  trials: Trials,
  options: PairOptions,
): Compared {
  const baseTrials = Map.groupBy(trials.base, (trial) => trial.case);
  const candidateTrials = Map.groupBy(trials.candidate, (trial) => trial.case);
  const drafts: Draft[] = [];
  const unmatched: Unmatched[] = [];
  const warnings: string[] = [];
  for (const pair of pairs) {
    const base = baseTrials.get(pair.base.index) ?? [];
    const candidate = candidateTrials.get(pair.candidate.index) ?? [];
    const empty = [["base", base], ["candidate", candidate]] as const;
    const silent = empty.find(([, ones]) => ones.length === 0);
    if (silent !== undefined) {
      const [run] = silent;
      unmatched.push({ run, case: caseText(pair[run]), reason: "no trial of it was played" });
      continue;
    }
    const failures = compareFailures(pair, base, candidate);
    if (failures !== null) drafts.push({ row: failures, evidence: null });
    const good = { base: base.filter(isGood), candidate: candidate.filter(isGood) };
    const isExact = pair.base.clock === "virtual" && pair.candidate.clock === "virtual";
    const paired = isExact || options.oneRun ? pairTrials(pair, good) : null;
    if (isExact && !options.oneRun && !options.anyway && paired?.some(hasOtherSeed) === true) {
      unmatched.push({
        run: "candidate",
        case: caseText(pair.candidate),
        reason: "its seeds are others, which changes what the virtual clock says (--anyway)",
      });
      continue;
    }
    const most = Math.max(good.base.length, good.candidate.length);
    if (paired !== null && paired.length < most) {
      warnings.push(
        `${pair.text}: ${paired.length} of ${most} trials have a partner that completed and are compared`,
      );
    }
    const taken = paired === null ? good : {
      base: paired.map((one) => one.base),
      candidate: paired.map((one) => one.candidate),
    };
    for (const metric of options.metrics) {
      const draft = compareOne(pair, metric, taken, { isExact, paired: paired !== null });
      if (typeof draft === "string") warnings.push(draft);
      else if (draft !== null) drafts.push(draft);
    }
  }
  return { rows: judgeAll(drafts, options.tolerance), unmatched, warnings };
}

function hasOtherSeed({ base, candidate }: TrialPair): boolean {
  return base.seed !== candidate.seed;
}

/** A draft; null where neither side has the metric; a warning where only one has. */
function compareOne(
  pair: CasePair,
  metric: string,
  trials: Trials,
  { isExact, paired }: { readonly isExact: boolean; readonly paired: boolean },
): Draft | string | null {
  const bases = trials.base.map((trial) => metricOf(trial, metric));
  const candidates = trials.candidate.map((trial) => metricOf(trial, metric));
  if (![...bases, ...candidates].some(isMeasured)) return null;
  for (const [side, values] of [["base", bases], ["candidate", candidates]] as const) {
    if (!values.some(isMeasured)) return `${pair.text}: the ${side} has no ${metric}`;
  }
  // Of pairs, what was measured on one side alone says nothing.
  const isUsed = (i: number) => !paired || (isMeasured(bases[i]) && isMeasured(candidates[i]));
  const before = bases.filter((_, i) => isUsed(i)).filter(isMeasured);
  const after = candidates.filter((_, i) => isUsed(i)).filter(isMeasured);
  if (before.length === 0) return `${pair.text}: no two trials that belong together have ${metric}`;
  if ([...before, ...after].some((value) => value < 0)) {
    return `${pair.text}: ${metric} has values below 0, which have no ratio`;
  }
  const better = betterOf(metric);
  const shared = {
    case: pair.text,
    scenario: pair.candidate.scenario,
    clock: isExact ? "virtual" as const : "wall" as const,
    metric,
    better,
    base: sideOf(pair.base, before),
    candidate: sideOf(pair.candidate, after),
    paired,
  };
  if (isExact) return { row: exactRow(shared, before, after), evidence: null };
  const evidence = compareMetric(before, after, { paired, seed: SEED });
  const row: ComparisonRow = {
    ...shared,
    ratio: finite(evidence.ratio),
    ratio_ci95: [finite(evidence.ratio_low), finite(evidence.ratio_high)],
    p: evidence.p,
    p_corrected: null,
    delta: evidence.delta,
    effect: evidence.effect,
    tolerance: null,
    changed: null,
    verdict: "inconclusive",
    needed_trials: null,
    again: null,
  };
  return { row, evidence };
}

function isMeasured(value: number | undefined): value is number {
  return value !== undefined;
}

type Shared = Pick<
  ComparisonRow,
  "case" | "scenario" | "clock" | "metric" | "better" | "base" | "candidate" | "paired"
>;

function exactRow(
  shared: Shared,
  before: readonly number[],
  after: readonly number[],
): ComparisonRow {
  const from = shared.base.median;
  const to = shared.candidate.median;
  return {
    ...shared,
    ratio: from === to ? 1 : finite(to / from),
    ratio_ci95: null,
    p: null,
    p_corrected: null,
    delta: null,
    effect: null,
    tolerance: null,
    ...judgeExact(before, after, shared.better),
    needed_trials: null,
    again: null,
  };
}

/** Many metrics held side by side: the p of all are corrected together, and then each is judged. */
function judgeAll(drafts: readonly Draft[], tolerance: number): ComparisonRow[] {
  const ps = drafts.flatMap(({ evidence }) => evidence === null ? [] : [evidence.p]);
  const corrected = holm(ps);
  let at = 0;
  return drafts.map(({ row, evidence }): ComparisonRow => {
    if (evidence === null) return row;
    const p_corrected = corrected[at++] ?? 1;
    const judged = judge(evidence, {
      better: row.better,
      tolerance,
      p_corrected,
      metrics: ps.length,
    });
    return { ...row, p_corrected, ...judged };
  });
}
