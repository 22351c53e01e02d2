import { assertEquals, assertGreater } from "@std/assert";
import { ERRNO } from "./errno.ts";
import { close, setNonBlocking } from "./file.ts";
import { memfdCreate } from "./memfd.ts";
import { pointerOf } from "./pointer.ts";
import { SOCK, socketpair, socketTcp } from "./socket.ts";
import { setBufferSizes, setNoDelay, setReuseAddr, setSendTimeout } from "./socket_options.ts";
import { check } from "./system_call_error.ts";
import { pairOf } from "./testdata/pair.ts";
import { socketOption } from "./testdata/socket_option.ts";
import { write } from "./transfer.ts";

Deno.test("TCP takes every option, on and off", () => {
  const SO_REUSEADDR = 2;
  const fd = check(socketTcp(), "socket", "make a test socket");
  for (const on of [true, false]) {
    assertEquals(setReuseAddr(fd, on), 0);
    assertEquals(socketOption(fd, SO_REUSEADDR, 4).getInt32(0, true), on ? 1 : 0);
    assertEquals(setNoDelay(fd, on), 0);
  }
  close(fd);
});

Deno.test("each buffer size is set on its own side, doubled, and 0 leaves it alone", () => {
  const SO_SNDBUF = 7;
  const SO_RCVBUF = 8;
  const fd = check(socketTcp(), "socket", "make a test socket");
  const sizes = () =>
    [SO_SNDBUF, SO_RCVBUF].map((option) => socketOption(fd, option, 4).getInt32(0, true));
  assertEquals(setBufferSizes(fd, 16384, 32768), 0);
  assertEquals(sizes(), [32768, 65536]);
  assertEquals(setBufferSizes(fd, 0, 16384), 0);
  assertEquals(sizes(), [32768, 32768]);
  assertEquals(setBufferSizes(fd, 20480, 0), 0);
  assertEquals(sizes(), [40960, 32768]);
  assertEquals(setBufferSizes(fd, 0, 0), 0);
  assertEquals(sizes(), [40960, 32768]);
  close(fd);
});

Deno.test("options fail with the kernel's reason", () => {
  const [near, far] = pairOf(socketpair(SOCK.SOCK_STREAM), "socketpair");
  assertEquals(setNoDelay(near), -ERRNO.EOPNOTSUPP);
  close(near);
  close(far);
  const fd = check(memfdCreate("no socket"), "memfd_create", "make a test file");
  assertEquals(setReuseAddr(fd), -ERRNO.ENOTSOCK);
  assertEquals(setBufferSizes(fd, 65536, 0), -ERRNO.ENOTSOCK);
  assertEquals(setBufferSizes(fd, 0, 65536), -ERRNO.ENOTSOCK);
  close(fd);
});

Deno.test("a larger send buffer takes more before it would block", () => {
  const [near, far] = pairOf(socketpair(SOCK.SOCK_STREAM), "socketpair");
  const data = pointerOf(new ArrayBuffer(4096));
  assertEquals(setNonBlocking(near, true), 0);
  function fill(): number {
    let sent = 0;
    for (;;) {
      const result = write(near, data, 4096);
      if (result < 0) return result === -ERRNO.EAGAIN ? sent : result;
      sent += result;
    }
  }
  assertEquals(setBufferSizes(near, 16384, 0), 0);
  assertGreater(fill(), 0);
  assertEquals(fill(), 0);
  assertEquals(setBufferSizes(near, 131072, 0), 0);
  assertGreater(fill(), 0);
  close(near);
  close(far);
});

Deno.test("a send timeout ends a write that would block for ever", () => {
  const [near, far] = pairOf(socketpair(SOCK.SOCK_STREAM), "socketpair");
  const data = pointerOf(new ArrayBuffer(65536));
  assertEquals(setSendTimeout(near, 5), 0);
  let result = 0;
  while (result >= 0) result = write(near, data, 65536);
  assertEquals(result, -ERRNO.EAGAIN);
  close(near);
  close(far);
});
