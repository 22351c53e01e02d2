import type { DeviceHandover } from "../../device/mod.ts";
import type { Failure } from "../migration_error.ts";

/** What a thread has to tell when its work is over. */
export interface ThreadResult {
  /** What it failed with; null where it did not, or only ended because another one failed. */
  readonly failure: Failure | null;
  /** The device that it was handed; null for a channel's thread, or where the thread broke. */
  readonly handover: DeviceHandover | null;
  /** Of a device: its state. Of a channel: all that went over it. */
  readonly bytes: number;
  /** When it began and ended with its device's bytes, in nanoseconds of the wall clock; null where it never did. */
  readonly beganNs: number | null;
  readonly endedNs: number | null;
  /** How much of that its calls on the data_fd took, where it was measured. */
  readonly busyNs: number;
  /** How long each of its calls on the data_fd took, the first `MAX_DURATIONS` of them. */
  readonly durationsNs: Float64Array<ArrayBuffer>;
}

/** The result of a channel's thread. */
export function channelResult(failure: Failure | null, bytes: number): ThreadResult {
  return {
    failure,
    handover: null,
    bytes,
    beganNs: null,
    endedNs: null,
    busyNs: 0,
    durationsNs: new Float64Array(0),
  };
}
