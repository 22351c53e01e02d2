// The ring against the simplest thing that behaves as it should: an array and three variables.

import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { attachRing, createRing, pending } from "./ring.ts";
import { HEAD_WORD, TAIL_WORD } from "./ring_layout.ts";
import { claim, commit, commitHeld, heldSlots, publish, tryClaim } from "./ring_produce.ts";
import { giveBack, heldBack, peek, release, releaseHeld, tryPeek } from "./ring_consume.ts";
import { slotA, slotB, slotBytes, slotLength, slotTag } from "./ring_slot.ts";
import { closeRing, failRing, ringFailure } from "./ring_end.ts";
import { RING_CLOSED, RING_EMPTY, RING_FAILED, RING_FULL, RING_TIMEOUT } from "./ring_status.ts";

const SLOT_SIZE = 128;

const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ op: fc.constant("claim" as const) }) },
  {
    weight: 12,
    arbitrary: fc.record({
      op: fc.constant("produce" as const),
      isHeld: fc.boolean(),
      bytes: fc.uint8Array({ maxLength: SLOT_SIZE }),
      tag: i32,
      a: i32,
      b: i32,
    }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constant("commit" as const) }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constant("peek" as const) }) },
  {
    weight: 10,
    arbitrary: fc.record({ op: fc.constant("release" as const), isHeld: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("publish" as const) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("giveBack" as const) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant("hold" as const) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant("wait" as const) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("close" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("fail" as const),
      code: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Item {
  readonly bytes: Uint8Array;
  readonly tag: number;
  readonly a: number;
  readonly b: number;
}

/** Anything the free-running indexes can be, and above all just before they wrap. */
const start = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 2 ** 32 - 12, max: 2 ** 32 - 1 }),
  fc.integer({ min: 2 ** 31 - 12, max: 2 ** 31 - 1 }),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
);

function play(slotCount: number, startIndex: number, steps: readonly Step[]): void {
  const buffer = createRing({ slotCount, slotSize: SLOT_SIZE });
  const words = new Int32Array(buffer);
  words[TAIL_WORD] = startIndex;
  words[HEAD_WORD] = startIndex;
  const producer = attachRing(buffer);
  const consumer = attachRing(buffer);

  const queue: Item[] = [];
  let produced = startIndex;
  let consumed = startIndex;
  let claimed = false;
  let closed = false;
  let failed = 0;
  // What the other side does not know of, and what the producer saw when it last looked.
  let held = 0;
  let heldFree = 0;
  let seenFree = slotCount;

  const expectedClaim = (full: number): number => {
    if (failed !== 0) return RING_FAILED;
    if (claimed) return produced % slotCount;
    if (closed) return RING_CLOSED;
    if (seenFree === 0) {
      held = 0;
      seenFree = slotCount - queue.length - heldFree;
    }
    return seenFree === 0 ? full : produced % slotCount;
  };
  const expectedPeek = (empty: number): number => {
    if (failed !== 0) return RING_FAILED;
    if (queue.length > held) return consumed % slotCount;
    heldFree = 0;
    return closed ? RING_CLOSED : empty;
  };
  const checkSlot = (slot: number, item: Item): void => {
    assertEquals(slotLength(consumer, slot), item.bytes.length);
    assertEquals(slotTag(consumer, slot), item.tag);
    assertEquals(slotA(consumer, slot), item.a);
    assertEquals(slotB(consumer, slot), item.b);
    for (const [i, byte] of item.bytes.entries()) assertEquals(slotBytes(consumer, slot)[i], byte);
  };
  const doClaim = (): number => {
    const slot = tryClaim(producer);
    assertEquals(slot, expectedClaim(RING_FULL));
    if (slot >= 0) claimed = true;
    return slot;
  };

  for (const s of steps) {
    switch (s.op) {
      case "claim":
        doClaim();
        break;
      case "produce": {
        const slot = doClaim();
        if (slot < 0) break;
        slotBytes(producer, slot).set(s.bytes);
        assertThrows(() => commit(producer, SLOT_SIZE + 1, s.tag, s.a, s.b), RangeError);
        const commitIt = s.isHeld ? commitHeld : commit;
        commitIt(producer, s.bytes.length, s.tag, s.a, s.b);
        claimed = false;
        produced++;
        seenFree--;
        held = s.isHeld ? held + 1 : 0;
        queue.push(s);
        break;
      }
      case "commit":
        // A claim that was left open, or none.
        if (claimed) {
          commit(producer, 0, 1, 2, 3);
          claimed = false;
          produced++;
          seenFree--;
          held = 0;
          queue.push({ bytes: new Uint8Array(), tag: 1, a: 2, b: 3 });
        } else {
          assertThrows(() => commit(producer, 0, 1, 2, 3), Error, "Cannot commit a slot");
        }
        break;
      case "peek": {
        const slot = tryPeek(consumer);
        assertEquals(slot, expectedPeek(RING_EMPTY));
        const oldest = queue[0];
        if (slot >= 0 && oldest !== undefined) checkSlot(slot, oldest);
        break;
      }
      case "release":
        if (queue.length > held) {
          (s.isHeld ? releaseHeld : release)(consumer);
          queue.shift();
          consumed++;
          heldFree = s.isHeld ? heldFree + 1 : 0;
        } else {
          assertThrows(() => release(consumer), Error, "Cannot release a slot");
        }
        break;
      case "publish":
        publish(producer);
        held = 0;
        break;
      case "giveBack":
        giveBack(consumer);
        heldFree = 0;
        break;
      case "hold":
        // All that are committed stay readable until they are released.
        for (const [i, item] of queue.entries()) {
          checkSlot((consumed + i) % slotCount & consumer.mask, item);
        }
        break;
      case "wait": {
        const slot = claim(producer, 0);
        assertEquals(slot, expectedClaim(RING_TIMEOUT));
        if (slot >= 0) claimed = true;
        assertEquals(peek(consumer, 0), expectedPeek(RING_TIMEOUT));
        break;
      }
      case "close":
        closeRing(producer);
        closed = true;
        held = 0;
        claimed = false;
        break;
      case "fail":
        // Either side may; the first code stays.
        failRing(s.code % 2 === 0 ? producer : consumer, s.code);
        if (failed === 0) failed = s.code;
        break;
    }
    assertEquals([heldSlots(producer), heldBack(consumer)], [held, heldFree]);
    assertEquals(pending(producer), queue.length - held + heldFree);
    assertEquals(pending(consumer), queue.length - held + heldFree);
    assertEquals(ringFailure(producer), failed);
    assertEquals(ringFailure(consumer), failed);
  }
  // All of it ran in one thread: nothing may have parked.
  assertEquals(producer.waits + consumer.waits, 0);
}

Deno.test("the ring does what an array queue does, whatever is called in whatever order", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(2, 4, 8),
      start,
      fc.array(step, { maxLength: 120, size: "max" }),
      play,
    ),
    { numRuns: 400 },
  );
});

Deno.test("the ring goes from full to empty and back across the wrap of its indexes", () => {
  const item = {
    op: "produce" as const,
    isHeld: false,
    bytes: new Uint8Array([7]),
    tag: 1,
    a: 2,
    b: 3,
  };
  const round: Step[] = [
    ...Array.from({ length: 5 }, (): Step => item),
    { op: "claim" },
    { op: "hold" },
    ...Array.from({ length: 5 }, (): Step[] => [{ op: "peek" }, { op: "release", isHeld: false }])
      .flat(),
    { op: "peek" },
  ];
  for (const startIndex of [0, 2 ** 31 - 2, 2 ** 32 - 2]) play(4, startIndex, [...round, ...round]);
});
