/**
 * One migration as the trace logs of its QEMUs tell it. Plain data: this is what `import.json` of an imported
 * run folder holds, and what profiles, advice and replays are made of.
 *
 * Times are microseconds since the migration began at the source (`migrate_set_state new state setup`), on
 * the source's clock; the destination's are moved there by {@linkcode ClockOffset}. A time is null where
 * the log has no timestamps, and what a log cannot know is null or absent, never 0.
 *
 * @module
 */
import type { EstimateEntry, PolicyName } from "../../core/migration/mod.ts";

/** Microseconds since the migration began, on the source's clock; null where that cannot be known. */
export type Moment = number | null;

/** How a migration ended, as its source says. */
export type Outcome = "completed" | "failed" | "cancelled";

/** A device state that was reached, or tried. */
export interface TracedState {
  readonly at_us: Moment;
  /** As QEMU writes it: `PRE_COPY_P2P`. */
  readonly state: string;
  /** From the attempt until it was reached: what the device took; null where the log has no attempt. */
  readonly took_us: Moment;
}

/** A device's answer to MIG_DATA_SIZE, VFIO_MIG_GET_PRECOPY_INFO or both, asked together. */
export interface TracedQuery {
  readonly at_us: Moment;
  /** `stop`: 11.1 asks once more when the vCPUs have stopped. */
  readonly when: "setup" | "exact" | "stop";
  /** Absent: not asked, or not traced (10.0 does not trace it at setup). null: the query failed. A u64 as `core/vfio` holds it. */
  readonly stop_copy_length?: number | null;
  /** initial_bytes and dirty_bytes. Absent: not asked. null: the query failed (only 11.1 traces that). */
  readonly initial_bytes?: number | null;
  readonly dirty_bytes?: number | null;
  readonly reinit: boolean;
  /** How much had been read of the device by then. */
  readonly position_bytes: number;
}

/** Buffers that moved, of one device, in one phase, on one side. */
export interface TracedBuffers {
  readonly count: number;
  readonly bytes: number;
  /** Turns that found nothing to read. Only precopy of the source has them. */
  readonly empty: number;
  /** Time in them: read(2) and the hand-over to the stream at the source, stream and write(2) at the destination. */
  readonly busy_us: Moment;
  /** The first one's begin and the last one's end. */
  readonly begin_us: Moment;
  readonly end_us: Moment;
}

/** The same after the stop. With multifd the log has no sizes: bytes are null, at the source the count is too. */
export interface TracedStopCopy extends Omit<TracedBuffers, "count" | "bytes"> {
  readonly count: number | null;
  readonly bytes: number | null;
}

/** What one device did, on both sides. */
export interface TracedDevice {
  /** As the source names it; the destination may have another name for it. */
  readonly id: string;
  readonly destination_id: string | null;
  /** The name of its section in the stream, by which the two sides are paired. */
  readonly section: string | null;
  readonly buffer_size_bytes: number | null;
  readonly supports_precopy: boolean;
  readonly supports_p2p: boolean;
  /** MIG_PRECOPY_INFOv2 was opted in to; null where the log does not say. */
  readonly precopy_info_v2: boolean | null;
  readonly states: readonly TracedState[];
  /** Those with new answers; of more than 16384 every 2^n-th, but every one of setup, of the stop, and with REINIT. */
  readonly queries: readonly TracedQuery[];
  readonly precopy: TracedBuffers;
  readonly stop_copy: TracedStopCopy;
  /** When INIT_DATA_SENT was sent (11.1), and when a REINIT was seen. */
  readonly init_data_sent_us: readonly Moment[];
  readonly reinits_us: readonly Moment[];
  /** What came of the answers, for `joinEstimates`. Times are ns; of stop_copy only the last before the decision. */
  readonly estimates: readonly EstimateEntry[];
  /** Moments of its stop-copy section and config section at the source, in us of duration: `vmstate_downtime_save`. */
  readonly save_us: number | null;
  readonly config_save_us: number | null;
  /** From the first attempt to stop it until it was stopped. */
  readonly stop_us: number | null;
  /** What its destination did; null without a destination's log. */
  readonly destination: TracedDestinationDevice | null;
}

/** The destination's half of a device. */
export interface TracedDestinationDevice {
  readonly states: readonly TracedState[];
  /** Loads before and after SWITCHOVER_START. */
  readonly precopy: TracedBuffers;
  readonly stop_copy: TracedStopCopy;
  readonly load_us: number | null;
  readonly config_load_us: number | null;
  /** RESUMING to RUNNING: the time of its states at the start of the guest. */
  readonly resume_us: number | null;
  /** It refused its data at RESUMING -> STOP and was reset: QEMU goes on, its state is lost. */
  readonly refused: boolean;
  /** When INIT_DATA_SENT was approved, on the source's clock. */
  readonly approved_us: readonly Moment[];
}

/** A bandwidth window that closed: `migrate_transferred`. */
export interface TracedWindow {
  readonly at_us: Moment;
  readonly transferred_bytes: number;
  readonly time_spent_ms: number;
  /** The threshold that followed: max_size. */
  readonly threshold_bytes: number;
  /** What the cheap query before it had said was pending; null where there was none. */
  readonly pending_bytes: number | null;
}

/** An ack as the source took it in. */
export interface TracedAck {
  readonly at_us: Moment;
  /** Acks still to come; null where the log does not say (10.0). */
  readonly pending: number | null;
}

/** A phase, with all bytes of the stream that went in it (RAM and framing included). */
export interface TracedPhase {
  readonly phase: "setup" | "precopy" | "stop-copy";
  readonly begin_us: Moment;
  readonly end_us: Moment;
  readonly bytes: number | null;
  readonly bytes_per_s: number | null;
}

/** The moments of the downtime. */
export interface TracedCheckpoints {
  /** The source decided and began to stop the guest: src-downtime-start. */
  readonly decided_us: Moment;
  readonly stopped_us: Moment;
  readonly ram_saved_us: Moment;
  readonly devices_saved_us: Moment;
  readonly config_saved_us: Moment;
  /** src-downtime-end. */
  readonly source_end_us: Moment;
  /** The destination's, on the source's clock. */
  readonly loaded_us: Moment;
  readonly running_us: Moment;
}

/** What one vmstate section cost in the downtime. */
export interface TracedVmstate {
  readonly idstr: string;
  readonly instance_id: number;
  readonly type: "iterable" | "non-iterable";
  readonly save_us: number | null;
  readonly load_us: number | null;
}

/**
 * What the destination's clock shows more than the source's, bounded by causality: nothing arrives before
 * it was sent, in either direction.
 */
export interface ClockOffset {
  /** The middle of the bounds; with only one bound, that one. */
  readonly offset_us: number;
  /** Half of what lies between the bounds; null where one is missing and the error has no limit. */
  readonly uncertainty_us: number | null;
  /** Messages from source to destination and back that bound it. */
  readonly forward_pairs: number;
  readonly backward_pairs: number;
}

/** A pass of which our policy thinks otherwise. */
export interface DecisionDifference {
  readonly pass: number;
  readonly at_us: Moment;
  /** What QEMU did, what our policy would have done. */
  readonly what: "asks" | "decides" | "sum" | "threshold";
  readonly qemu: string | number;
  readonly ours: string | number;
  /** What both were told: the sum and the threshold. */
  readonly total_bytes: number;
  readonly threshold_bytes: number;
}

/** The passes replayed by one of our policies. */
export interface Decisions {
  readonly policy: PolicyName;
  /** Whether the user named the policy, or the log's events did. */
  readonly forced: boolean;
  readonly passes: number;
  /** Passes in which ours would have asked for an exact total or switched over where QEMU did not, or the reverse. */
  readonly differing: number;
  /** Passes in which ours adds up another total, or makes another threshold of a window. */
  readonly sums_differing: number;
  /** The first ones of both. */
  readonly differences: readonly DecisionDifference[];
}

/** One migration out of the logs. */
export interface ImportedMigration {
  readonly outcome: Outcome;
  readonly error: string | null;
  /** The generation that its event names speak of; the policy of the replay unless one was named. */
  readonly policy: PolicyName;
  /** UTC, milliseconds since the epoch, on the source's clock. */
  readonly started_at_ms: number | null;
  readonly transport: "socket" | "file" | "other" | null;
  readonly multifd_channels: number | null;
  readonly switchover_ack: boolean;
  readonly return_path: boolean;
  readonly downtime_limit_ms: number | null;
  /** What `query-migrate` promised at the decision, by the rules of its generation; 2^63 where it promised nothing. */
  readonly expected_downtime_ms: number | null;
  readonly total_us: Moment;
  /** End of setup: precopy begins. */
  readonly setup_us: Moment;
  /** The part of setup that QEMU itself counts as setup-time, from the stream's header on; it counts some more before that. */
  readonly qemu_setup_us: Moment;
  readonly phases: readonly TracedPhase[];
  readonly checkpoints: TracedCheckpoints;
  /** The total by which the source decided to switch over. */
  readonly decided_pending_bytes: number | null;
  readonly passes: number;
  readonly exact_queries: number;
  readonly dirty_sync_count: number;
  /** All of the stream; of VFIO devices, as query-migrate counts it. null where the events are not in the log. */
  readonly bytes_total: number | null;
  readonly vfio_transferred_bytes: number | null;
  /** Dirty RAM at the first query and found by the syncs, where the queries tell it. */
  readonly ram: { readonly first_pending_bytes: number | null; readonly dirtied_bytes: number };
  /** How many windows closed, and the threshold of the last, by which the source decided. */
  readonly windows_closed: number;
  readonly threshold_bytes: number | null;
  /** Of a migration of more than half an hour each stands for several in a row. */
  readonly windows: readonly TracedWindow[];
  readonly acks: readonly TracedAck[];
  readonly devices: readonly TracedDevice[];
  readonly vmstates: readonly TracedVmstate[];
  readonly clock: ClockOffset | null;
  readonly decisions: Decisions;
}
