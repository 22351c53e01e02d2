import type { TrialRecord } from "../record.ts";

/** The record of a trial of a case, with this downtime; without one it failed. */
export function record(caseNumber: number, trial: number, downtime_ms?: number): TrialRecord {
  const good = downtime_ms !== undefined;
  return {
    scenario: "s",
    case: caseNumber,
    trial,
    clock: "wall",
    seed: 1,
    outcome: good ? "completed" : "failed",
    qemu_says: good ? "completed" : "failed",
    error: null,
    state_verified: good,
    metrics: good ? { downtime_ms } : {},
    downtime_breakdown_ms: {},
    devices: {},
    histograms: {},
  };
}
