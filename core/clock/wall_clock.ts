import { monotonicNs } from "../libc/mod.ts";
import type { Clock } from "./clock.ts";

/** Below this a sleep is spun: the kernel's timer slack (50 us) would overshoot it. */
const SPIN_NS = 200_000;

const parked = new Int32Array(new SharedArrayBuffer(4));

/** The machine's monotonic clock. Sleeping blocks the thread, so it belongs in a Worker. */
export const wallClock: Clock = {
  nowNs: monotonicNs,
  sleepNs(duration_ns: number): void {
    if (duration_ns <= 0) return;
    const end = monotonicNs() + duration_ns;
    let left = duration_ns;
    while (left > 0) {
      // Nothing ever notifies this word: the wait is only a sleep that ends a little early.
      if (left > SPIN_NS) Atomics.wait(parked, 0, 0, (left - SPIN_NS) / 1e6);
      left = end - monotonicNs();
    }
  },
};
