import type { TrialRecord } from "./record.ts";

/**
 * Whether a trial has numbers: one that moved the wrong bytes has none. Where the state went to no device there
 * was nobody to say so, and its numbers are of the saving side alone.
 */
export function isGood(
  trial: Pick<TrialRecord, "outcome" | "state_verified" | "verified_by">,
): boolean {
  return trial.outcome === "completed" && (trial.state_verified || trial.verified_by === "nobody");
}
