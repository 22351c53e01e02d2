import type { Clock } from "../../../clock/mod.ts";

/** A clock that stands still unless someone sleeps on it, or moves it. */
export interface FakeClock extends Clock {
  /** In nanoseconds. */
  now: number;
}

export function createFakeClock(): FakeClock {
  const clock: FakeClock = {
    now: 1e15,
    nowNs: () => clock.now,
    sleepNs(duration_ns) {
      if (duration_ns > 0) clock.now += duration_ns;
    },
  };
  return clock;
}
