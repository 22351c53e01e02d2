/**
 * What one pass of a real source was made of, as its trace log tells it: what a replay plays. Sizes are
 * bytes, u64 in the form of `core/vfio`; a list over devices goes by their place in the order of setup.
 *
 * @module
 */

/** A device when precopy begins. */
export interface PassDevice {
  readonly supportsPrecopy: boolean;
  /** Whether setup moved it to PRE_COPY: a paused guest's stays where it is. */
  readonly inPrecopy: boolean;
  readonly precopyInfoV2: boolean;
  /** What it answered at setup; undefined where the log does not say (10.0: the stop-copy length). */
  readonly answer: PassAnswer;
}

/** What a device answered to the queries of a pass; null: it failed, undefined: not asked or not traced. */
export interface PassAnswer {
  readonly stop: number | null | undefined;
  readonly initial: number | null | undefined;
  readonly dirty: number | null | undefined;
  readonly reinit: boolean;
}

/** One query's sums, as QEMU had them. */
export interface PassQuery {
  /** Dirty RAM; undefined where only the total tells it. */
  readonly ram: number | undefined;
  readonly total: number;
  /** 11.1: acks that the query collected, and acks then owed. */
  readonly requests: number | undefined;
  readonly owed: number | undefined;
  /** What the devices' caches held, by the device's place; undefined where one did not report. */
  readonly caches: readonly (PassCache | undefined)[];
}

/** A device's cache as it reported it. */
export interface PassCache {
  readonly initial: number;
  readonly dirty: number;
  /** 11.1; and 10.0 where the query was exact. */
  readonly stop: number | undefined;
}

/** A window that closed before the pass. */
export interface PassWindow {
  readonly transferred: number;
  readonly timeSpentMs: number;
  readonly threshold: number;
  /** undefined up to 8.1, which had no such option. */
  readonly switchoverBandwidth: number | undefined;
}

/** One pass. */
export interface TracedPass {
  readonly number: number;
  /** Microseconds since the migration began; null where the log has no times. */
  readonly at_us: number | null;
  readonly window: PassWindow | undefined;
  /** Acks that came before its queries, and amid them, where their order is not known. */
  readonly acksBefore: number;
  readonly acksAmid: number;
  /** A paused guest does not wait for acks. */
  readonly guestRunning: boolean;
  readonly estimate: PassQuery;
  readonly exact: PassQuery | undefined;
  /** What the exact query asked the devices for, by the device's place. */
  readonly answers: readonly (PassAnswer | undefined)[];
  /** Pages per second, where the exact query's sync measured them. */
  readonly dirtyPagesRate: number | undefined;
  readonly then: "iterate" | "complete";
  /** What the devices' turns read, by the device's place; undefined where one had no turn. */
  readonly reads: readonly (number | undefined)[];
}
