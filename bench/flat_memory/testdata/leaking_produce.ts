/** The ring's producer with memory outside of the heap for each slot, which is kept. */
import { commitHeld as commitSlot, publish } from "../../../core/memory/ring_produce.ts";
import type { Ring } from "../../../core/memory/ring.ts";
export { claim, heldSlots, publish, tryClaim } from "../../../core/memory/ring_produce.ts";

const kept: ArrayBuffer[] = [];

export function commitHeld(ring: Ring, length: number, tag: number, a: number, b: number): void {
  kept.push(new ArrayBuffer(128));
  commitSlot(ring, length, tag, a, b);
}

export function commit(ring: Ring, length: number, tag: number, a: number, b: number): void {
  commitHeld(ring, length, tag, a, b);
  publish(ring);
}
