import { pread, regionOf } from "../../../libc/mod.ts";
import { createStateMemory, fillState, type StateMemory, zeroState } from "../state_memory.ts";

/** State for a test: filled from the seed, or zeros where there is none. */
export function memoryOf(size: number, seed: number | null): StateMemory {
  const memory = createStateMemory("test", size);
  if (typeof memory === "number") throw new Error(`Cannot make a state: received ${memory}`);
  const result = seed === null ? zeroState(memory) : fillState(memory, seed);
  if (result < 0) throw new Error(`Cannot fill a state: received ${result}`);
  return memory;
}

/** All of its bytes. */
export function bytesOf(memory: StateMemory): Uint8Array {
  const region = regionOf(new ArrayBuffer(Math.max(memory.size, 1)));
  const n = pread(memory.fd, region.pointer, memory.size, 0);
  return region.bytes.subarray(0, n);
}
