import { assertEquals, assertThrows } from "@std/assert";
import { findGrowth, type TransferMemory } from "./judge.ts";

const MIB = 1024 * 1024;
const SHORT: TransferMemory = {
  buffers: 100_000,
  allocated_bytes: 20 * MIB,
  early_bytes: 90 * MIB,
  late_bytes: 95 * MIB,
};
const LONG = { ...SHORT, buffers: 1_000_000 };

Deno.test("what is the same for ten times as many buffers is flat", () => {
  assertEquals(findGrowth(SHORT, LONG), []);
  assertEquals(findGrowth(SHORT, { ...LONG, allocated_bytes: 21 * MIB }), []);
});

Deno.test("an object for each buffer is found, collected or not", () => {
  const allocated_bytes = SHORT.allocated_bytes + 16 * 900_000;
  assertEquals(findGrowth(SHORT, { ...LONG, allocated_bytes }), [
    "16.0 bytes are allocated for each buffer, more than 12",
  ]);
});

Deno.test("what is kept outside of the heaps is found too", () => {
  assertEquals(findGrowth(SHORT, { ...LONG, late_bytes: 110 * MIB }), [
    "resident memory grows by 20 MiB over 1000000 buffers, more than 12 MiB",
  ]);
});

Deno.test("a number that is none is no proof", () => {
  assertEquals(findGrowth(SHORT, { ...LONG, allocated_bytes: NaN }).length, 1);
  assertEquals(findGrowth(SHORT, { ...LONG, late_bytes: NaN }).length, 1);
  assertThrows(() => findGrowth(LONG, SHORT), RangeError, "the longer one second");
});
