import { assertEquals } from "@std/assert";
import { attachRing, pending } from "../memory/mod.ts";
import { MESSAGE, type Sender } from "./message.ts";
import {
  createRingEnds,
  createRingReceiver,
  createRingSender,
  type RingEnds,
} from "./ring_channel.ts";
import { blankMessage } from "./testdata/received.ts";

const { SETUP, DATA, SWITCHOVER_START, END_OF_STATE, EOF } = MESSAGE;

/** How many messages the destination has not released, as both sides know. */
function told(ends: RingEnds): number {
  return pending(attachRing(ends.data));
}

function send(sender: Sender, kind: number, count = 1): void {
  for (let i = 0; i < count; i++) {
    sender.claim();
    assertEquals(sender.send(kind, 1, kind === DATA ? sender.capacity : 0), 0);
  }
}

Deno.test("before the switchover every message is handed over at once", () => {
  const ends = createRingEnds(64, 4096);
  const sender = createRingSender(ends);
  for (const [i, kind] of [SETUP, DATA, DATA, SWITCHOVER_START].entries()) {
    send(sender, kind);
    assertEquals(told(ends), i + 1);
  }
});

Deno.test("small buffers of stop-copy are handed over 64 KiB at a time, and with whatever follows", () => {
  const follow: [what: string, act: (sender: Sender) => void, more: number][] = [
    ["the end of the state", (sender) => send(sender, END_OF_STATE), 1],
    ["a look for answers", (sender) => void sender.pollReply({ kind: 0, value: 0 }), 0],
    ["a wait for answers", (sender) => void sender.waitReply({ kind: 0, value: 0 }, 0), 0],
    ["no more", (sender) => sender.finish(), 0],
  ];
  for (const [what, act, more] of follow) {
    const ends = createRingEnds(64, 4096);
    const sender = createRingSender(ends);
    send(sender, SWITCHOVER_START);
    send(sender, DATA, 15);
    assertEquals(told(ends), 1, what);
    send(sender, DATA);
    assertEquals(told(ends), 17, what);
    send(sender, DATA, 3);
    assertEquals(told(ends), 17, what);
    act(sender);
    assertEquals(told(ends), 20 + more, what);
  }
});

Deno.test("buffers of 64 KiB, and those of a ring of few slots, are handed over one by one", () => {
  for (const [slots, size] of [[64, 64 * 1024], [4, 4096]] as const) {
    const ends = createRingEnds(slots, size);
    const sender = createRingSender(ends);
    send(sender, SWITCHOVER_START);
    send(sender, DATA);
    assertEquals(told(ends), 2);
  }
});

Deno.test("slots come back 64 KiB at a time, and all of them where nothing is left", () => {
  const ends = createRingEnds(64, 4096);
  const sender = createRingSender(ends);
  const receiver = createRingReceiver(ends);
  send(sender, SETUP, 20);
  const message = blankMessage();
  const take = (count: number) => {
    for (let i = 0; i < count; i++) {
      assertEquals(receiver.receive(message), 1);
      receiver.release();
    }
  };
  take(15);
  assertEquals(told(ends), 20);
  take(1);
  assertEquals(told(ends), 4);
  take(4);
  assertEquals(told(ends), 4);
  send(sender, EOF);
  sender.finish();
  take(1);
  assertEquals(receiver.receive(message), 0);
  assertEquals(told(ends), 0);
});
