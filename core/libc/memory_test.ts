import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { ERRNO } from "./errno.ts";
import { flipBit, giveBack, memcmp, sameBytes } from "./memory.ts";
import { addressOf, pointerOf } from "./pointer.ts";

Deno.test("memcmp finds a difference in the last byte, and its direction", () => {
  const size = 1 << 20;
  const a = new Uint8Array(new SharedArrayBuffer(size));
  const b = new Uint8Array(new ArrayBuffer(size));
  const pointers = [pointerOf(a.buffer), pointerOf(b.buffer)] as const;
  assertEquals(memcmp(...pointers, size), 0);
  a[size - 1] = 1;
  assertGreater(memcmp(...pointers, size), 0);
  b[size - 1] = 200;
  assertLess(memcmp(...pointers, size), 0);
});

Deno.test("memcmp looks at no byte beyond the length", () => {
  const a = Uint8Array.of(1, 2, 3);
  const b = Uint8Array.of(1, 2, 4);
  assertEquals(memcmp(pointerOf(a.buffer), pointerOf(b.buffer), 2), 0);
  assertEquals(memcmp(pointerOf(a.buffer), pointerOf(b.buffer), 0), 0);
  assertEquals(memcmp(pointerOf(a.buffer, 1), pointerOf(b.buffer, 1), 1), 0);
});

Deno.test("sameBytes compares stretches that start anywhere", () => {
  const a = Uint8Array.of(9, 1, 2, 3, 4);
  const b = Uint8Array.of(1, 2, 3, 5);
  const [left, right] = [addressOf(pointerOf(a.buffer)), addressOf(pointerOf(b.buffer))];
  assertEquals(sameBytes(left + 1, right, 3), true);
  assertEquals(sameBytes(left + 1, right, 4), false);
  assertEquals(sameBytes(left, right, 1), false);
  assertEquals(sameBytes(left, right, 0), true);
});

Deno.test("flipBit changes one bit, and flips it back", () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(3));
  const address = addressOf(pointerOf(bytes.buffer));
  flipBit(address + 1, 7);
  assertEquals([...bytes], [0, 0x80, 0]);
  flipBit(address + 1, 0);
  assertEquals([...bytes], [0, 0x81, 0]);
  flipBit(address + 1, 7);
  assertEquals([...bytes], [0, 1, 0]);
});

Deno.test("memory that is given back is zeros, and what is beside it stays", () => {
  const page = 4096;
  const bytes = new Uint8Array(new SharedArrayBuffer(6 * page)).fill(7);
  const address = addressOf(pointerOf(bytes.buffer));
  const start = (page - address % page) % page;
  assertEquals(giveBack(address + start + page, 2 * page), 0);
  const zeros = bytes.subarray(start + page, start + 3 * page);
  assertEquals(zeros.every((byte) => byte === 0), true);
  assertEquals(bytes.reduce((sum, byte) => sum + byte, 0), 4 * page * 7);
  bytes[start + page] = 9;
  assertEquals(bytes[start + page], 9, "it can be used again");
  assertEquals(giveBack(address + start + 1, page), -ERRNO.EINVAL);
});
