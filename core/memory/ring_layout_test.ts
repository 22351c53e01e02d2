import { assert, assertEquals, assertGreaterOrEqual, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  CLOSED_WORD,
  CONSUMER_WAITING_WORD,
  FAILED_WORD,
  HEAD_WORD,
  HEADER_BYTES,
  MAGIC_WORD,
  MAX_RING_BYTES,
  META_WORDS,
  PRODUCER_WAITING_WORD,
  ringGeometry,
  SLOT_COUNT_WORD,
  SLOT_SIZE_WORD,
  SLOTS_OFFSET_WORD,
  TAIL_WORD,
  VERSION_WORD,
} from "./ring_layout.ts";

Deno.test("every slot starts at a multiple of 4096, behind the metadata and beside no other", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 2048 }),
    (countLog2, sizeUnits) => {
      const slotCount = 2 ** countLog2;
      const slotSize = sizeUnits * 64;
      const { slotsOffset, slotStride, byteLength } = ringGeometry("create", slotCount, slotSize);
      assertEquals(slotsOffset % 4096, 0);
      assertEquals(slotStride % 4096, 0);
      assertGreaterOrEqual(slotsOffset, HEADER_BYTES + slotCount * META_WORDS * 4);
      assertGreaterOrEqual(slotStride, slotSize);
      // Room for the slots to begin on a page, wherever the buffer does.
      assertEquals(byteLength, slotsOffset + slotCount * slotStride + 4096);
    },
  ));
});

Deno.test("what one side writes after every slot shares its 128 bytes with nothing else", () => {
  const block = (word: number): number => Math.floor(word * 4 / 128);
  const flags = [PRODUCER_WAITING_WORD, CONSUMER_WAITING_WORD, CLOSED_WORD, FAILED_WORD];
  const constants = [
    MAGIC_WORD,
    VERSION_WORD,
    SLOT_COUNT_WORD,
    SLOT_SIZE_WORD,
    SLOTS_OFFSET_WORD,
  ];
  const others = [...constants, ...flags, HEADER_BYTES / 4].map(block);
  for (const index of [TAIL_WORD, HEAD_WORD]) assert(!others.includes(block(index)));
  assertGreaterOrEqual(Math.abs(HEAD_WORD - TAIL_WORD) * 4, 128);
});

Deno.test("a slot count that is not a power of two from 2 to 65536 is refused", () => {
  for (const slotCount of [-2, 0, 1, 3, 6, 65_535, 131_072, 2 ** 32, 2.5, NaN, Infinity]) {
    assertThrows(
      () => ringGeometry("create", slotCount, 64),
      RangeError,
      `Cannot create a ring with a slotCount that is not a power of two from 2 to 65536: received ${slotCount}`,
    );
  }
});

Deno.test("a slot size that is not a multiple of 64 up to 64 MiB is refused", () => {
  for (const slotSize of [-64, 0, 1, 63, 65, 96.5, 64 * 1024 * 1024 + 64, NaN, Infinity]) {
    assertThrows(
      () => ringGeometry("create", 2, slotSize),
      RangeError,
      `Cannot create a ring with a slotSize that is not a multiple of 64 up to 67108864: received ${slotSize}`,
    );
  }
});

Deno.test("a ring of more than 1 GiB is refused", () => {
  assertEquals(ringGeometry("create", 8, 64 * 1024 * 1024).slotStride, 64 * 1024 * 1024);
  assertThrows(
    () => ringGeometry("create", 16, 64 * 1024 * 1024),
    RangeError,
    `Cannot create a ring with more than ${MAX_RING_BYTES} bytes: received 16 slots of 67108864`,
  );
});
