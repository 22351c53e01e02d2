import { monotonicNs } from "../../libc/mod.ts";
import type { DirtySweep } from "./dirty_sweep.ts";
import { type StateMemory, touchState } from "./state_memory.ts";

let spentNs = 0;

/**
 * How long the simulated guests of this thread have written, in nanoseconds since it began. It is the thread that also
 * moves the state: what they take, a migration does not get.
 */
export function guestWritesNs(): number {
  return spentNs;
}

/**
 * The guest's writes to the last `visited` chunks of its sweep, each once. Two looks at the clock for all of them: a
 * write is a system call, and takes longer than those.
 */
export function writeVisited(memory: StateMemory, sweep: DirtySweep, visited: number): void {
  if (visited === 0) return;
  const beganNs = monotonicNs();
  for (let nth = sweep.head - Math.min(visited, sweep.chunks); nth < sweep.head; nth++) {
    const offset = sweep.base + (nth % sweep.chunks) * sweep.chunkSize;
    touchState(memory, offset, sweep.chunkSize, nth);
  }
  spentNs += monotonicNs() - beganNs;
}

/** The guest's writes to `length` bytes from the start, as where a device is reconfigured. */
export function writeStretch(
  memory: StateMemory,
  { chunkSize }: DirtySweep,
  length: number,
  value: number,
): void {
  const beganNs = monotonicNs();
  for (let offset = 0; offset < length; offset += chunkSize) {
    touchState(memory, offset, Math.min(chunkSize, length - offset), value + offset);
  }
  spentNs += monotonicNs() - beganNs;
}
