import type { TrialOutcome } from "./trial_record.ts";

/**
 * What a trial takes beside its migration: a Worker for each side unless one was left, devices and their contents, the
 * comparison of the states, and the end of all that. Nothing of it is in any metric; it says how much of a run is waited
 * for in vain.
 *
 *     began ---ready---> migration begins ... migration ends ---verify---> compared ---close---> closed
 */
export interface FixedCost {
  /** The sum of the others. */
  readonly fixed_ms: number;
  /** Until the source begins: Workers started, devices built and filled, channels opened. */
  readonly ready_ms: number;
  /** From the end of the later side until the states are compared. */
  readonly verify_ms: number;
  /** Until Workers, devices and channels are closed. */
  readonly close_ms: number;
}

/** When what was over, in nanoseconds of the clock that the reports have. */
export interface TrialMoments extends Pick<TrialOutcome, "source" | "destination"> {
  readonly beganNs: number;
  /** Absent where the states were not compared. */
  readonly comparedNs?: number;
  readonly closedNs: number;
}

/** The cost of a trial that came to its end; null of another one. */
export function fixedCost(
  { beganNs, source, destination, comparedNs, closedNs }: TrialMoments,
): FixedCost | null {
  const runningNs = destination?.runningNs ?? null;
  if (source === null || runningNs === null || comparedNs === undefined) return null;
  const endNs = Math.max(source.finishedNs, runningNs);
  const ready_ms = toMs(source.startNs - beganNs);
  const verify_ms = toMs(comparedNs - endNs);
  const close_ms = toMs(closedNs - comparedNs);
  return { fixed_ms: round(ready_ms + verify_ms + close_ms), ready_ms, verify_ms, close_ms };
}

function toMs(ns: number): number {
  return round(ns / 1e6);
}

function round(ms: number): number {
  return Number(ms.toFixed(3));
}
