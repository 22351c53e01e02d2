/**
 * What a migration leaves behind to be measured: moments, estimates, durations. Times are nanoseconds of
 * the run's clock. Everything here is appended and read afterwards; nothing decides by it.
 */

/** Takes the duration of one call in nanoseconds; null where durations are not recorded. */
export type DurationSink = ((duration_ns: number) => void) | null;

/** Something that happened, for the timeline. */
export interface MigrationEvent {
  readonly atNs: number;
  readonly event: string;
  readonly device?: string;
  readonly [field: string]: number | string | boolean | undefined;
}

/** What an estimate was about. */
export type EstimateKind = "precopy" | "stop_copy";

/**
 * The answers of one device and what came of them, in order. A query is followed by what was read; the
 * position is how many bytes had been read of the device by then.
 */
export type EstimateEntry =
  | {
    readonly entry: "estimate";
    readonly atNs: number;
    readonly kind: EstimateKind;
    /** initial_bytes + dirty_bytes, or stop_copy_length, a u64 as `core/vfio` holds it; null where the query failed and a stand-in was used. */
    readonly bytes: number | null;
    readonly position: number;
    /** How often the same was answered with nothing read in between: 11.1 can ask every pass. */
    times: number;
  }
  /** The device had nothing left for now, or was stopped. */
  | { readonly entry: "empty" | "stopped"; readonly atNs: number; readonly position: number }
  /** The source decided to switch over by the estimates before. */
  | { readonly entry: "decided"; readonly atNs: number; readonly position: number }
  /** The device's stream came to its end. */
  | { readonly entry: "end"; readonly atNs: number; readonly position: number };
