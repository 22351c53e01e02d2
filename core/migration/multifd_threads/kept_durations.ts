import {
  createDurationRecorder,
  type DurationRecorder,
  type DurationSink,
} from "../observation.ts";

/** So many durations are kept of a thread. */
export const MAX_DURATIONS = 65_536;

/** The durations of a thread's calls, the first {@linkcode MAX_DURATIONS} of them. All room is there from the start. */
export interface KeptDurations {
  /** null where none are wanted. */
  readonly recorder: DurationRecorder | null;
  /** Those that were kept, without the room that is left. */
  all(): Float64Array<ArrayBuffer>;
}

/** Room for a thread's durations of one call in so many; 0 = of none. */
export function createKeptDurations(oneIn: number): KeptDurations {
  const ns = new Float64Array(oneIn > 0 ? MAX_DURATIONS : 0);
  let count = 0;
  const keep = (duration_ns: number) => {
    if (count < ns.length) ns[count++] = duration_ns;
  };
  return {
    recorder: oneIn > 0 ? createDurationRecorder(oneIn, keep) : null,
    all: () => ns.slice(0, count),
  };
}

/** Gives what a thread recorded to who records the whole. By index: an iterator makes an object for each. */
export function giveDurations(durationsNs: Float64Array, sink: DurationSink): void {
  if (sink === null) return;
  for (let i = 0; i < durationsNs.length; i++) sink.take(durationsNs[i] ?? 0);
}
