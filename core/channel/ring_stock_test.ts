import { assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { ERRNO } from "../libc/mod.ts";
import { attachRing, failRing } from "../memory/mod.ts";
import { MESSAGE, type Message, REPLY } from "./message.ts";
import { createRingReceiver, createRingSender } from "./ring_channel.ts";
import { keepRing, takeRing } from "./ring_stock.ts";

function message(): Message {
  return { kind: 0, device: 0, region: null, offset: 0, length: 0 };
}

Deno.test("a ring that was given back full serves the next as a new one", () => {
  const first = takeRing(4, 4096);
  const sender = createRingSender(first);
  sender.send(MESSAGE.DATA, 1, 100);
  createRingReceiver(first).reply(REPLY.SWITCHOVER_ACK, 0);
  sender.finish();
  keepRing(first);

  const again = takeRing(4, 4096);
  assertStrictEquals(again, first);
  const source = createRingSender(again);
  const destination = createRingReceiver(again);
  assertEquals(source.pollReply({ kind: 0, value: 0 }), 0);
  assertEquals(source.send(MESSAGE.EOF, 0, 0), 0);
  source.finish();
  const received = message();
  assertEquals([destination.receive(received), received.kind], [1, MESSAGE.EOF]);
  destination.release();
  assertEquals(destination.receive(received), 0);
});

Deno.test("a ring of another shape is a ring of its own, and one that is out is not given twice", () => {
  const small = takeRing(4, 8192);
  keepRing(small);
  assertNotStrictEquals(takeRing(8, 8192), small);
  assertStrictEquals(takeRing(4, 8192), small);
  assertNotStrictEquals(takeRing(4, 8192), small);
});

Deno.test("a ring that was broken off is not used again", () => {
  const broken = takeRing(16, 4096);
  failRing(attachRing(broken.data), ERRNO.EPIPE);
  keepRing(broken);
  assertNotStrictEquals(takeRing(16, 4096), broken);
});

Deno.test("a ring that is given back twice is given to one alone", () => {
  const ring = takeRing(32, 4096);
  keepRing(ring);
  keepRing(ring);
  assertStrictEquals(takeRing(32, 4096), ring);
  assertNotStrictEquals(takeRing(32, 4096), ring);
});

Deno.test("what is kept has a bound: the oldest go, and a ring beyond it at once", () => {
  const small = takeRing(64, 4096);
  keepRing(small);
  const huge = takeRing(2, 40 * 1024 * 1024);
  keepRing(huge);
  assertNotStrictEquals(takeRing(2, 40 * 1024 * 1024), huge);
  assertNotStrictEquals(takeRing(64, 4096), small);
});
