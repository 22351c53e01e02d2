import { assertEquals } from "@std/assert";
import { createVirtualClock } from "../clock/mod.ts";
import type { ChannelStrike } from "../fault/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { createVirtualChannel } from "./virtual_channel.ts";
import { createFaultyVirtualSender } from "./virtual_faults.ts";

const LINK = { bandwidth: 1e6, latency_ns: 1000, window: 1e6 };

function setUp(strikes: readonly ChannelStrike[]) {
  const [source, destination] = [createVirtualClock(), createVirtualClock()];
  const heard: string[] = [];
  const channel = createVirtualChannel(LINK, 500, source, destination, ({ device, length }) => {
    heard.push(`${length} of ${device}`);
  });
  const struck = new Float64Array(new SharedArrayBuffer(64));
  const sender = createFaultyVirtualSender(channel, { strikes, struck }, source, 1e9, {
    end: (errno) => heard.push(`end ${errno}`),
    damage: (device) => heard.push(`damage ${device}`),
  });
  const send = (length: number) => {
    sender.claim();
    return sender.send(2, 1, length);
  };
  return { send, heard, source, struck };
}

function strike(give: ChannelStrike["give"], byte: number, stallMs = 0): ChannelStrike {
  return { give, byte, stallMs, fault: 0 };
}

Deno.test("a message is struck in which the byte would be, and no other", () => {
  const { send, heard, struck } = setUp([strike("drop", 250)]);
  assertEquals([send(200), send(0), struck[0]], [0, 0, 0]);
  assertEquals(send(200), -ERRNO.ECONNRESET);
  assertEquals(heard, ["200 of 1", "0 of 1", `end ${-ERRNO.ECONNRESET}`]);
});

Deno.test("corrupt: a record's head is refused by the decoder, its bytes are taken in damaged", () => {
  const head = setUp([strike("corrupt", 200)]);
  head.send(200);
  head.send(200);
  assertEquals(head.heard.slice(1), [`end ${-ERRNO.EPROTO}`, "200 of 1"]);
  const body = setUp([strike("corrupt", 399)]);
  body.send(200);
  assertEquals(body.send(200), 0);
  assertEquals(body.heard.slice(1), ["damage 1", "200 of 1"]);
});

Deno.test("stall: the source's clock goes on, for ever only to the limit", () => {
  const some = setUp([strike("stall", 0, 70)]);
  assertEquals([some.send(10), some.source.nowNs()], [0, 70e6]);
  const ever = setUp([strike("stall", 0, Infinity)]);
  assertEquals([ever.send(10), ever.source.nowNs()], [-ERRNO.ETIMEDOUT, 1e9]);
  assertEquals(ever.heard, [`end ${-ERRNO.ETIMEDOUT}`]);
});

Deno.test("ENOSPC: the source cannot write, and the destination's stream is over", () => {
  const { send, heard } = setUp([strike("ENOSPC", 0)]);
  assertEquals(send(10), -ERRNO.ENOSPC);
  assertEquals(heard, [`end ${-ERRNO.ECONNRESET}`]);
});
