/**
 * How long a device's data took to load. Of small writes, beside which the clock costs much, the first are timed one by
 * one, then samples, and the others are taken to be like those.
 *
 * @module
 */
import { oneIn } from "./observation.ts";

/** What is known of it so far; sizes in bytes. */
export interface LoadTime {
  /** What the writes took that stand for themselves alone, and what threads of their own took for theirs. */
  ownNs: number;
  /** What the samples took, and how large they and the writes were that they stand for. */
  sampleNs: number;
  sampleBytes: number;
  sampledBytes: number;
  /** How many small writes have been timed one by one. */
  first: number;
}

/** So many small writes are timed before any is passed over: a device of so few is timed exactly. */
const FIRST = 64;

export function createLoadTime(): LoadTime {
  return { ownNs: 0, sampleNs: 0, sampleBytes: 0, sampledBytes: 0, first: 0 };
}

/** Whether a write of so many bytes stands for itself, and is to be timed whatever else is. */
export function isTimedAlone({ first }: Readonly<LoadTime>, bytes: number): boolean {
  return oneIn(bytes) === 1 || first < FIRST;
}

/** A write of so many bytes took so long: for itself alone, or as a sample. */
export function noteTimed(time: LoadTime, bytes: number, tookNs: number): void {
  if (isTimedAlone(time, bytes)) {
    time.ownNs += tookNs;
    if (oneIn(bytes) > 1) time.first++;
    return;
  }
  time.sampleNs += tookNs;
  time.sampleBytes += bytes;
  time.sampledBytes += bytes;
}

/** A write of so many bytes was not timed. */
export function noteUntimed(time: LoadTime, bytes: number): void {
  time.sampledBytes += bytes;
}

/**
 * What all of it took, in nanoseconds: exact where every write was timed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createLoadTime, loadTimeNs, noteTimed } from "./load_time.ts";
 *
 * const time = createLoadTime();
 * noteTimed(time, 65536, 9000);
 * assertEquals(loadTimeNs(time), 9000);
 * ```
 */
export function loadTimeNs(time: Readonly<LoadTime>): number {
  const { ownNs, sampleNs, sampleBytes, sampledBytes } = time;
  return sampleBytes === 0 ? ownNs : ownNs + sampleNs / sampleBytes * sampledBytes;
}
