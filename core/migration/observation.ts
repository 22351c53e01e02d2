/**
 * What a migration leaves behind to be measured: moments, estimates, durations. Times are nanoseconds of
 * the run's clock. Everything here is appended and read afterwards; nothing decides by it.
 */

/**
 * Takes durations of calls: of one in so many, so that recording does not cost what it measures. Whoever makes the calls
 * asks before each whether it is due, and looks at the clock only then.
 */
export interface DurationRecorder {
  readonly oneIn: number;
  /** How many calls come until the next one that is recorded, that one included. */
  left: number;
  /** Takes a duration in nanoseconds. */
  readonly take: (duration_ns: number) => void;
}

/** Records durations; null where they are not recorded. */
export type DurationSink = DurationRecorder | null;

/**
 * Records one in so many durations, the last of each so many.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createDurationRecorder, isDue } from "./observation.ts";
 *
 * const recorder = createDurationRecorder(3, () => {});
 * assertEquals([1, 2, 3, 4, 5, 6].filter(() => isDue(recorder)), [3, 6]);
 * ```
 */
export function createDurationRecorder(
  oneIn: number,
  take: DurationRecorder["take"],
): DurationRecorder {
  return { oneIn, left: oneIn, take };
}

/** Whether the call that comes is to be recorded. */
export function isDue(recorder: DurationRecorder): boolean {
  if (--recorder.left > 0) return false;
  recorder.left = recorder.oneIn;
  return true;
}

/** Two looks at the clock are a tenth of a write(2) of 4 KiB (62 of 607 ns), and a hundredth of one of this size. */
const EVERY_FROM = 64 * 1024;
/**
 * No divisor of the small buffers that go over a channel at once, which are powers of two: it would be the same place
 * among them each time, and the read after a writev(2) of sixteen takes a fifth to a third longer than the others.
 */
const ONE_IN = 17;

/** How many calls that move so many bytes one is looked at of, so that measuring does not cost what it measures. */
export function oneIn(bytes: number): number {
  return bytes < EVERY_FROM ? ONE_IN : 1;
}

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
