/**
 * What `extract_trace.ts` makes of a source's trace: one real migration as its decisions saw it. Sizes are
 * bytes.
 *
 * @module
 */

/** One migration with one device. */
export interface Trace {
  readonly qemu: "10.0" | "11.1";
  /** Whether an ack came; without the capability none does. */
  readonly switchover_ack: boolean;
  /** What the cache held after setup. 10.0 does not trace the stop-copy length. */
  readonly setup: Sizes;
  readonly passes: readonly Pass[];
  /** 11.1: the final query. */
  readonly final?: FinalQuery;
  /** From the QMP log: the iteration counter at the end, and what was seen on the way. */
  readonly dirty_sync_count?: number;
  readonly polls?: readonly Poll[];
}

/** Sizes of a device. */
export interface Sizes {
  readonly initial: number;
  readonly dirty: number;
  readonly stop?: number;
}

/** What a device answered. */
export interface Answer extends Sizes {
  readonly reinit?: 1;
}

/** `migrate_transferred`. */
export interface Window {
  readonly transferred: number;
  readonly time_ms: number;
  readonly bandwidth: number;
  readonly switchover_bw: number;
  readonly max_size: number;
  /** Told from the others; 300 unless given. */
  readonly downtime_limit_ms?: number;
}

/** One query: what it was made of, and what it gave. */
export interface Query {
  /** Dirty RAM. Of a query with a bitmap sync: told from the pages that the sync found. */
  readonly ram: number;
  /** What the cache held. */
  readonly sizes: Sizes;
  readonly total: number;
  /** 11.1: requests for acks that the query collected, and acks then owed. */
  readonly requests?: number;
  readonly owed?: number;
}

/** An exact query. */
export interface ExactQuery extends Query {
  readonly answer: Answer;
  /** Dirty pages per second, where the sync measured them. */
  readonly dirty_pages_rate?: number;
}

/** The final query. */
export interface FinalQuery extends Query {
  /** What the device answered when the guest had just been stopped. */
  readonly check: Answer;
}

/** One pass. */
export interface Pass {
  /** The window that closed before this pass; or how old it was, if it did not close. */
  readonly window?: Window;
  readonly window_age_us?: number;
  readonly estimate: Query;
  readonly exact?: ExactQuery;
  /** Acks that came between the decision before and this pass. */
  readonly acks?: number;
  readonly then: "iterate" | "complete";
  /** The device's turn, if it had one. */
  readonly turn?: Turn;
  /** All that had been transferred when the pass was over. */
  readonly sent?: number;
  /** The wait of the rate limit after the pass, if there was one. */
  readonly wait?: Wait;
}

/** A wait of the rate limit. How long it is was decided between the end of the pass and the traced start. */
export interface Wait {
  readonly ms: number;
  /** How old the window was at the end of the pass. */
  readonly age_at_end_us: number;
  /** How old the window was when the wait started. */
  readonly age_at_start_us: number;
}

/** A device's turn in a pass. */
export interface Turn {
  /** 0 = nothing was there. */
  readonly read: number;
  /** What the cache then held. */
  readonly left: Sizes;
  /** 11.1: INIT_DATA_SENT was sent. 10.0 does not trace it. */
  readonly marker?: 1;
}

/** `query-migrate` while the migration runs. */
export interface Poll {
  readonly mbps: number;
  readonly dirty_sync_count: number;
  readonly expected_downtime_ms: number;
}
