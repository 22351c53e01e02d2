import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  createSharedPool,
  freeSlot,
  MAX_SHARED_POOL_BYTES,
  POOL_EXHAUSTED,
  slotsInUse,
  slotStart,
  takeSlot,
} from "./shared_pool.ts";

Deno.test("a pool lends each slot once, the lowest first, whatever their number", () => {
  for (const slotCount of [1, 31, 32, 33, 64, 100]) {
    const pool = createSharedPool(1, slotCount);
    const taken = Array.from({ length: slotCount }, () => takeSlot(pool));
    assertEquals(taken, Array.from({ length: slotCount }, (_, i) => i));
    assertEquals(takeSlot(pool), POOL_EXHAUSTED);
    assertEquals(slotsInUse(pool), slotCount);
    assertEquals(freeSlot(pool, slotCount - 1), true);
    assertEquals(takeSlot(pool), slotCount - 1);
  }
});

Deno.test("a slot that is not in use, or is none, is not given back", () => {
  const pool = createSharedPool(1, 33);
  assertEquals(freeSlot(pool, 32), false);
  assertEquals([-1, 33, 34, NaN].map((slot) => freeSlot(pool, slot)), [false, false, false, false]);
  assertEquals(slotsInUse(pool), 0);
});

Deno.test("slots are pages of their own, and hold what they are for", () => {
  const pool = createSharedPool(5000, 3);
  assertEquals([0, 1, 2].map((slot) => slotStart(pool, slot)), [0, 8192, 16384]);
  assertEquals(pool.buffer.byteLength, 3 * 8192 + 4096);
  const onPages = createSharedPool(5000, 3, () => 4080);
  assertEquals([0, 1, 2].map((slot) => slotStart(onPages, slot)), [4080, 12272, 20464]);
});

Deno.test("a pool behaves as a set of numbers does", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 70 }),
    fc.array(fc.option(fc.integer({ min: -1, max: 71 }), { nil: null }), { maxLength: 200 }),
    (slotCount, steps) => {
      const pool = createSharedPool(1, slotCount);
      const inUse = new Set<number>();
      for (const step of steps) {
        if (step !== null) {
          assertEquals(freeSlot(pool, step), inUse.delete(step));
          continue;
        }
        const free = Array.from({ length: slotCount }, (_, i) => i).filter((i) => !inUse.has(i));
        const slot = takeSlot(pool);
        assertEquals(slot, free[0] ?? POOL_EXHAUSTED);
        if (slot >= 0) inUse.add(slot);
      }
      assertEquals(slotsInUse(pool), inUse.size);
    },
  ));
});

Deno.test("a pool without slots, without bytes or of too many is refused", () => {
  const shapes: [number, number][] = [[0, 1], [1, 0], [1.5, 1], [4096, NaN]];
  for (const [size, count] of [...shapes, [4096, MAX_SHARED_POOL_BYTES / 4096 + 1] as const]) {
    assertThrows(() => createSharedPool(size, count), RangeError, "Cannot create a shared pool");
  }
});
