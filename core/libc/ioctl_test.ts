import { assertEquals } from "@std/assert";
import { ERRNO } from "./errno.ts";
import { close, OPEN, open, pipe } from "./file.ts";
import { ioctl, ioctlNumber } from "./ioctl.ts";
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

Deno.test("a request that takes a number gets the number", () => {
  // Which queue of a terminal to flush: 0, 1 or 2.
  const TCFLSH = 0x540b;
  const terminal = check(open("/dev/ptmx", OPEN.O_RDWR), "open", "open a terminal");
  assertEquals(ioctlNumber(terminal, TCFLSH, 2), 0);
  assertEquals(ioctlNumber(terminal, TCFLSH, 3), -ERRNO.EINVAL);
  close(terminal);
});
