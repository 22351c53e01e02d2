import { assertEquals, assertThrows } from "@std/assert";
import { attachRing, createRing } from "./ring.ts";
import { claim, commit } from "./ring_produce.ts";
import { slotA, slotB, slotBytes, slotLength, slotOffset, slotTag } from "./ring_slot.ts";
import { RING_CLOSED, RING_EMPTY, RING_FAILED, RING_TIMEOUT } from "./ring_status.ts";

Deno.test("a slot keeps its length and its three words as i32", () => {
  const ring = attachRing(createRing({ slotCount: 2, slotSize: 64 }));
  const slot = claim(ring, 0);
  commit(ring, 64, -1, 0x7fff_ffff, 0xffff_fffe);
  assertEquals(slotLength(ring, slot), 64);
  assertEquals(slotTag(ring, slot), -1);
  assertEquals(slotA(ring, slot), 0x7fff_ffff);
  assertEquals(slotB(ring, slot), -2);
});

Deno.test("an answer that is no slot is refused as a slot", () => {
  const ring = attachRing(createRing({ slotCount: 4, slotSize: 64 }));
  const looks = [slotOffset, slotBytes, slotLength, slotTag, slotA, slotB];
  for (const slot of [RING_EMPTY, RING_CLOSED, RING_FAILED, RING_TIMEOUT, 4, NaN]) {
    for (const look of looks) {
      assertThrows(
        () => look(ring, slot),
        RangeError,
        `Cannot look at a slot of a ring that has slots 0 to 3: received ${slot}`,
      );
    }
  }
});
