import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { regionOf } from "../../libc/mod.ts";
import { closeStateMemory, touchState } from "../simulated/state_memory.ts";
import { bytesOf, memoryOf } from "../simulated/testdata/memory.ts";
import {
  appendParts,
  beginParts,
  createPartsStream,
  endParts,
  initialLeft,
  type PartsStream,
  readParts,
  unreadParts,
} from "./parts_stream.ts";
import { HEADER, recordOf } from "./testdata/devices.ts";

/** Reads up to `length` bytes. */
function readBytes(stream: PartsStream, length: number): number[] {
  const region = regionOf(new ArrayBuffer(Math.max(length, 1)));
  const n = readParts(stream, region, length);
  return [...region.bytes.subarray(0, n)];
}

Deno.test("a stream is nothing at first, then a whole record for each image", () => {
  const stream = createPartsStream(null, 100);
  assertEquals(beginParts(stream, 2), 0);
  assertEquals(readParts(stream, null, 50), 0);
  assertEquals(appendParts(stream), 0);
  assertEquals(readParts(stream, null, 50), 50);
  assertEquals([initialLeft(stream), unreadParts(stream)], [HEADER + 50, HEADER + 50]);
  assertEquals(appendParts(stream), 0);
  assertEquals([initialLeft(stream), unreadParts(stream)], [HEADER + 50, HEADER + 50 + 116]);
  assertEquals(readParts(stream, null, 1e9), HEADER + 50 + 116);
  assertEquals([initialLeft(stream), unreadParts(stream)], [0, 0]);
  assertEquals(readParts(stream, null, 1e9), 0);
  const header = { recordSize: 100, flags: 0, tag: 0 };
  assertEquals(stream.headerLog, [header, header]);
  assertEquals(beginParts(stream, 2), 0);
  assertEquals(stream.headerLog, []);
});

Deno.test("an image is the state as it was when it was read from the device", () => {
  const memory = memoryOf(5000, 1);
  const stream = createPartsStream(memory, 5000);
  try {
    beginParts(stream, 2);
    const first = bytesOf(memory);
    appendParts(stream);
    readBytes(stream, 20); // 4 bytes of state
    touchState(memory, 4096, 904, 7);
    const second = bytesOf(memory);
    appendParts(stream);
    touchState(memory, 0, 4096, 8);
    const expected = [...recordOf(first), ...recordOf(second)].slice(20);
    assertEquals(readBytes(stream, 20_000), expected);
  } finally {
    endParts(stream);
    closeStateMemory(memory);
  }
});

Deno.test("the bytes are the same however they are read", () => {
  const memory = memoryOf(300, 3);
  const stream = createPartsStream(memory, 300);
  try {
    const state = bytesOf(memory);
    const expected = [...recordOf(state), ...recordOf(state)];
    const lengths = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 });
    fc.assert(
      fc.property(lengths, (lengths) => {
        beginParts(stream, 2);
        appendParts(stream);
        appendParts(stream);
        const read: number[] = [];
        for (let i = 0; unreadParts(stream) > 0; i++) {
          read.push(...readBytes(stream, lengths[i % lengths.length] ?? 1));
        }
        assertEquals(read, expected);
      }),
      { numRuns: 30 },
    );
  } finally {
    endParts(stream);
    closeStateMemory(memory);
  }
});

Deno.test("the buffers go with the session, and come back with the next", () => {
  const memory = memoryOf(100, 1);
  const stream = createPartsStream(memory, 100);
  try {
    beginParts(stream, 2);
    const first = [...stream.snapshots];
    assertEquals(first.map(({ fd }) => fd >= 0), [true, true]);
    beginParts(stream, 2);
    const second = [...stream.snapshots];
    assertEquals(first.map(({ fd }) => fd), [-1, -1]);
    assertEquals(second.map(({ fd }) => fd >= 0), [true, true]);
    endParts(stream);
    endParts(stream);
    assertEquals(second.map(({ fd }) => fd), [-1, -1]);
    beginParts(stream, 1);
    assertEquals(stream.snapshots.length, 1);
  } finally {
    endParts(stream);
    closeStateMemory(memory);
  }
});
