/**
 * What is in a slot: its bytes, where they are, and what the producer said of them. The producer may
 * ask while it has the slot claimed, the consumer while it has not released it.
 *
 * @module
 */

import type { Ring } from "./ring.ts";
import { META_A, META_B, META_LENGTH, META_TAG, META_WORDS } from "./ring_layout.ts";

/**
 * Where a slot starts in `ring.buffer`, in bytes. Meant for setup, when every slot's address is
 * computed once.
 *
 * @throws {RangeError} If the ring has no such slot.
 */
export function slotOffset(ring: Ring, slot: number): number {
  return slotBytes(ring, slot).byteOffset;
}

/**
 * The slot's whole `slotSize` bytes: always the same view, never a new one.
 *
 * @throws {RangeError} If the ring has no such slot.
 */
export function slotBytes(ring: Ring, slot: number): Uint8Array<SharedArrayBuffer> {
  return ring.slots[slot] ?? refuseSlot(ring, slot);
}

/**
 * How many of the slot's bytes the producer committed.
 *
 * @throws {RangeError} If the ring has no such slot.
 */
export function slotLength(ring: Ring, slot: number): number {
  return ring.meta[slot * META_WORDS + META_LENGTH] ?? refuseSlot(ring, slot);
}

/**
 * The slot's tag, as the producer committed it.
 *
 * @throws {RangeError} If the ring has no such slot.
 */
export function slotTag(ring: Ring, slot: number): number {
  return ring.meta[slot * META_WORDS + META_TAG] ?? refuseSlot(ring, slot);
}

/**
 * The slot's first user word, as the producer committed it.
 *
 * @throws {RangeError} If the ring has no such slot.
 */
export function slotA(ring: Ring, slot: number): number {
  return ring.meta[slot * META_WORDS + META_A] ?? refuseSlot(ring, slot);
}

/**
 * The slot's second user word, as the producer committed it.
 *
 * @throws {RangeError} If the ring has no such slot.
 */
export function slotB(ring: Ring, slot: number): number {
  return ring.meta[slot * META_WORDS + META_B] ?? refuseSlot(ring, slot);
}

function refuseSlot(ring: Ring, slot: number): never {
  throw new RangeError(
    `Cannot look at a slot of a ring that has slots 0 to ${ring.mask}: received ${slot}`,
  );
}
