import type { TrialRecord, VerifiedBy } from "./record.ts";

/**
 * Whether a trial has numbers: one that moved the wrong bytes has none. Where the state went to no device there
 * was nobody to say so, and its numbers are of the saving side alone; of an imported one QEMU says that it went well.
 */
export function isGood(
  trial: Pick<TrialRecord, "outcome" | "state_verified" | "verified_by">,
): boolean {
  return trial.outcome === "completed" &&
    (trial.state_verified || isUnverifiable(trial.verified_by));
}

/** Whether there was nobody who could have verified the state. */
export function isUnverifiable(by: VerifiedBy | undefined): boolean {
  return by === "nobody" || by === "qemu";
}
