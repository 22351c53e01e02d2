import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { acquire, createPool, type PoolEntry, releaseBuffer } from "./pool.ts";

Deno.test("createPool refuses options outside their limits", () => {
  const wrong = [
    ["bufferSize", { bufferSize: 0, capacity: 1 }, 0],
    ["bufferSize", { bufferSize: 1.5, capacity: 1 }, 1.5],
    ["bufferSize", { bufferSize: 2 ** 30 + 1, capacity: 1 }, 2 ** 30 + 1],
    ["capacity", { bufferSize: 1, capacity: 0 }, 0],
    ["capacity", { bufferSize: 1, capacity: 65_537 }, 65_537],
    ["initial", { bufferSize: 1, capacity: 2, initial: 3 }, 3],
    ["initial", { bufferSize: 1, capacity: 2, initial: -1 }, -1],
  ] as const;
  for (const [name, options, received] of wrong) {
    const error = assertThrows(
      () => createPool(options),
      RangeError,
      `Cannot create a pool with a ${name}`,
    );
    assert(error.message.endsWith(`: received ${received}`));
  }
});

Deno.test("a pool makes its initial buffers at once and the others when they are asked for", () => {
  const pool = createPool({ bufferSize: 64, capacity: 4, initial: 2 });
  assertEquals(pool.entries.length, 2);
  assertEquals([acquire(pool)?.index, acquire(pool)?.index], [0, 1]);
  assertEquals(pool.entries.length, 2);
  assertEquals(acquire(pool)?.index, 2);
  assertEquals(pool.entries.length, 3);
});

Deno.test("a pool lends the buffer that came back last", () => {
  const pool = createPool({ bufferSize: 64, capacity: 4, initial: 4 });
  const first = acquire(pool);
  const second = acquire(pool);
  assert(first !== undefined && second !== undefined);
  releaseBuffer(pool, second);
  releaseBuffer(pool, first);
  assertStrictEquals(acquire(pool), first);
  assertStrictEquals(acquire(pool), second);
});

Deno.test("a buffer released twice is refused", () => {
  const pool = createPool({ bufferSize: 64, capacity: 2 });
  const entry = acquire(pool);
  assert(entry !== undefined);
  releaseBuffer(pool, entry);
  assertThrows(
    () => releaseBuffer(pool, entry),
    TypeError,
    "Cannot release a buffer to its pool twice: received entry 0",
  );
  assertEquals(pool.inUse, 0);
});

Deno.test("a buffer of another pool and one made by hand are refused", () => {
  const pool = createPool({ bufferSize: 64, capacity: 2 });
  const other = createPool({ bufferSize: 64, capacity: 2 });
  assert(acquire(pool) !== undefined);
  const foreign = acquire(other);
  assert(foreign !== undefined);
  const buffer = new ArrayBuffer(64);
  const handmade = [-1, 0, 1, 2].map((index): PoolEntry => ({
    index,
    buffer,
    bytes: new Uint8Array(buffer),
  }));
  for (const entry of [foreign, ...handmade]) {
    assertThrows(
      () => releaseBuffer(pool, entry),
      TypeError,
      `Cannot release a buffer to a pool that did not lend it: received a foreign entry ${entry.index}`,
    );
  }
  assertEquals(pool.inUse, 1);
});

Deno.test("a buffer that was transferred away is refused, and is not lent again", () => {
  const pool = createPool({ bufferSize: 64, capacity: 1 });
  const entry = acquire(pool);
  assert(entry !== undefined);
  structuredClone(null, { transfer: [entry.buffer] });
  assertThrows(
    () => releaseBuffer(pool, entry),
    TypeError,
    "Cannot release a buffer to its pool after a transfer: received entry 0, detached",
  );
  assertEquals(acquire(pool), undefined);
});

Deno.test("the pool does what a set of lent buffers does, whatever is called in whatever order", () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant({ op: "acquire" as const }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant("release" as const), pick: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant("again" as const), pick: fc.nat() }) },
  );
  const shape = fc.integer({ min: 1, max: 6 }).chain((capacity) =>
    fc.record({
      capacity: fc.constant(capacity),
      initial: fc.integer({ min: 0, max: capacity }),
      bufferSize: fc.integer({ min: 1, max: 64 }),
    })
  );
  fc.assert(
    fc.property(shape, fc.array(step, { maxLength: 100, size: "max" }), (options, steps) => {
      const pool = createPool(options);
      const lent = new Set<PoolEntry>();
      const seen = new Set<PoolEntry>();
      const returned = new Set<PoolEntry>();
      let highWater = 0;
      for (const s of steps) {
        switch (s.op) {
          case "acquire": {
            const entry = acquire(pool);
            assertEquals(entry === undefined, lent.size === options.capacity);
            if (entry === undefined) break;
            assert(!lent.has(entry));
            // A new buffer only where none was free.
            assert(seen.has(entry) || returned.size === 0);
            assertEquals(entry.buffer.byteLength, options.bufferSize);
            assertStrictEquals(entry.bytes.buffer, entry.buffer);
            lent.add(entry);
            seen.add(entry);
            returned.delete(entry);
            highWater = Math.max(highWater, lent.size);
            break;
          }
          case "release": {
            const entry = [...lent][s.pick % lent.size];
            if (entry === undefined) break;
            releaseBuffer(pool, entry);
            lent.delete(entry);
            returned.add(entry);
            break;
          }
          case "again": {
            const entry = [...returned][s.pick % returned.size];
            if (entry !== undefined) assertThrows(() => releaseBuffer(pool, entry), TypeError);
            break;
          }
        }
        assertEquals(pool.inUse, lent.size);
        assertEquals(pool.highWater, highWater);
        assertEquals(pool.entries.length, Math.max(options.initial, seen.size));
      }
      assertEquals(new Set([...seen].map((entry) => entry.index)).size, seen.size);
    }),
  );
});

Deno.test("a buffer's bytes begin on a page where the pool is told where that is", () => {
  const pool = createPool({ bufferSize: 100, capacity: 1, pageStart: () => 4080 });
  const { buffer, bytes } = acquire(pool) ?? {};
  assertEquals([bytes?.byteOffset, bytes?.length], [4080, 100]);
  assertStrictEquals(bytes?.buffer, buffer);
});
