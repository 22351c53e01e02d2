import { assertEquals, assertThrows } from "@std/assert";
import { memfdCreate } from "./memfd.ts";
import { close } from "./file.ts";
import { addressOf, pageStart, pointerOf } from "./pointer.ts";
import { check } from "./system_call_error.ts";
import { pread, write } from "./transfer.ts";

Deno.test("a pointer into a buffer is its start plus the offset", () => {
  for (const buffer of [new ArrayBuffer(4096), new SharedArrayBuffer(4096)]) {
    const start = addressOf(pointerOf(buffer));
    assertEquals(Number.isSafeInteger(start), true);
    assertEquals(addressOf(pointerOf(buffer, 1)), start + 1);
    assertEquals(addressOf(pointerOf(buffer, 4095)), start + 4095);
  }
});

Deno.test("a buffer's first page begins less than a page behind its start", () => {
  for (let bytes = 1; bytes <= 2 ** 21; bytes *= 2) {
    for (const buffer of [new ArrayBuffer(bytes), new SharedArrayBuffer(bytes)]) {
      const start = pageStart(buffer);
      assertEquals([start >= 0, start < 4096], [true, true]);
      assertEquals((addressOf(pointerOf(buffer)) + start) % 4096, 0);
    }
  }
});

Deno.test("C and JavaScript see the same bytes behind a pointer", () => {
  const fd = check(memfdCreate("pointer"), "memfd_create", "make a test file");
  const bytes = new Uint8Array(new SharedArrayBuffer(16));
  bytes.set([1, 2, 3, 4], 3);
  assertEquals(write(fd, pointerOf(bytes.buffer, 3), 4), 4);
  assertEquals(pread(fd, pointerOf(bytes.buffer, 11), 4, 0), 4);
  assertEquals([...bytes], [0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 1, 2, 3, 4, 0]);
  close(fd);
});

Deno.test("an offset outside the buffer is refused", () => {
  const buffer = new ArrayBuffer(8);
  for (const offset of [-1, 8, 0.5, NaN]) {
    assertThrows(() => pointerOf(buffer, offset), RangeError, `received offset ${offset}`);
  }
  assertThrows(() => pointerOf(new ArrayBuffer(0)), RangeError, "0 bytes");
});
