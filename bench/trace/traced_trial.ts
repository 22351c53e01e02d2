import type { TraceSink, TraceStep } from "../../core/migration/mod.ts";

/** A step and when it was, in nanoseconds of the run's clock. */
export type TracedStep = readonly [atNs: number, step: TraceStep];

/** What both sides of a trial did, on one time axis. */
export interface TracedTrial {
  readonly source: readonly TracedStep[];
  readonly destination: readonly TracedStep[];
}

/** Listens to one side and keeps all that it tells, in order of time (lanes may be ahead of each other). */
export function traceRecorder(): { readonly sink: TraceSink; steps(): TracedStep[] } {
  const kept: TracedStep[] = [];
  return {
    sink: (atNs, step) => void kept.push([atNs, step]),
    steps: () => kept.sort(([a], [b]) => a - b),
  };
}
