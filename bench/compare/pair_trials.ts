import type { TrialRecord } from "../trial/record.ts";
import type { CasePair } from "./match_cases.ts";

/** Two trials that belong together. */
export interface TrialPair {
  readonly base: TrialRecord;
  readonly candidate: TrialRecord;
}

/**
 * Pairs the trials of two cases. On the virtual clock by number: trials of one number have one seed. On the
 * wall clock by round, as cases are interleaved such that all end with the same round: the last with the last.
 * With as many trials in both, that is the number too. A trial whose partner failed is in no pair.
 */
export function pairTrials(
  cases: Pick<CasePair, "base" | "candidate">,
  trials: { readonly base: readonly TrialRecord[]; readonly candidate: readonly TrialRecord[] },
): TrialPair[] {
  const isExact = cases.base.clock === "virtual" && cases.candidate.clock === "virtual";
  const ahead = isExact ? 0 : cases.candidate.trials - cases.base.trials;
  const partners = new Map(trials.candidate.map((trial) => [trial.trial, trial]));
  const pairs = trials.base.map((base) => {
    const candidate = partners.get(base.trial + ahead);
    return candidate && { base, candidate };
  });
  return pairs.filter((pair) => pair !== undefined);
}
