import { assertEquals } from "@std/assert";
import { ERRNO } from "./errno.ts";
import { close, pipe } from "./file.ts";
import { ioctl } from "./ioctl.ts";
import { memfdCreate } from "./memfd.ts";
import { pointerOf } from "./pointer.ts";
import { SOCK, socketpair } from "./socket.ts";
import { check } from "./system_call_error.ts";
import { pairOf } from "./testdata/pair.ts";
import { write } from "./transfer.ts";

const FIONREAD = 0x541b;
/** A request with every bit of its upper half set, as `_IOC_READ | _IOC_WRITE` and a large size give. */
const UPPER_HALF = 0xffff3b64;

Deno.test("FIONREAD counts the bytes waiting in a pipe and in a socket", () => {
  const count = new Int32Array(1);
  const argument = pointerOf(count.buffer);
  const data = pointerOf(new ArrayBuffer(100));
  const [readFd, writeFd] = pairOf(pipe(), "pipe2");
  const [near, far] = pairOf(socketpair(SOCK.SOCK_STREAM), "socketpair");
  for (const [from, to] of [[writeFd, readFd], [near, far]] as const) {
    assertEquals(ioctl(to, FIONREAD, argument), 0);
    assertEquals(count[0], 0);
    assertEquals(write(from, data, 100), 100);
    assertEquals(ioctl(to, FIONREAD, argument), 0);
    assertEquals(count[0], 100);
  }
  for (const fd of [readFd, writeFd, near, far]) close(fd);
});

Deno.test("ioctl fails with the kernel's reason", () => {
  const fd = check(memfdCreate("no ioctl"), "memfd_create", "make a test file");
  assertEquals(ioctl(fd, 0x3b64, null), -ERRNO.ENOTTY);
  assertEquals(ioctl(fd, UPPER_HALF, pointerOf(new ArrayBuffer(8))), -ERRNO.ENOTTY);
  close(fd);
  assertEquals(ioctl(-1, FIONREAD, null), -ERRNO.EBADF);
  const [readFd, writeFd] = pairOf(pipe(), "pipe2");
  assertEquals(ioctl(readFd, FIONREAD, null), -ERRNO.EFAULT);
  close(readFd);
  close(writeFd);
});
