import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { attachRing, createRing, pending } from "./ring.ts";
import {
  HEAD_WORD,
  HEADER_BYTES,
  MAGIC_WORD,
  SLOT_COUNT_WORD,
  SLOT_SIZE_WORD,
  SLOTS_OFFSET_WORD,
  TAIL_WORD,
  VERSION_WORD,
} from "./ring_layout.ts";
import { claim, commit, commitHeld } from "./ring_produce.ts";
import { release, releaseHeld, tryPeek } from "./ring_consume.ts";
import { slotBytes, slotLength, slotOffset } from "./ring_slot.ts";
import { RING_EMPTY, RING_TIMEOUT } from "./ring_status.ts";

/** A ring's buffer with one word of its header overwritten. */
function corrupt(word: number, value: number): SharedArrayBuffer {
  const buffer = createRing({ slotCount: 4, slotSize: 64 });
  new Int32Array(buffer)[word] = value;
  return buffer;
}

Deno.test("a ring that is created can be attached and is empty", () => {
  const ring = attachRing(createRing({ slotCount: 4, slotSize: 192 }));
  assertEquals(ring.slotCount, 4);
  assertEquals(ring.slotSize, 192);
  assertEquals(ring.mask, 3);
  assertEquals(ring.waits, 0);
  assertEquals(pending(ring), 0);
});

Deno.test("the largest number of slots works", () => {
  const ring = attachRing(createRing({ slotCount: 65_536, slotSize: 64 }));
  for (let i = 0; i < 65_536; i++) {
    assertEquals(claim(ring, 0), i);
    commit(ring, 0, 0, 0, 0);
  }
  assertEquals(pending(ring), 65_536);
});

Deno.test("createRing refuses a shape outside the limits", () => {
  assertThrows(
    () => createRing({ slotCount: 3, slotSize: 64 }),
    RangeError,
    "Cannot create a ring with a slotCount",
  );
  assertThrows(
    () => createRing({ slotCount: 4, slotSize: 100 }),
    RangeError,
    "Cannot create a ring with a slotSize",
  );
});

Deno.test("attachRing refuses a buffer that is not shared", () => {
  const notShared: unknown = new ArrayBuffer(65_536);
  assertThrows(
    () => attachRing(notShared as SharedArrayBuffer),
    TypeError,
    "Cannot attach to a ring in a buffer that is not shared: received [object ArrayBuffer]",
  );
});

Deno.test("attachRing refuses a buffer without the magic", () => {
  assertThrows(
    () => attachRing(new SharedArrayBuffer(65_536)),
    TypeError,
    "Cannot attach to a ring without the magic 0x52626d76: received 0x0",
  );
  assertThrows(
    () => attachRing(corrupt(MAGIC_WORD, -1)),
    TypeError,
    "received 0xffffffff",
  );
});

Deno.test("attachRing refuses another layout version", () => {
  assertThrows(
    () => attachRing(corrupt(VERSION_WORD, 3)),
    TypeError,
    "Cannot attach to a ring of a layout version other than 2: received 3",
  );
});

Deno.test("attachRing refuses a header whose shape is outside the limits", () => {
  assertThrows(
    () => attachRing(corrupt(SLOT_COUNT_WORD, -4)),
    RangeError,
    "Cannot attach to a ring with a slotCount that is not a power of two from 2 to 65536: received -4",
  );
  assertThrows(
    () => attachRing(corrupt(SLOT_SIZE_WORD, 65)),
    RangeError,
    "Cannot attach to a ring with a slotSize that is not a multiple of 64 up to 67108864: received 65",
  );
});

Deno.test("attachRing refuses a buffer of another size than its header says", () => {
  assertThrows(
    () => attachRing(new SharedArrayBuffer(HEADER_BYTES - 4)),
    RangeError,
    "Cannot attach to a ring in fewer than 512 bytes: received 508",
  );
  assertThrows(
    () => attachRing(corrupt(SLOT_COUNT_WORD, 8)),
    RangeError,
    "Cannot attach to a ring of 8 slots of 64 in other than 40960 bytes: received 24576",
  );
  const whole = createRing({ slotCount: 4, slotSize: 64 });
  for (const byteLength of [whole.byteLength - 4096, whole.byteLength + 4096]) {
    const other = new SharedArrayBuffer(byteLength);
    const header = new Uint8Array(whole, 0, HEADER_BYTES);
    new Uint8Array(other).set(header);
    assertThrows(
      () => attachRing(other),
      RangeError,
      `in other than ${whole.byteLength} bytes: received ${byteLength}`,
    );
  }
});

Deno.test("slots begin on pages of memory where the ring is told where those are", () => {
  for (const pageStart of [0, 16, 4080]) {
    const buffer = createRing({ slotCount: 4, slotSize: 192, pageStart: () => pageStart });
    const ring = attachRing(buffer);
    assertEquals(ring.slotsOffset % 4096, pageStart);
    assertEquals(ring.slotsOffset + 4 * ring.slotStride <= buffer.byteLength, true);
    // Either end sees the same slots.
    slotBytes(ring, 3).fill(7);
    assertEquals(new Set(slotBytes(attachRing(buffer), 3)), new Set([7]));
  }
});

Deno.test("attachRing refuses slots that would begin in the metadata, or end behind the buffer", () => {
  for (const offset of [-4096, 0, 4095, 4096 + 4096]) {
    assertThrows(
      () => attachRing(corrupt(SLOTS_OFFSET_WORD, offset)),
      RangeError,
      `Cannot attach to a ring of 4 slots of 64 that start at other than 4096 to 8191: received ${offset}`,
    );
  }
});

Deno.test("attachRing refuses indexes further apart than there are slots", () => {
  assertThrows(
    () => attachRing(corrupt(TAIL_WORD, 5)),
    RangeError,
    "Cannot attach to a ring of 4 slots with more than those committed: received 5",
  );
  assertThrows(() => attachRing(corrupt(HEAD_WORD, 1)), RangeError, "received 4294967295");
});

Deno.test("a side that attaches again goes on where it was", () => {
  const buffer = createRing({ slotCount: 4, slotSize: 64 });
  const first = attachRing(buffer);
  for (let i = 0; i < 3; i++) {
    claim(first, 0);
    commit(first, i, 0, 0, 0);
  }
  assertEquals(tryPeek(first), 0);
  release(first);
  const second = attachRing(buffer);
  assertEquals(pending(second), 2);
  assertEquals(claim(second, 0), 3);
  assertEquals(slotLength(second, tryPeek(second)), 1);
});

Deno.test("a slot's view is the same object each time, at the slot's offset", () => {
  const buffer = createRing({ slotCount: 4, slotSize: 192 });
  const ring = attachRing(buffer);
  const other = attachRing(buffer);
  for (let slot = 0; slot < 4; slot++) {
    const bytes = slotBytes(ring, slot);
    assertStrictEquals(slotBytes(ring, slot), bytes);
    assertEquals(bytes.length, 192);
    assertEquals(slotOffset(ring, slot), ring.slotsOffset + slot * ring.slotStride);
    bytes.fill(slot + 1);
  }
  for (let slot = 0; slot < 4; slot++) {
    assertEquals(new Set(slotBytes(other, slot)), new Set([slot + 1]));
    assertEquals(new Uint8Array(buffer)[slotOffset(other, slot)], slot + 1);
  }
});

Deno.test("what is held the other side does not know of, until it is told, asked or in need", () => {
  const buffer = createRing({ slotCount: 2, slotSize: 64 });
  const producer = attachRing(buffer);
  const consumer = attachRing(buffer);
  claim(producer, 0);
  commitHeld(producer, 1, 0, 0, 0);
  assertEquals([tryPeek(consumer), pending(consumer)], [RING_EMPTY, 0]);
  claim(producer, 0);
  commitHeld(producer, 2, 0, 0, 0);
  // Full: what is held is told, and nobody waits for ever.
  assertEquals(claim(producer, 0), RING_TIMEOUT);
  assertEquals([tryPeek(consumer), pending(consumer)], [0, 2]);
  releaseHeld(consumer);
  assertEquals(claim(producer, 0), RING_TIMEOUT);
  assertEquals(tryPeek(consumer), 1);
  releaseHeld(consumer);
  // Empty: so is this.
  assertEquals(tryPeek(consumer), RING_EMPTY);
  assertEquals(claim(producer, 0), 0);
});
