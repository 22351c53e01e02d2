import { monotonicNs } from "../libc/mod.ts";
import type { Clock } from "./clock.ts";

/** Below this a sleep is spun: the kernel's timer slack (50 us) would overshoot it. */
const SPIN_NS = 200_000;

/** The machine's monotonic clock. Sleeping blocks the thread, so it belongs in a Worker. */
export const wallClock: Clock = createWallClock(new Int32Array(new SharedArrayBuffer(4)));

/**
 * The same, with sleeps that others can end: a thread that sleeps cannot be ended from outside.
 *
 * @param awake One word. Whoever stores a value that is not 0 and notifies it ends the sleep that is under way, and
 * all that come after
 */
export function createWallClock(awake: Int32Array<SharedArrayBuffer>): Clock {
  return {
    nowNs: monotonicNs,
    sleepNs(duration_ns: number): void {
      if (duration_ns <= 0) return;
      const end = monotonicNs() + duration_ns;
      let left = duration_ns;
      while (left > 0) {
        if (left > SPIN_NS) {
          // It ends a little early, by the time; or for good.
          Atomics.wait(awake, 0, 0, (left - SPIN_NS) / 1e6);
          if (Atomics.load(awake, 0) !== 0) return;
        }
        left = end - monotonicNs();
      }
    },
  };
}
