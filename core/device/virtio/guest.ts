import { advanceSweep, createDirtySweep, type DirtySweep } from "../simulated/dirty_sweep.ts";
import { writeVisited } from "../simulated/guest_writes.ts";
import type { StateMemory } from "../simulated/state_memory.ts";

/** What a guest changes at a time. */
const PAGE = 4096;

/** A guest that changes a device's state while it runs: the bytes, never their number. */
export interface Guest {
  readonly memory: StateMemory;
  readonly sweep: DirtySweep;
}

/** @param dirtyRate bytes per second; null where there is nothing to change */
export function createGuest(memory: StateMemory | null, dirtyRate: number): Guest | null {
  if (memory === null || memory.size === 0 || dirtyRate === 0) return null;
  const sweep = createDirtySweep(0, memory.size, Math.min(PAGE, memory.size), dirtyRate);
  return { memory, sweep };
}

/** The guest runs for a while. */
export function runGuest(guest: Guest | null, ran_ns: number): void {
  if (guest === null) return;
  const { memory, sweep } = guest;
  writeVisited(memory, sweep, advanceSweep(sweep, ran_ns));
}
