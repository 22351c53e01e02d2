import type { TrialRecord } from "../../trial/mod.ts";

/**
 * The trial whose downtime is the median one (the lower of two), the earliest where several are alike. Where no trial
 * has a downtime it is the first, which then failed; undefined for no trials.
 */
export function medianTrial(trials: readonly TrialRecord[]): TrialRecord | undefined {
  const measured = trials.flatMap((trial) => {
    const { downtime_ms } = trial.metrics;
    return downtime_ms === undefined ? [] : [{ trial, downtime_ms }];
  });
  measured.sort((a, b) => a.downtime_ms - b.downtime_ms || a.trial.trial - b.trial.trial);
  return measured[Math.floor((measured.length - 1) / 2)]?.trial ??
    trials.toSorted((a, b) => a.trial - b.trial)[0];
}
