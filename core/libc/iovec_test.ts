import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ERRNO } from "./errno.ts";
import { close, lseek, SEEK } from "./file.ts";
import { createIovecs, IOV_MAX, setIovec } from "./iovec.ts";
import { memfdCreate } from "./memfd.ts";
import { addressOf, pointerOf } from "./pointer.ts";
import { check } from "./system_call_error.ts";
import { read, readv, write, writev } from "./transfer.ts";

Deno.test("readv fills entries at odd offsets, in order", () => {
  const fd = check(memfdCreate("readv"), "memfd_create", "make a test file");
  const source = Uint8Array.from({ length: 10 }, (_, index) => index + 1);
  assertEquals(write(fd, pointerOf(source.buffer), 10), 10);
  assertEquals(lseek(fd, 0, SEEK.SEEK_SET), 0);

  const bytes = new Uint8Array(new SharedArrayBuffer(16));
  const base = addressOf(pointerOf(bytes.buffer));
  const iovecs = createIovecs(3);
  setIovec(iovecs, 0, base + 11, 3);
  setIovec(iovecs, 1, base + 1, 5);
  setIovec(iovecs, 2, base + 7, 1);
  assertEquals(readv(fd, iovecs.pointer, 2), 8);
  assertEquals([...bytes], [0, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0]);
  assertEquals(readv(fd, iovecs.pointer, 3), 2);
  assertEquals(readv(fd, iovecs.pointer, 3), 0);
  close(fd);
});

Deno.test("writev gathers entries at odd offsets, in order", () => {
  const fd = check(memfdCreate("writev"), "memfd_create", "make a test file");
  const bytes = Uint8Array.from({ length: 16 }, (_, index) => index);
  const base = addressOf(pointerOf(bytes.buffer));
  const iovecs = createIovecs(2);
  setIovec(iovecs, 0, base + 9, 3);
  setIovec(iovecs, 1, base + 1, 4);
  assertEquals(writev(fd, iovecs.pointer, 2), 7);
  assertEquals(lseek(fd, 0, SEEK.SEEK_SET), 0);
  const written = new Uint8Array(8);
  assertEquals(read(fd, pointerOf(written.buffer), 8), 7);
  assertEquals([...written], [9, 10, 11, 1, 2, 3, 4, 0]);
  close(fd);
});

Deno.test("an entry holds any user address and length as two little-endian u64", () => {
  const iovecs = createIovecs(2);
  const view = new DataView(iovecs.words.buffer);
  fc.assert(
    fc.property(
      fc.nat({ max: 1 }),
      fc.maxSafeNat(),
      fc.nat({ max: 0xffffffff }),
      (index, address, length) => {
        setIovec(iovecs, index, address, length);
        assertEquals(view.getBigUint64(index * 16, true), BigInt(address));
        assertEquals(view.getBigUint64(index * 16 + 8, true), BigInt(length));
      },
    ),
  );
});

Deno.test("readv and writev fail with the kernel's reason", () => {
  const fd = check(memfdCreate("failing"), "memfd_create", "make a test file");
  const iovecs = createIovecs(1);
  assertEquals(readv(-1, iovecs.pointer, 1), -ERRNO.EBADF);
  assertEquals(writev(fd, iovecs.pointer, -1), -ERRNO.EINVAL);
  setIovec(iovecs, 0, 0, 8);
  assertEquals(writev(fd, iovecs.pointer, 1), -ERRNO.EFAULT);
  close(fd);
});

Deno.test("a table of a senseless size, and an entry outside the table, are refused", () => {
  for (const count of [0, -1, 1.5, NaN, IOV_MAX + 1]) {
    assertThrows(() => createIovecs(count), RangeError, `received ${count}`);
  }
  const iovecs = createIovecs(2);
  for (const index of [-1, 2, NaN]) {
    assertThrows(() => setIovec(iovecs, index, 0, 0), RangeError, `received ${index}`);
  }
});
