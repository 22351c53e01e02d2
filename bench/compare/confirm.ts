/**
 * A regression is confirmed by a re-run before it counts.
 *
 * ```text
 *   inside one run (--by)         base and candidate are played again, interleaved
 *   two runs, settings alike      the candidate is played again; the base is code that is no longer here, and its
 *                                 trials stay what they were
 *   two runs, settings differ     (--anyway) both are played again, interleaved, with the code that is here
 * ```
 *
 * Only the cases and metrics that regressed are tested again, by the same rule.
 *
 * @module
 */
import type { CaseMeta } from "../store/mod.ts";
import { comparePairs } from "./compare_pairs.ts";
import type { CompareRunsOptions, NamedRun } from "./compare_runs.ts";
import { type Comparison, countVerdicts } from "./comparison.ts";
import type { Again, ComparisonRow } from "./comparison_row.ts";
import { type CasePair, differingSettings, matchCases } from "./match_cases.ts";
import { pairAlong } from "./pair_along.ts";

/** What is to be played again. */
export interface Rerun {
  /** In the order to play them, each once. */
  readonly cases: readonly CaseMeta[];
  readonly pairs: readonly RerunPair[];
  readonly metrics: readonly string[];
}

/** A pair of which something regressed. */
export interface RerunPair {
  readonly pair: CasePair;
  /** Where its base stands among the cases to play; null where the base's recorded trials are taken. */
  readonly base: number | null;
  readonly candidate: number;
}

/** The runs that were compared, and how. */
export interface ConfirmOptions extends CompareRunsOptions {
  readonly base: NamedRun;
  readonly candidate: NamedRun;
  readonly baseValue?: string;
  readonly anyway: boolean;
}

/** What a comparison leaves to be played again; null where nothing regressed. Pure. */
export function planRerun(first: Comparison, options: ConfirmOptions): Rerun | null {
  const regressed = first.rows.filter(({ verdict }) => verdict === "regressed");
  if (regressed.length === 0) return null;
  const { base, candidate, baseValue, anyway } = options;
  const matched = first.by === null
    ? matchCases(base.meta.cases, candidate.meta.cases, anyway)
    : pairAlong(candidate.meta.cases, first.by, baseValue);
  const names = new Set(regressed.map((row) => row.case));
  const cases: CaseMeta[] = [];
  const placeOf = (one: CaseMeta): number => {
    const at = cases.indexOf(one);
    return at < 0 ? cases.push(one) - 1 : at;
  };
  const pairs = matched.pairs.filter(({ text }) => names.has(text)).map((pair): RerunPair => {
    const playsBase = first.by !== null || differingSettings(pair).length > 0;
    return {
      pair,
      base: playsBase ? placeOf(pair.base) : null,
      candidate: placeOf(pair.candidate),
    };
  });
  return { cases, pairs, metrics: [...new Set(regressed.map(({ metric }) => metric))] };
}

/**
 * The comparison with what the re-run says of its regressions: those that it does not say too are inconclusive. Pure.
 *
 * @param again The run of {@linkcode planRerun}'s cases, in that order
 */
export function confirm(
  first: Comparison,
  { pairs, metrics }: Rerun,
  again: NamedRun,
  { base, tolerance, anyway }: ConfirmOptions,
): Comparison {
  const replayed = new Map<string, ComparisonRow>();
  const take = (isInterleaved: boolean) => {
    const chosen = pairs.filter((one) => (one.base !== null) === isInterleaved)
      .flatMap(({ pair, base, candidate }) => {
        const newBase = base === null ? pair.base : again.meta.cases[base];
        const newCandidate = again.meta.cases[candidate];
        if (newBase === undefined || newCandidate === undefined) return [];
        return [{ base: newBase, candidate: newCandidate, text: pair.text }];
      });
    const trials = {
      base: isInterleaved ? again.trials : base.trials,
      candidate: again.trials,
    };
    const { rows } = comparePairs(chosen, trials, {
      metrics,
      tolerance,
      oneRun: isInterleaved,
      anyway,
    });
    for (const row of rows) replayed.set(rowKey(row), row);
  };
  for (const isInterleaved of [true, false]) take(isInterleaved);
  const rows = first.rows.map((row): ComparisonRow => {
    if (row.verdict !== "regressed") return row;
    const found = replayed.get(rowKey(row));
    const verdict = found?.verdict === "regressed" ? "regressed" : "inconclusive";
    return { ...row, verdict, again: found === undefined ? null : againOf(found) };
  });
  return { ...first, rows, verdicts: countVerdicts(rows), confirmed_by: again.run };
}

function rowKey({ case: name, metric }: ComparisonRow): string {
  return JSON.stringify([name, metric]);
}

function againOf(
  { base, candidate, ratio, ratio_ci95, p_corrected, verdict }: ComparisonRow,
): Again {
  return { base, candidate, ratio, ratio_ci95, p_corrected, verdict };
}
