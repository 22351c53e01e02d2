/** The ring's producer with an object for each slot, which nobody keeps. */
import { commit as commitSlot } from "../../../core/memory/ring_produce.ts";
import type { Ring } from "../../../core/memory/ring.ts";
export { claim, tryClaim } from "../../../core/memory/ring_produce.ts";

let last: unknown = null;

export function commit(ring: Ring, length: number, tag: number, a: number, b: number): void {
  last = { length, tag };
  commitSlot(ring, length, tag, a, b);
}

/** So that it is not left out. */
export function lastPlanted(): unknown {
  return last;
}
