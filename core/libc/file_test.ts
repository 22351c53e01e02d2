import { assertEquals } from "@std/assert";
import { ERRNO } from "./errno.ts";
import {
  close,
  dup,
  FALLOC,
  fallocate,
  ftruncate,
  lseek,
  OPEN,
  open,
  pipe,
  rename,
  SEEK,
  setNonBlocking,
  unlink,
} from "./file.ts";
import { memfdCreate } from "./memfd.ts";
import { pointerOf } from "./pointer.ts";
import { check } from "./system_call_error.ts";
import { flagsOf } from "./testdata/fd_flags.ts";
import { pairOf } from "./testdata/pair.ts";
import { pread, pwrite, read, write } from "./transfer.ts";

Deno.test("open makes, refuses to make again, truncates and finds a file", () => {
  const directory = Deno.makeTempDirSync();
  const path = `${directory}/ä file`;
  try {
    assertEquals(open(path, OPEN.O_RDONLY), -ERRNO.ENOENT);
    const make = OPEN.O_RDWR | OPEN.O_CREAT | OPEN.O_EXCL;
    const made = check(open(path, make, 0o600), "open", "make a test file");
    assertEquals(write(made, pointerOf(new ArrayBuffer(5)), 5), 5);
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    assertEquals(open(path, make), -ERRNO.EEXIST);
    close(made);
    assertEquals(Deno.statSync(path).size, 5);
    const emptied = check(open(path, OPEN.O_WRONLY | OPEN.O_TRUNC), "open", "empty a test file");
    close(emptied);
    assertEquals(Deno.statSync(path).size, 0);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("open fails with the kernel's reason", () => {
  assertEquals(open("/", OPEN.O_WRONLY), -ERRNO.EISDIR);
  assertEquals(open("/dev/null/x", OPEN.O_RDONLY), -ERRNO.ENOTDIR);
  assertEquals(open("/" + "x".repeat(256), OPEN.O_RDONLY), -ERRNO.ENAMETOOLONG);
  // C would see "/dev/null".
  assertEquals(open("/dev/null\0x", OPEN.O_RDONLY), -ERRNO.EINVAL);
});

Deno.test("close, dup and setNonBlocking name a bad fd", () => {
  assertEquals(close(-1), -ERRNO.EBADF);
  assertEquals(dup(-1), -ERRNO.EBADF);
  assertEquals(setNonBlocking(-1, true), -ERRNO.EBADF);
});

Deno.test("lseek and ftruncate count beyond 4 GiB, and forwards and back", () => {
  const fd = check(memfdCreate("long"), "memfd_create", "make a test file");
  assertEquals(ftruncate(fd, 2 ** 33 + 3), 0);
  assertEquals(lseek(fd, 0, SEEK.SEEK_END), 2 ** 33 + 3);
  assertEquals(lseek(fd, -3, SEEK.SEEK_CUR), 2 ** 33);
  assertEquals(lseek(fd, -1, SEEK.SEEK_SET), -ERRNO.EINVAL);
  assertEquals(ftruncate(fd, -1), -ERRNO.EINVAL);
  for (const length of [0.5, NaN, 2 ** 53]) {
    assertEquals(lseek(fd, length, SEEK.SEEK_SET), -ERRNO.EINVAL);
    assertEquals(ftruncate(fd, length), -ERRNO.EINVAL);
    assertEquals(fallocate(fd, 0, length, 1), -ERRNO.EINVAL);
    assertEquals(fallocate(fd, 0, 0, length), -ERRNO.EINVAL);
  }
  close(fd);
});

Deno.test("a pipe has no position", () => {
  const [readFd, writeFd] = pairOf(pipe(), "pipe2");
  assertEquals(lseek(readFd, 0, SEEK.SEEK_CUR), -ERRNO.ESPIPE);
  close(readFd);
  close(writeFd);
});

Deno.test("fallocate grows a file, or leaves its size, or makes a hole", () => {
  const fd = check(memfdCreate("allocated"), "memfd_create", "make a test file");
  const bytes = new Uint8Array(new ArrayBuffer(8));
  const pointer = pointerOf(bytes.buffer);
  assertEquals(fallocate(fd, 0, 0, 8192), 0);
  assertEquals(lseek(fd, 0, SEEK.SEEK_END), 8192);
  assertEquals(fallocate(fd, FALLOC.FALLOC_FL_KEEP_SIZE, 8192, 4096), 0);
  assertEquals(lseek(fd, 0, SEEK.SEEK_END), 8192);
  bytes.fill(7);
  assertEquals(pwrite(fd, pointer, 8, 4092), 8);
  const hole = FALLOC.FALLOC_FL_KEEP_SIZE | FALLOC.FALLOC_FL_PUNCH_HOLE;
  assertEquals(fallocate(fd, hole, 4096, 4096), 0);
  assertEquals(pread(fd, pointer, 8, 4092), 8);
  assertEquals([...bytes], [7, 7, 7, 7, 0, 0, 0, 0]);
  close(fd);
});

Deno.test("a dup shares its position, and O_NONBLOCK, with the first fd", () => {
  const bytes = new Uint8Array(new ArrayBuffer(4));
  const pointer = pointerOf(bytes.buffer);
  const [readFd, writeFd] = pairOf(pipe(), "pipe2");
  const second = check(dup(readFd), "fcntl", "copy an fd");
  assertEquals(setNonBlocking(readFd, true), 0);
  assertEquals(read(second, pointer, 4), -ERRNO.EAGAIN);
  assertEquals(flagsOf(second) & OPEN.O_NONBLOCK, OPEN.O_NONBLOCK);
  assertEquals(setNonBlocking(second, false), 0);
  assertEquals(flagsOf(readFd) & OPEN.O_NONBLOCK, 0);
  for (const fd of [readFd, writeFd, second]) close(fd);

  const fd = check(memfdCreate("shared"), "memfd_create", "make a test file");
  const copy = check(dup(fd), "fcntl", "copy an fd");
  assertEquals(write(copy, pointer, 4), 4);
  assertEquals(lseek(fd, 0, SEEK.SEEK_CUR), 4);
  close(copy);
  close(fd);
});

Deno.test("a renamed file takes the place of the one of that name; an unlinked one is gone", () => {
  const folder = Deno.makeTempDirSync();
  const [a, b] = [`${folder}/a`, `${folder}/b`];
  Deno.writeTextFileSync(a, "new");
  Deno.writeTextFileSync(b, "old");
  assertEquals(rename(a, b), 0);
  assertEquals(Deno.readTextFileSync(b), "new");
  assertEquals(rename(a, b), -ERRNO.ENOENT);
  assertEquals([unlink(b), unlink(b)], [0, -ERRNO.ENOENT]);
  assertEquals([rename(a, "a\0b"), unlink("a\0b")], [-ERRNO.EINVAL, -ERRNO.EINVAL]);
  Deno.removeSync(folder);
});
