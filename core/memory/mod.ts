/**
 * Memory that bytes move through: a ring between two threads, and a pool of buffers within one.
 *
 * @module
 */

export { attachRing, createRing, emptyRing, pending } from "./ring.ts";
export { slotA, slotB, slotBytes, slotLength, slotOffset, slotTag } from "./ring_slot.ts";
export type { Ring, RingOptions } from "./ring.ts";
export { claim, commit, commitHeld, heldSlots, publish, tryClaim } from "./ring_produce.ts";
export { giveBack, heldBack, peek, release, releaseHeld, tryPeek } from "./ring_consume.ts";
export { closeRing, failRing, ringFailure } from "./ring_end.ts";
export { RING_CLOSED, RING_EMPTY, RING_FAILED, RING_FULL, RING_TIMEOUT } from "./ring_status.ts";
export type { PageStart } from "./page_start.ts";
export { acquire, createPool, releaseBuffer } from "./pool.ts";
export type { Pool, PoolEntry, PoolOptions } from "./pool.ts";
export {
  createSharedPool,
  freeSlot,
  MAX_SHARED_POOL_BYTES,
  POOL_EXHAUSTED,
  type SharedPool,
  slotsInUse,
  slotStart,
  takeSlot,
} from "./shared_pool.ts";
export {
  awaitBell,
  bellCount,
  createRecordQueue,
  popRecord,
  pushRecord,
  type QueueRecord,
  type RecordQueue,
  ringBell,
} from "./record_queue.ts";
