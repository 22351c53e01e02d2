import { assertEquals, assertThrows } from "@std/assert";
import { attachRing, createRing, pending } from "./ring.ts";
import { commit, tryClaim } from "./ring_produce.ts";
import { release, tryPeek } from "./ring_consume.ts";
import { closeRing, failRing, ringFailure } from "./ring_end.ts";
import { RING_CLOSED, RING_EMPTY, RING_FAILED } from "./ring_status.ts";

Deno.test("a closed ring is drained before the consumer is told", () => {
  const buffer = createRing({ slotCount: 4, slotSize: 64 });
  const producer = attachRing(buffer);
  const consumer = attachRing(buffer);
  tryClaim(producer);
  commit(producer, 1, 0, 0, 0);
  closeRing(producer);
  assertEquals(tryClaim(producer), RING_CLOSED);
  assertEquals(tryPeek(consumer), 0);
  release(consumer);
  assertEquals(tryPeek(consumer), RING_CLOSED);
});

Deno.test("a commit and a close between any two looks of the consumer lose no slot", () => {
  const { load } = Atomics;
  for (let when = 1; when <= 4; when++) {
    const buffer = createRing({ slotCount: 4, slotSize: 64 });
    const producer = attachRing(buffer);
    const consumer = attachRing(buffer);
    // What another thread would do between two loads, done there.
    let loads = 0;
    Atomics.load = new Proxy(load, {
      apply(target, self, args): number {
        if (++loads === when) {
          tryClaim(producer);
          commit(producer, 1, 0, 0, 0);
          closeRing(producer);
        }
        return Reflect.apply(target, self, args);
      },
    });
    let seen: number;
    try {
      do seen = tryPeek(consumer); while (seen === RING_EMPTY);
    } finally {
      Atomics.load = load;
    }
    assertEquals(seen, 0);
    release(consumer);
    assertEquals(tryPeek(consumer), RING_CLOSED);
  }
});

Deno.test("a slot claimed and not committed is dropped by a close", () => {
  const ring = attachRing(createRing({ slotCount: 4, slotSize: 64 }));
  tryClaim(ring);
  closeRing(ring);
  assertThrows(() => commit(ring, 1, 0, 0, 0), Error, "Cannot commit a slot");
  assertEquals(pending(ring), 0);
});

Deno.test("a close outlives the attachment that made it", () => {
  const buffer = createRing({ slotCount: 4, slotSize: 64 });
  closeRing(attachRing(buffer));
  assertEquals(tryClaim(attachRing(buffer)), RING_CLOSED);
});

Deno.test("a failed ring tells both sides at once, and the first code stays", () => {
  const buffer = createRing({ slotCount: 4, slotSize: 64 });
  const producer = attachRing(buffer);
  const consumer = attachRing(buffer);
  tryClaim(producer);
  commit(producer, 1, 0, 0, 0);
  closeRing(producer);
  failRing(attachRing(buffer), 5);
  failRing(consumer, 6);
  assertEquals(tryClaim(producer), RING_FAILED);
  assertEquals(tryPeek(consumer), RING_FAILED);
  assertEquals(ringFailure(producer), 5);
});

Deno.test("a failure needs a positive code", () => {
  const ring = attachRing(createRing({ slotCount: 4, slotSize: 64 }));
  for (const code of [0, -5, 1.5, 2 ** 31, NaN]) {
    assertThrows(
      () => failRing(ring, code),
      RangeError,
      `Cannot fail a ring with a code that is not a positive i32: received ${code}`,
    );
  }
  assertEquals(ringFailure(ring), 0);
});
