import type { Clock } from "./clock.ts";

/**
 * A clock that moves only when it is told to: sleeping takes no time and arrives exactly. Each side of a
 * virtual migration has one, from the same origin.
 */
export interface VirtualClock extends Clock {
  /** Goes on to a moment; not back. */
  advanceTo(moment_ns: number): void;
}

export function createVirtualClock(): VirtualClock {
  let now_ns = 0;
  return {
    nowNs: () => now_ns,
    sleepNs(duration_ns) {
      if (duration_ns > 0) now_ns += duration_ns;
    },
    advanceTo(moment_ns) {
      if (moment_ns > now_ns) now_ns = moment_ns;
    },
  };
}
