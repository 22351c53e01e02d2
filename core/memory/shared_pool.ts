/**
 * A pool of buffers of one size that many threads take from and give back to. Nobody waits here: who
 * makes the pool knows how many buffers can be in use at once.
 *
 * @module
 */

import type { PageStart } from "./page_start.ts";

/** {@linkcode takeSlot}: every slot is in use. */
export const POOL_EXHAUSTED = -1;

/** Each slot starts at a multiple of this, in bytes. */
const ALIGNMENT = 4096;
const BITS = 32;
/** Largest pool, in bytes: 16 GiB of address space. What no slot ever used takes no memory. */
export const MAX_SHARED_POOL_BYTES = 16 * 1024 ** 3;

/**
 * The pool, as plain data that a `postMessage` shares with another thread.
 *
 * ```text
 *   used     | 1 1 0 1 ... | 0 0 0 0 ... | 0 0 1 1 |   a bit per slot; bits that have no slot are 1 for ever
 *   buffer   | unused | slot 0 | slot 1 | slot 2 ...   slotStride apart, the first one at slotsOffset
 * ```
 *
 * The lowest free slot is taken: the ones that were used before, whose pages are there already.
 */
export interface SharedPool {
  /** In bytes. */
  readonly slotSize: number;
  /** From the start of one slot to the start of the next, in bytes. */
  readonly slotStride: number;
  /** Where slot 0 starts, in bytes. */
  readonly slotsOffset: number;
  readonly slotCount: number;
  readonly used: Int32Array<SharedArrayBuffer>;
  readonly buffer: SharedArrayBuffer;
}

/**
 * Makes a pool with all slots free.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createSharedPool, freeSlot, POOL_EXHAUSTED, takeSlot } from "./shared_pool.ts";
 *
 * const pool = createSharedPool(1000, 2);
 * assertEquals([takeSlot(pool), takeSlot(pool), takeSlot(pool)], [0, 1, POOL_EXHAUSTED]);
 * assertEquals(freeSlot(pool, 0), true);
 * assertEquals(takeSlot(pool), 0);
 * ```
 *
 * @param slotSize In bytes, 1 or more
 * @param slotCount 1 or more
 * @param pageStart Where given, slots begin on pages
 * @throws {RangeError} If there is nothing to take, or more than {@linkcode MAX_SHARED_POOL_BYTES}
 */
export function createSharedPool(
  slotSize: number,
  slotCount: number,
  pageStart: PageStart = () => 0,
): SharedPool {
  const slotStride = Math.ceil(slotSize / ALIGNMENT) * ALIGNMENT;
  const bytes = slotStride * slotCount;
  if (
    !Number.isInteger(slotSize) || !Number.isInteger(slotCount) || slotSize < 1 || slotCount < 1 ||
    bytes > MAX_SHARED_POOL_BYTES
  ) {
    throw new RangeError(
      `Cannot create a shared pool with 1 byte to ${MAX_SHARED_POOL_BYTES}: received ${slotCount} slots of ${slotSize}`,
    );
  }
  const words = Math.ceil(slotCount / BITS);
  const used = new Int32Array(new SharedArrayBuffer(words * 4));
  const inLast = slotCount % BITS;
  if (inLast > 0) used[words - 1] = -1 << inLast;
  const buffer = new SharedArrayBuffer(bytes + ALIGNMENT);
  return { slotSize, slotStride, slotsOffset: pageStart(buffer), slotCount, used, buffer };
}

/** Takes a slot: its number, or {@linkcode POOL_EXHAUSTED}. */
export function takeSlot({ used }: SharedPool): number {
  for (let word = 0; word < used.length; word++) {
    for (;;) {
      const before = Atomics.load(used, word);
      const lowest = ~before & (before + 1);
      if (lowest === 0) break;
      if (Atomics.compareExchange(used, word, before, before | lowest) !== before) continue;
      return word * BITS + (BITS - 1 - Math.clz32(lowest));
    }
  }
  return POOL_EXHAUSTED;
}

/** Gives a slot back; `false` where it was not in use, or is none. */
export function freeSlot({ used, slotCount }: SharedPool, slot: number): boolean {
  if (!(slot >= 0 && slot < slotCount)) return false;
  const bit = 1 << (slot % BITS);
  return (Atomics.and(used, Math.floor(slot / BITS), ~bit) & bit) !== 0;
}

/** Where a slot starts in the buffer, in bytes. */
export function slotStart({ slotsOffset, slotStride }: SharedPool, slot: number): number {
  return slotsOffset + slot * slotStride;
}

/** How many slots are in use at this moment. */
export function slotsInUse({ used, slotCount }: SharedPool): number {
  let count = 0;
  for (let slot = 0; slot < slotCount; slot++) {
    if ((Atomics.load(used, Math.floor(slot / BITS)) & (1 << (slot % BITS))) !== 0) count++;
  }
  return count;
}
