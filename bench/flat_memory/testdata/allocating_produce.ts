/** The ring's producer with an object for each slot, which is dropped a little later. */
import { commitHeld as commitSlot, publish } from "../../../core/memory/ring_produce.ts";
import type { Ring } from "../../../core/memory/ring.ts";
export { claim, heldSlots, publish, tryClaim } from "../../../core/memory/ring_produce.ts";

/** In an array: what only a variable holds until the next one comes, V8 may never make. */
const last: unknown[] = Array(64).fill(null);
let count = 0;

export function commitHeld(ring: Ring, length: number, tag: number, a: number, b: number): void {
  last[count++ % last.length] = { length, tag };
  commitSlot(ring, length, tag, a, b);
}

/** So that they are not left out. */
export function lastPlanted(): unknown {
  return last.at(-1);
}

export function commit(ring: Ring, length: number, tag: number, a: number, b: number): void {
  commitHeld(ring, length, tag, a, b);
  publish(ring);
}
