import { assertEquals } from "@std/assert";
import { createVirtualClock } from "../clock/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { createVirtualChannel, type VirtualLink } from "./virtual_channel.ts";

const LINK: VirtualLink = { bandwidth: 1e9, latency_ns: 100, window: 1000 };

function setUp(link: VirtualLink, takes_ns: number) {
  const source = createVirtualClock();
  const destination = createVirtualClock();
  const taken: number[] = [];
  const channel = createVirtualChannel(link, 500, source, destination, () => {
    taken.push(destination.nowNs());
    destination.sleepNs(takes_ns);
  });
  return { source, destination, channel, taken };
}

Deno.test("a message takes its bytes' time on the link and the latency, one after the other", () => {
  const { channel, taken } = setUp(LINK, 0);
  for (const length of [100, 0, 300]) assertEquals(channel.sender.send(1, 1, length), 0);
  assertEquals(taken, [200, 200, 500]);
  assertEquals(channel.sender.transferred(), 400);
});

Deno.test("a destination that is busy takes the next message when it is done", () => {
  const { channel, taken } = setUp(LINK, 1000);
  for (let i = 0; i < 3; i++) channel.sender.send(1, 1, 100);
  assertEquals(taken, [200, 1200, 2200]);
});

Deno.test("the source waits where the window is full, until the destination has taken enough in", () => {
  const { channel, source } = setUp(LINK, 1000);
  for (let i = 0; i < 2; i++) channel.sender.send(1, 1, 500);
  assertEquals(source.nowNs(), 0);
  channel.sender.send(1, 1, 500); // the first is taken in at 600 + 1000
  assertEquals(source.nowNs(), 1600);
});

Deno.test("a reply is there when the latency is over, and not before", () => {
  const { channel, source, destination } = setUp(LINK, 0);
  const reply = { kind: 0, value: 0 };
  destination.advanceTo(1000);
  channel.reply(7, 42);
  source.advanceTo(1099);
  assertEquals(channel.sender.pollReply(reply), 0);
  assertEquals(channel.sender.waitReply(reply, 1), 1);
  assertEquals([reply, source.nowNs()], [{ kind: 7, value: 42 }, 1100]);
  assertEquals(channel.sender.waitReply(reply, 1), 0);
  assertEquals(source.nowNs(), 1100 + 1e6);
});

Deno.test("a destination that gives up is noticed by the source when word of it arrives", () => {
  const { channel, source, destination } = setUp(LINK, 0);
  destination.advanceTo(1000);
  channel.fail(ERRNO.EPIPE);
  assertEquals(channel.sender.send(1, 1, 10), 0);
  source.advanceTo(1100);
  assertEquals(channel.sender.send(1, 1, 10), -ERRNO.EPIPE);
});
