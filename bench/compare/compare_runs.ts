/**
 * From runs to a comparison, without any reading or writing.
 *
 * @module
 */
import { resultDocument } from "../report/mod.ts";
import type { StoredRun } from "../store/mod.ts";
import type { BufferSizeAdvice } from "../report/buffer_size_advice.ts";
import { plainText } from "../report/case_text.ts";
import { comparePairs } from "./compare_pairs.ts";
import { type ComparedRun, type Comparison, countVerdicts } from "./comparison.ts";
import { matchCases, type Matched } from "./match_cases.ts";
import { pairAlong } from "./pair_along.ts";
import { comparability } from "./comparability.ts";

/** A run, and how the user named it. */
export interface NamedRun extends StoredRun {
  readonly run: string;
}

/** What is compared, and how. */
export interface CompareRunsOptions {
  readonly metrics: readonly string[];
  readonly tolerance: number;
}

/** Compares two runs. A string says why not: they are of different machines, or have nothing in common. */
export function compareRuns(
  base: NamedRun,
  candidate: NamedRun,
  options: CompareRunsOptions & { readonly anyway: boolean },
): Comparison | string {
  const { anyway } = options;
  const matched = matchCases(base.meta.cases, candidate.meta.cases, anyway);
  const { refusal, warnings } = comparability(
    { base: base.meta, candidate: candidate.meta, anyway },
    matched,
  );
  if (refusal !== null) return refusal;
  return comparisonOf(
    { base, candidate, matched, warnings, by: null, anyway, advice: [] },
    options,
  );
}

/**
 * Compares cases of one run with each other along a key that varies; by `buffer_size` with advice.
 *
 * @throws {UsageError} for a key that does not vary, or a base value that it does not have
 */
export function compareWithin(
  run: NamedRun,
  by: string,
  options: CompareRunsOptions & { readonly baseValue?: string },
): Comparison {
  const matched = pairAlong(run.meta.cases, by, options.baseValue);
  const advice = by === "buffer_size"
    ? resultDocument(run.meta, run.trials).buffer_size_advice
    : [];
  const all = { base: run, candidate: run, matched, warnings: [], by, anyway: false, advice };
  return comparisonOf(all, options);
}

interface Parts {
  readonly base: NamedRun;
  readonly candidate: NamedRun;
  readonly matched: Matched;
  readonly warnings: readonly string[];
  readonly by: string | null;
  readonly anyway: boolean;
  readonly advice: readonly BufferSizeAdvice[];
}

function comparisonOf(parts: Parts, options: CompareRunsOptions): Comparison {
  const { base, candidate, matched, by, anyway, advice } = parts;
  const { metrics, tolerance } = options;
  const trials = { base: base.trials, candidate: candidate.trials };
  const oneRun = by !== null;
  const compared = comparePairs(matched.pairs, trials, { metrics, tolerance, oneRun, anyway });
  const runs = oneRun ? [candidate] : [base, candidate];
  return {
    schema: "vfio-migbench/comparison@1",
    base: comparedRun(base),
    candidate: comparedRun(candidate),
    by,
    confirmed_by: null,
    tolerance,
    rows: compared.rows,
    verdicts: countVerdicts(compared.rows),
    unmatched: [...matched.unmatched, ...compared.unmatched],
    buffer_size_advice: advice,
    warnings: [
      ...runs.filter(({ meta }) => !meta.complete).map(({ run }) =>
        plainText(`${run} is not complete: what it has is compared`)
      ),
      ...parts.warnings,
      ...matched.warnings,
      ...compared.warnings,
    ],
  };
}

function comparedRun({ run, meta }: NamedRun): ComparedRun {
  return { run, name: meta.name, started_at: meta.started_at, complete: meta.complete };
}
