import type { ProcessStat } from "../peer/process_stat.ts";
import { type Flatness, judgeFlat } from "./judge_flat.ts";

/** What a process had at a moment of the soak. */
export interface SoakSample extends ProcessStat {
  /** Since the soak began. */
  readonly at_ms: number;
  /** Whether it had collected its garbage just before. */
  readonly collected: boolean;
}

/** What a process took; null where there is too little to judge it by. */
export interface SoakedProcess {
  /** Its memory without what nobody needs any more. */
  readonly kept_bytes: Flatness | null;
  /** The most memory that it ever had. */
  readonly peak_bytes: number;
  readonly fds: Flatness | null;
  readonly workers: Flatness | null;
}

/** By how much what a process keeps may rise: by this part of it, or by this. */
const KEPT_PART = 0.05;
const KEPT_BYTES = 8 * 1024 * 1024;
/** fds and Workers are counted: half of one is none. */
const COUNT = 0.5;
const FEWEST_SAMPLES = 20;
/** What is a process's beginning: caches fill, code is compiled. A part of the soak, for memory at least so long. */
const SETTLING_PART = 0.2;
const SETTLING_LEAST_MS = 2 * 60_000;

/** The shortest soak whose memory is judged. */
export const SHORTEST_JUDGED_MS = 5 * 60_000;

/**
 * Judges whether a process stayed what it was once it had settled: memory where the soak was long enough, fds and Workers
 * in any. Of its memory counts what it has after a collection: how much garbage lies about before one is V8's affair, and
 * goes with the load.
 *
 * @param samples In order of time, evenly spaced
 * @param duration_ms How long the soak was
 */
export function judgeProcess(samples: readonly SoakSample[], duration_ms: number): SoakedProcess {
  const settled = samples.slice(Math.floor(samples.length * SETTLING_PART));
  const settling_ms = Math.max(duration_ms * SETTLING_PART, SETTLING_LEAST_MS);
  const kept = samples.filter(({ collected, at_ms }) => collected && at_ms >= settling_ms)
    .map(({ rss_bytes }) => rss_bytes);
  const judge = (values: readonly number[], allowed: number) =>
    values.length < FEWEST_SAMPLES ? null : judgeFlat(values, allowed);
  return {
    kept_bytes: duration_ms < SHORTEST_JUDGED_MS
      ? null
      : judge(kept, Math.max(KEPT_BYTES, KEPT_PART * Math.min(...kept))),
    peak_bytes: samples.reduce((most, { rss_bytes }) => Math.max(most, rss_bytes), 0),
    fds: judge(settled.map(({ fds }) => fds), COUNT),
    workers: judge(settled.map(({ workers }) => workers), COUNT),
  };
}
