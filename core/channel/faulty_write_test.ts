import { assert, assertEquals } from "@std/assert";
import type { ChannelStrike } from "../fault/mod.ts";
import {
  close,
  ERRNO,
  memfdCreate,
  pread,
  read,
  regionOf,
  SHUT,
  shutdown,
  SOCK,
  socketpair,
} from "../libc/mod.ts";
import { createFaultyWrite } from "./faulty_write.ts";
import { createGather } from "./gather.ts";

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => i);

/** A write of 100 bytes in two stretches, 0 to 99, as often as one likes. */
function setUp(strikes: readonly ChannelStrike[], isSocket: boolean) {
  const struck = new Float64Array(new SharedArrayBuffer(64));
  const broken = new Int32Array(new SharedArrayBuffer(4));
  const write = createFaultyWrite({ strikes, struck }, isSocket, isSocket ? null : broken);
  const memory = regionOf(new ArrayBuffer(100));
  memory.bytes.set(BYTES);
  const gather = createGather(2);
  gather.addresses.set([memory.address, memory.address + 30]);
  gather.lengths.set([30, 70]);
  return { write: (fd: number) => write(fd, gather), memory, struck, broken };
}

function pair(): [number, number] {
  const fds = socketpair(SOCK.SOCK_STREAM);
  assert(typeof fds !== "number");
  return fds;
}

/** All that comes out of a socket, until its end. */
function drain(fd: number): number[] {
  const got: number[] = [];
  const buffer = regionOf(new ArrayBuffer(1000));
  for (;;) {
    const n = read(fd, buffer.pointer, 1000);
    if (n <= 0) return got;
    got.push(...buffer.bytes.subarray(0, n));
  }
}

function strike(
  give: ChannelStrike["give"],
  byte: number,
  { fault = 0, stallMs = 0 } = {},
): ChannelStrike {
  return { give, byte, stallMs, fault };
}

Deno.test("drop: what comes before the byte arrives, then both sides see the end", () => {
  const [fd, peer] = pair();
  const { write, struck } = setUp([strike("drop", 142, { fault: 3 })], true);
  assertEquals(write(fd), 100);
  assertEquals(struck[3], 0);
  assertEquals(write(fd), -ERRNO.EPIPE);
  assert((struck[3] ?? 0) > 0);
  assertEquals(drain(peer), [...BYTES, ...BYTES.subarray(0, 42)]);
  close(fd);
  close(peer);
});

Deno.test("truncate: the peer sees the end, and the writer only when the peer hangs up", () => {
  const [fd, peer] = pair();
  const { write } = setUp([strike("truncate", 30)], true);
  assertEquals([write(fd), write(fd)], [100, 100]);
  assertEquals(drain(peer), [...BYTES.subarray(0, 30)]);
  shutdown(peer, SHUT.SHUT_RDWR);
  assertEquals(write(fd), -ERRNO.EPIPE);
  close(fd);
  close(peer);
});

Deno.test("corrupt: one bit arrives as another, in whatever stretch, and the memory is as it was", () => {
  const [fd, peer] = pair();
  const { write, memory } = setUp([
    strike("corrupt", 3),
    strike("corrupt", 29),
    strike("corrupt", 30),
    strike("corrupt", 199),
  ], true);
  assertEquals([write(fd), write(fd)], [100, 100]);
  assertEquals(memory.bytes, BYTES);
  shutdown(fd, SHUT.SHUT_WR);
  const expected = [...BYTES, ...BYTES];
  for (const byte of [3, 29, 30, 199]) expected[byte] = (expected[byte] ?? 0) ^ (1 << (byte % 8));
  assertEquals(drain(peer), expected);
  close(fd);
  close(peer);
});

Deno.test("stall: the rest comes later, or at once where somebody ends the connection", () => {
  const [fd, peer] = pair();
  const { write } = setUp([strike("stall", 50, { stallMs: 30 })], true);
  const beganMs = performance.now();
  assertEquals(write(fd), 100);
  assert(performance.now() - beganMs >= 30);
  shutdown(fd, SHUT.SHUT_WR);
  assertEquals(drain(peer), [...BYTES]);
  close(fd);
  close(peer);

  const [gone, itsPeer] = pair();
  shutdown(gone, SHUT.SHUT_RDWR);
  const { write: stalled } = setUp([strike("stall", 50, { stallMs: Infinity })], true);
  assertEquals(stalled(gone), -ERRNO.EPIPE);
  close(gone);
  close(itsPeer);
});

Deno.test("a file has no peer: it loses its end, its storage, or its room", () => {
  const contents = (strikes: readonly ChannelStrike[]) => {
    const fd = memfdCreate("stream");
    const results = [0, 0].map(setUp(strikes, false).write.bind(null, fd));
    const buffer = regionOf(new ArrayBuffer(400));
    const size = pread(fd, buffer.pointer, 400, 0);
    close(fd);
    return { results, size };
  };
  assertEquals(contents([strike("truncate", 130)]), { results: [100, 100], size: 130 });
  assertEquals(contents([strike("drop", 130)]), { results: [100, -ERRNO.EIO], size: 130 });
  assertEquals(contents([strike("ENOSPC", 0)]), {
    results: [-ERRNO.ENOSPC, -ERRNO.ENOSPC],
    size: 0,
  });
});

Deno.test("a file that stalls for ever ends when its channel is broken", () => {
  const fd = memfdCreate("stream");
  const { write, broken } = setUp([strike("stall", 10, { stallMs: Infinity })], false);
  Atomics.store(broken, 0, ERRNO.ETIMEDOUT);
  assertEquals(write(fd), -ERRNO.ETIMEDOUT);
  close(fd);
});

Deno.test("several faults of one write happen in their order", () => {
  const [fd, peer] = pair();
  const { write, struck } = setUp([
    strike("corrupt", 0, { fault: 1 }),
    strike("stall", 10, { fault: 0, stallMs: 1 }),
    strike("drop", 20, { fault: 2 }),
  ], true);
  assertEquals(write(fd), -ERRNO.EPIPE);
  assertEquals(drain(peer), [1, ...BYTES.subarray(1, 20)]);
  const [first = 0, second = 0, third = 0] = [struck[1], struck[0], struck[2]];
  assert(first > 0 && second >= first && third >= second);
  close(fd);
  close(peer);
});
