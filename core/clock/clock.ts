/**
 * What the engine may know of time. Nanoseconds as a double, from an origin of the clock's own; on the
 * wall clock the origin is CLOCK_MONOTONIC's, so that moments taken in different Workers compare.
 */
export interface Clock {
  nowNs(): number;
  /** Returns when the duration has passed; at once where it is not positive. */
  sleepNs(duration_ns: number): void;
}
