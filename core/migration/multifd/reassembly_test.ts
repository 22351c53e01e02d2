import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ERRNO } from "../../libc/mod.ts";
import { INVALID_IDX } from "../../wire/multifd/mod.ts";
import {
  createReassembly,
  insertBuffer,
  NEXT,
  nextBuffer,
  noteWritten,
  type Reassembly,
} from "./reassembly.ts";

/** Writes all that can be written; what it was, in order. */
function drain(buffers: Reassembly): string[] {
  const loaded: string[] = [];
  for (;;) {
    const next = nextBuffer(buffers);
    if (next === NEXT.CONFIG) loaded.push(`config ${buffers.nextIdx}`);
    if (next !== NEXT.BUFFER) return loaded;
    loaded.push(`${buffers.nextIdx}`);
    assertEquals(noteWritten(buffers, buffers.length), 1);
  }
}

/** A queue that took these: an idx, or the configuration's idx as a negative number. */
function queue(...arrivals: number[]): Reassembly {
  const buffers = createReassembly();
  for (const idx of arrivals) {
    assertEquals(insertBuffer(buffers, Math.abs(idx), idx < 0, 10, idx), 0);
  }
  return buffers;
}

Deno.test("vector: arrivals 2 (config), 0, 1 are written 0, 1, then config 2", () => {
  assertEquals(drain(queue(-2, 0, 1)), ["0", "1", "config 2"]);
});

Deno.test("vector: arrivals 1, 1 are a duplicate", () => {
  const buffers = queue(1);
  assertEquals(insertBuffer(buffers, 1, false, 10, 0), -ERRNO.EEXIST);
  assertEquals(buffers.reason, "state buffer 1 already filled");
});

Deno.test("vector: after 0 and nothing more the device is starved", () => {
  const buffers = queue(0);
  assertEquals(drain(buffers), ["0"]);
  assertEquals(nextBuffer(buffers), NEXT.STARVED);
});

Deno.test("vector: 600 and 600 queued under a cap of 1000 fail at the second", () => {
  const buffers = createReassembly({ maxQueuedBytes: 1000 });
  assertEquals(insertBuffer(buffers, 0, false, 600, 0), 0);
  assertEquals(insertBuffer(buffers, 1, false, 600, 0), -ERRNO.ENOBUFS);
  assertEquals(buffers.reason, "queuing state buffer 1 would exceed the size max 1000");
  // Raised before the test, and left so; what was accepted stayed below the cap.
  assertEquals([buffers.queuedBytes, buffers.peakQueuedBytes], [1200, 600]);
});

Deno.test("vector: the piece being written counts as queued until each write returns", () => {
  const buffers = createReassembly({ maxQueuedBytes: 1000 });
  insertBuffer(buffers, 0, false, 600, 0);
  assertEquals(nextBuffer(buffers), NEXT.BUFFER);
  assertEquals(noteWritten(buffers, 100), 0);
  assertEquals([buffers.queuedBytes, buffers.written], [500, 100]);
  assertEquals(insertBuffer(buffers, 1, false, 500, 0), 0);
  assertEquals(noteWritten(buffers, 500), 1);
  assertEquals([buffers.queuedBytes, buffers.peakQueuedBytes, buffers.nextIdx], [500, 1000, 1]);
});

Deno.test("the cap is a size that may be reached", () => {
  const buffers = createReassembly({ maxQueuedBytes: 1000 });
  assertEquals(insertBuffer(buffers, 0, false, 1000, 0), 0);
  assertEquals(insertBuffer(buffers, 1, false, 0, 0), 0);
});

Deno.test("the configuration's bytes stay queued", () => {
  const buffers = queue(0, -1);
  drain(buffers);
  assertEquals(buffers.queuedBytes, 10);
  assertEquals(noteWritten(buffers, 10), -ERRNO.EINVAL);
});

Deno.test("index 0xffffffff", () => {
  const buffers = createReassembly();
  for (const idx of [INVALID_IDX, 2 ** 32, -1, NaN]) {
    assertEquals(insertBuffer(buffers, idx, false, 1, 0), -ERRNO.EINVAL);
  }
  assertEquals(buffers.queuedBytes, 0);
});

Deno.test("a consumed buffer that is replayed is a duplicate", () => {
  const buffers = queue(0, 1);
  drain(buffers);
  assertEquals(insertBuffer(buffers, 0, false, 10, 0), -ERRNO.EEXIST);
  assertEquals(insertBuffer(buffers, 1, false, 10, 0), -ERRNO.EEXIST);
  assertEquals(insertBuffer(buffers, 2, false, 10, 0), 0);
});

Deno.test("a configuration below what is consumed is an error, not an abort", () => {
  const buffers = queue(0, 1, 2);
  drain(buffers);
  assertEquals(insertBuffer(buffers, 1, true, 10, 0), -ERRNO.EINVAL);
  assertEquals(buffers.reason, "config 1 is not above the buffers already consumed");
});

Deno.test("a configuration that would leave data unwritten is an error", () => {
  const below = queue(5);
  assertEquals(insertBuffer(below, 3, true, 10, 0), -ERRNO.EINVAL);
  const above = queue(-3);
  assertEquals(insertBuffer(above, 5, false, 10, 0), -ERRNO.EINVAL);
  assertEquals(above.reason, "state buffer 5 is above config 3");
});

Deno.test("there is one configuration; the same again is a duplicate", () => {
  const buffers = queue(-3);
  assertEquals(insertBuffer(buffers, 4, true, 10, 0), -ERRNO.EINVAL);
  assertEquals(buffers.reason, "a second config 4 after config 3");
  assertEquals(insertBuffer(buffers, 3, true, 10, 0), -ERRNO.EEXIST);
});

Deno.test("one hostile idx cannot make the memory grow beyond the window", () => {
  const buffers = createReassembly({ window: 1000 });
  assertEquals(insertBuffer(buffers, 1000, false, 1, 0), -ERRNO.ERANGE);
  assertEquals(insertBuffer(buffers, 0xfffffffe, true, 1, 0), -ERRNO.ERANGE);
  assertEquals(buffers.lengths.length, 64);
  assertEquals(insertBuffer(buffers, 999, false, 1, 0), 0);
  assertEquals(buffers.lengths.length, 1024);
  // The window goes with what is written.
  insertBuffer(buffers, 0, false, 1, 0);
  drain(buffers);
  assertEquals(insertBuffer(buffers, 1000, false, 1, 0), 0);
});

Deno.test("an empty buffer is written with 0 bytes", () => {
  const buffers = createReassembly();
  insertBuffer(buffers, 0, false, 0, 0);
  assertEquals(nextBuffer(buffers), NEXT.BUFFER);
  assertEquals(noteWritten(buffers, 1), -ERRNO.EINVAL);
  assertEquals(noteWritten(buffers, 0), 1);
  assertEquals(nextBuffer(buffers), NEXT.STARVED);
});

Deno.test("options are checked", () => {
  for (const window of [0, 2 ** 24 + 1, 1.5]) {
    assertThrows(() => createReassembly({ window }), RangeError, "window");
  }
  assertThrows(() => createReassembly({ maxQueuedBytes: NaN }), RangeError, "size");
});

Deno.test("any order of arrival gives the buffers in order, with their handles", () => {
  const arrivals = fc.integer({ min: 1, max: 300 }).chain((count) =>
    fc.shuffledSubarray(Array.from({ length: count }, (_, idx) => idx), {
      minLength: count,
      maxLength: count,
    })
  );
  fc.assert(fc.property(arrivals, fc.array(fc.nat(5), { minLength: 1 }), (order, drains) => {
    const buffers = createReassembly();
    const written: number[] = [];
    let queued = 0;
    let peak = 0;
    for (const [i, idx] of order.entries()) {
      assertEquals(insertBuffer(buffers, idx, idx === order.length - 1, idx + 1, idx * 2), 0);
      queued += idx + 1;
      peak = Math.max(peak, queued);
      for (let n = drains[i % drains.length] ?? 0; n > 0; n--) {
        if (nextBuffer(buffers) !== NEXT.BUFFER) break;
        assertEquals(buffers.handle, buffers.nextIdx * 2);
        assertEquals(buffers.length, buffers.nextIdx + 1);
        written.push(buffers.nextIdx);
        queued -= buffers.length;
        noteWritten(buffers, buffers.length);
      }
      assertEquals(buffers.queuedBytes, queued);
    }
    written.push(...drain(buffers).slice(0, -1).map(Number));
    assertEquals(written, Array.from({ length: order.length - 1 }, (_, idx) => idx));
    assertEquals(buffers.peakQueuedBytes, peak);
    assert(nextBuffer(buffers) === NEXT.CONFIG);
  }));
});
