import type { VerdictWord } from "../measure/mod.ts";
import type { TrialRecord } from "../trial/record.ts";
import { caseText } from "../report/case_text.ts";
import type { ComparisonRow, Side } from "./comparison_row.ts";
import type { CasePair } from "./match_cases.ts";
import { isGood } from "../trial/is_good.ts";
import { FAILED_RATIO } from "./metric.ts";

/**
 * How many trials failed, where any did: numbers of the others say nothing of them. A case that failed in no
 * trial of the base and in some of the candidate is worse, and needs no statistics. Where both fail in some,
 * but not in as many, only the virtual clock can tell whether that is chance.
 *
 * @returns A row, or null where no trial failed
 */
export function compareFailures(
  pair: CasePair,
  base: readonly TrialRecord[],
  candidate: readonly TrialRecord[],
): ComparisonRow | null {
  const before = failedSide(pair.base, base);
  const after = failedSide(pair.candidate, candidate);
  if (before.median === 0 && after.median === 0) return null;
  const isExact = pair.base.clock === "virtual" && pair.candidate.clock === "virtual";
  return {
    case: pair.text,
    scenario: pair.candidate.scenario,
    clock: isExact ? "virtual" : "wall",
    metric: FAILED_RATIO,
    better: "lower",
    base: before,
    candidate: after,
    paired: false,
    ratio: before.median === 0 ? null : after.median / before.median,
    ratio_ci95: null,
    p: null,
    p_corrected: null,
    delta: null,
    effect: null,
    tolerance: null,
    changed: null,
    verdict: verdictOf(before.median, after.median, isExact),
    needed_trials: null,
    again: null,
  };
}

function verdictOf(before: number, after: number, isExact: boolean): VerdictWord {
  if (before === after) return "same";
  if (isExact || before === 0 || after === 0) return after > before ? "regressed" : "improved";
  return "inconclusive";
}

/** The share is the number; it has no interval of its own. */
function failedSide(one: CasePair["base"], trials: readonly TrialRecord[]): Side {
  const failed = trials.filter((trial) => !isGood(trial)).length;
  const share = failed / trials.length;
  return {
    case: caseText(one),
    trials: trials.length,
    median: share,
    ci95: [share, share],
    outliers: 0,
  };
}
