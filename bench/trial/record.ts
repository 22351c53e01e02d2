import type { ClassifiedEstimates } from "../measure/mod.ts";
import type { FixedCost } from "./fixed_cost.ts";

/**
 * One migration run, as it is kept: a line of `trials.jsonl`. Every key says its unit; a metric that
 * was not measured is absent, never 0.
 */
export interface TrialRecord {
  readonly scenario: string;
  /** Index of the case in the run, and of the trial in its case; warm-up trials are not recorded. */
  readonly case: number;
  readonly trial: number;
  readonly clock: "wall" | "virtual";
  readonly seed: number;
  /** What became of it. Only a `completed` trial whose state was verified has metrics. */
  readonly outcome: "completed" | "failed" | "cancelled";
  /** What QEMU would have said of the same migration; it differs where QEMU hides a refused device. */
  readonly qemu_says: "completed" | "failed" | "cancelled";
  readonly error: TrialError | null;
  readonly state_verified: boolean;
  /**
   * With real devices, who verifies: the destination's driver, or nobody, where the state goes to no device. `qemu`:
   * imported from its trace; it says what it says, and compares nothing. Absent: the harness itself, by comparison.
   */
  readonly verified_by?: VerifiedBy;
  readonly metrics: Readonly<Record<string, number>>;
  /** Where the downtime went, in the order it was spent; the parts add up to `downtime_ms`. */
  readonly downtime_breakdown_ms: Readonly<Record<string, number>>;
  readonly devices: Readonly<Record<string, DeviceRecord>>;
  /** Per-buffer durations and other distributions: name (with its unit) to an HdrHistogram, V2 compressed base64. */
  readonly histograms: Readonly<Record<string, string>>;
  /** What it took beside the migration; absent where that was not measured, as on the virtual clock. */
  readonly fixed?: FixedCost;
  /** Of a case with `faults`: each of them, and what became of it. Whatever failed because of one is no finding. */
  readonly injected?: readonly InjectedFault[];
  /** UTC, milliseconds since the epoch; absent on the virtual clock, whose records must not vary. */
  readonly started_at_ms?: number;
  /** Of a migration to another process; absent: both sides were in this one. */
  readonly peer?: PeerFields;
}

/** What the downtime of a migration between two processes rests on. */
export interface PeerFields {
  /**
   * `one clock`: both are of the same boot of the same machine. `two clocks`: the destination's moments are moved by
   * the offset of its clock. `return path`: that is too uncertain, and the destination ran when the source heard it.
   */
  readonly downtime_rests_on: "one clock" | "two clocks" | "return path";
  /** How far the destination's clock was ahead, and by how much that may be wrong; absent on one clock. */
  readonly clock_offset_ms?: number;
  readonly clock_uncertainty_ms?: number;
}

/** A fault of the case's plan. */
export interface InjectedFault {
  /** Its place in the case's `faults`, from 0. */
  readonly fault: number;
  /** The fault in words: `read of nic0 at the source gives EIO`. */
  readonly what: string;
  /** How often it struck; 0: its moment never came. */
  readonly times: number;
  /** When it struck first, since the source began: below 0 for what the destination does before that. */
  readonly at_ms?: number;
  /** Of a device's call that it struck first: its number from 1, and the offset of its first byte. */
  readonly nth?: number;
  readonly byte?: number;
}

/** Who vouches for a state that the harness did not compare. */
export type VerifiedBy = "driver" | "nobody" | "qemu";

/** What a device did, and how good its answers were, by kind. */
export interface DeviceRecord {
  readonly metrics: Readonly<Record<string, number>>;
  readonly estimates: Readonly<Record<string, ClassifiedEstimates>>;
}

/** Why a trial failed: which device, in which phase, which call, which errno; `null` where it does not apply. */
export interface TrialError {
  readonly message: string;
  readonly device: string | null;
  readonly phase: string;
  readonly call: string | null;
  readonly errno: string | null;
}

/** What happened when, for the plots: a line of `timeline.jsonl`. */
export interface TimelineEvent {
  readonly case: number;
  readonly trial: number;
  /** Since the trial began. */
  readonly t_ms: number;
  readonly event: string;
  readonly device?: string;
  readonly [key: string]: string | number | boolean | undefined;
}
