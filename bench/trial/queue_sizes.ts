import type { QueueSize } from "../../core/migration/multifd_threads/mod.ts";
import type { DeviceSpec } from "../scenario/mod.ts";

/** A reconfigured or broken device moves parts of its state once more. */
const STATE_FACTOR = 2;
/** Recorded reads are of any size; those of the drivers known are not smaller but at a record's end. */
const RECORDED_READ = 4096;
/** Real drivers fill a buffer but at their records' ends. */
const REAL_READS_PER_BUFFER = 2;

/** How much of each device may be queued at the destination, where no limit says less. */
export function queueSizes(
  specs: readonly DeviceSpec[],
  stateBytes: readonly number[],
  bufferSize: number,
): QueueSize[] {
  return specs.map((spec, i) => {
    const limit = spec.kind === "simulated" ? spec.profile.read_limit : 0;
    const mostRead = limit > 0 ? Math.min(limit, bufferSize) : bufferSize;
    const leastRead = spec.kind === "replayed"
      ? Math.min(RECORDED_READ, mostRead)
      : spec.kind === "kernel"
      ? mostRead / REAL_READS_PER_BUFFER
      : mostRead;
    const bytes = spec.kind === "kernel" ? spec.state_size : stateBytes[i] ?? 0;
    return { stateBytes: STATE_FACTOR * bytes, leastRead, mostRead };
  });
}
