import { assertEquals } from "@std/assert";
import { ERRNO } from "./errno.ts";
import { close, ftruncate, lseek, OPEN, open, pipe, SEEK, setNonBlocking } from "./file.ts";
import { memfdCreate } from "./memfd.ts";
import { pointerOf } from "./pointer.ts";
import { check } from "./system_call_error.ts";
import { pairOf } from "./testdata/pair.ts";
import { pread, pwrite, read, write } from "./transfer.ts";

const GIB = 2 ** 30;

Deno.test("what is written to a memfd is read back, then comes the end", () => {
  const fd = check(memfdCreate("round trip"), "memfd_create", "make a test file");
  const bytes = new Uint8Array(new SharedArrayBuffer(64));
  const from = pointerOf(bytes.buffer);
  const to = pointerOf(bytes.buffer, 32);
  for (let i = 0; i < 32; i++) bytes[i] = 200 - i;
  assertEquals(write(fd, from, 32), 32);
  assertEquals(lseek(fd, 0, SEEK.SEEK_SET), 0);
  assertEquals(read(fd, to, 20), 20);
  assertEquals(read(fd, pointerOf(bytes.buffer, 52), 12), 12);
  assertEquals(read(fd, to, 32), 0);
  assertEquals(bytes.slice(32), bytes.slice(0, 32));
  close(fd);
});

Deno.test("pread and pwrite reach beyond 4 GiB and leave the position alone", () => {
  const fd = check(memfdCreate("sparse"), "memfd_create", "make a test file");
  const bytes = new Uint8Array(new ArrayBuffer(8));
  const pointer = pointerOf(bytes.buffer);
  bytes.set([1, 2, 3, 4]);
  assertEquals(pwrite(fd, pointer, 4, 5 * GIB + 1), 4);
  assertEquals(lseek(fd, 0, SEEK.SEEK_END), 5 * GIB + 5);
  assertEquals(lseek(fd, 7, SEEK.SEEK_SET), 7);
  assertEquals(pread(fd, pointerOf(bytes.buffer, 4), 4, 5 * GIB + 1), 4);
  assertEquals([...bytes], [1, 2, 3, 4, 1, 2, 3, 4]);
  // The same offset cut to 32 bits holds nothing.
  assertEquals(pread(fd, pointer, 4, GIB + 1), 4);
  assertEquals([...bytes], [0, 0, 0, 0, 1, 2, 3, 4]);
  assertEquals(lseek(fd, 0, SEEK.SEEK_CUR), 7);
  close(fd);
});

Deno.test("an offset that is no integer or too large is refused", () => {
  const pointer = pointerOf(new ArrayBuffer(8));
  for (const offset of [0.5, NaN, 2 ** 53]) {
    assertEquals(pread(-1, pointer, 8, offset), -ERRNO.EINVAL);
    assertEquals(pwrite(-1, pointer, 8, offset), -ERRNO.EINVAL);
  }
});

Deno.test("failures come back as the kernel's negative errno", () => {
  const pointer = pointerOf(new ArrayBuffer(8));
  assertEquals(read(-1, pointer, 8), -ERRNO.EBADF);
  assertEquals(write(-1, pointer, 8), -ERRNO.EBADF);
  assertEquals(pread(-1, pointer, 8, 0), -ERRNO.EBADF);
  const root = check(open("/", OPEN.O_RDONLY), "open", "open /");
  assertEquals(read(root, pointer, 8), -ERRNO.EISDIR);
  close(root);
  const fd = check(memfdCreate("short"), "memfd_create", "make a test file");
  check(ftruncate(fd, 8), "ftruncate", "size a test file");
  assertEquals(read(fd, null, 8), -ERRNO.EFAULT);
  close(fd);
});

Deno.test("a pipe gives ESPIPE to pread, EAGAIN when empty, 0 at its end and EPIPE without reader", () => {
  const pointer = pointerOf(new ArrayBuffer(8));
  const [readFd, writeFd] = pairOf(pipe(), "pipe2");
  assertEquals(pread(readFd, pointer, 8, 0), -ERRNO.ESPIPE);
  assertEquals(setNonBlocking(readFd, true), 0);
  assertEquals(read(readFd, pointer, 8), -ERRNO.EAGAIN);
  close(writeFd);
  assertEquals(read(readFd, pointer, 8), 0);
  close(readFd);

  const [reader, writer] = pairOf(pipe(), "pipe2");
  close(reader);
  assertEquals(write(writer, pointer, 8), -ERRNO.EPIPE);
  close(writer);
});

Deno.test("a length above what the kernel moves at once is cut as the kernel cuts it", () => {
  // /dev/null says how much it was asked to take and touches none of it.
  const fd = check(open("/dev/null", OPEN.O_WRONLY), "open", "open /dev/null");
  const pointer = pointerOf(new ArrayBuffer(8));
  for (const length of [0x7ffff000, 0x7ffff001, 2 ** 32, 2 ** 40]) {
    assertEquals(write(fd, pointer, length), 0x7ffff000);
    assertEquals(pwrite(fd, pointer, length, 0), 0x7ffff000);
  }
  close(fd);
});

Deno.test("a length computed in floating point arrives whole, compiled or not", () => {
  // The FFI passes 32 bits where the kernel takes 64: nothing may be left in the upper half.
  const fd = check(open("/dev/null", OPEN.O_WRONLY), "open", "open /dev/null");
  const pointer = pointerOf(new ArrayBuffer(8));
  let wrong = 0;
  for (let call = 0; call < 100_000; call++) {
    const length = Math.trunc(call * 4294967299.5) % 65536;
    if (write(fd, pointer, length) !== length) wrong += 1;
    const masked = (call * 4294967299.5) & 0xfffff;
    if (write(fd, pointer, masked) !== masked) wrong += 1;
  }
  assertEquals(wrong, 0);
  close(fd);
});
