import { assert, assertEquals } from "@std/assert";
import type { ChannelStrike } from "../fault/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { attachRing, failRing } from "../memory/mod.ts";
import { createFaultyRingSender } from "./faulty_ring_sender.ts";
import { MESSAGE, type Message, type Sender } from "./message.ts";
import { createRingEnds, createRingReceiver } from "./ring_channel.ts";

function setUp(strikes: readonly ChannelStrike[]) {
  const ends = createRingEnds(8, 4096);
  const struck = new Float64Array(new SharedArrayBuffer(64));
  const sender = createFaultyRingSender(ends, { strikes, struck });
  return { ends, sender, receiver: createRingReceiver(ends), struck };
}

function sendBytes(sender: Sender, bytes: readonly number[]): number {
  sender.claim()?.bytes.set(bytes);
  return sender.send(MESSAGE.DATA, 1, bytes.length);
}

/** What the destination gets next: bytes, or the errno that it gets instead. */
function received(receiver: ReturnType<typeof createRingReceiver>): number[] | number {
  const message: Message = { kind: 0, device: 0, region: null, offset: 0, length: 0 };
  const got = receiver.receive(message);
  if (got <= 0) return got;
  const bytes = [...message.region?.bytes.subarray(0, message.length) ?? []];
  receiver.release();
  return bytes;
}

function strike(give: ChannelStrike["give"], byte: number, stallMs = 0): ChannelStrike {
  return { give, byte, stallMs, fault: 0 };
}

Deno.test("corrupt: one bit of the byte is another, counted over the messages", () => {
  const { sender, receiver, struck } = setUp([strike("corrupt", 4)]);
  assertEquals([sendBytes(sender, [1, 2, 3]), struck[0]], [0, 0]);
  assertEquals(sendBytes(sender, [4, 5]), 0);
  assert((struck[0] ?? 0) > 0);
  assertEquals([received(receiver), received(receiver)], [[1, 2, 3], [4, 5 ^ 0x10]]);
});

Deno.test("drop: both sides get ECONNRESET, and what lay in the ring is lost", () => {
  const { sender, receiver } = setUp([strike("drop", 4)]);
  assertEquals(sendBytes(sender, [1, 2, 3]), 0);
  assertEquals(sendBytes(sender, [4, 5]), -ERRNO.ECONNRESET);
  assertEquals(received(receiver), -ERRNO.ECONNRESET);
  assertEquals(sender.pollReply({ kind: 0, value: 0 }), -ERRNO.ECONNRESET);
});

Deno.test("truncate: the stream ends at the byte, and the source learns it from the destination", () => {
  const { sender, receiver } = setUp([strike("truncate", 4)]);
  assertEquals([sendBytes(sender, [1, 2, 3]), sendBytes(sender, [4, 5])], [0, 0]);
  assertEquals(sendBytes(sender, [6]), 0);
  assertEquals(sender.transferred(), 6);
  assertEquals([received(receiver), received(receiver), received(receiver)], [[1, 2, 3], [4], 0]);
  receiver.fail(ERRNO.EIO);
  assertEquals(sender.claim(), null);
  assertEquals(sendBytes(sender, [7]), -ERRNO.EIO);
});

Deno.test("stall: the message comes later, or fails where somebody fails the ring", () => {
  const { sender, receiver } = setUp([strike("stall", 0, 20)]);
  const beganMs = performance.now();
  assertEquals(sendBytes(sender, [1]), 0);
  assert(performance.now() - beganMs >= 20);
  assertEquals(received(receiver), [1]);

  const { ends, sender: stalled } = setUp([strike("stall", 0, Infinity)]);
  failRing(attachRing(ends.data), ERRNO.ETIMEDOUT);
  assertEquals(sendBytes(stalled, [1]), -ERRNO.ETIMEDOUT);
});
