import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { close, ERRNO, SystemCallError } from "../libc/mod.ts";
import {
  breakChannel,
  type ChannelEnd,
  createReceiver,
  createSender,
  MESSAGE,
  type Message,
  openChannel,
  type Receiver,
  REPLY,
  type Reply,
  type Sender,
} from "./mod.ts";
import { attachRing } from "../memory/mod.ts";
import { migrations } from "./testdata/migrations.ts";
import { run } from "./testdata/run.ts";
import { takePort } from "./testdata/taken_port.ts";
import { KINDS, SOCKETS, TWO_WAY, withChannel } from "./testdata/with_channel.ts";
import type { FdReport } from "./testdata/open_and_close.ts";

const SIZE = 4096;
/** More sends than any channel here can hold. */
const MANY = 100_000;

function blankMessage(): Message {
  return { kind: 0, device: 0, region: null, offset: 0, length: 0 };
}

function blankReply(): Reply {
  return { kind: 0, value: -1 };
}

/** The n-th message's byte at `i`. */
function byteOf(n: number, i: number): number {
  return (n * 31 + i * 7 + (i >> 8)) & 0xff;
}

function sendNth(sender: Sender, n: number, kind: number, length: number, device = 0): number {
  const region = sender.claim();
  if (region === null) return sender.send(kind, device, length);
  for (let i = 0; i < length; i++) region.bytes[i] = byteOf(n, i);
  return sender.send(kind, device, length);
}

/** Receives the n-th message in however many parts; every byte of it must be right. */
function receiveNth(
  receiver: Receiver,
  n: number,
  kind: number,
  length: number,
  device = 0,
): void {
  const message = blankMessage();
  let done = 0;
  do {
    assertEquals(receiver.receive(message), 1);
    assertEquals([message.kind, message.device], [kind, device]);
    assert(message.length > 0 || length === 0);
    for (let i = 0; i < message.length; i++) {
      if (message.region?.bytes[message.offset + i] === byteOf(n, done + i)) continue;
      assertEquals(message.region?.bytes[message.offset + i], byteOf(n, done + i), `byte ${i}`);
    }
    done += message.length;
    receiver.release();
  } while (done < length);
  assertEquals(done, length);
}

/** Sends until the channel says that it is broken: the errno. */
function sendUntilBroken(sender: Sender): number {
  for (let n = 0; n < MANY; n++) {
    const result = sendNth(sender, n, MESSAGE.RAM, 1);
    if (result < 0) return result;
  }
  return 0;
}

/** The same end with room for only so much at a time. */
function withBuffer(end: ChannelEnd, bufferSize: number): ChannelEnd {
  return end.kind === "ring" ? end : { ...end, bufferSize };
}

const sizes = fc.oneof(fc.nat(SIZE), fc.constantFrom(0, 1, SIZE - 1, SIZE));

for (const kind of KINDS) {
  Deno.test(`${kind}: messages of all sizes arrive whole, in order, and then the end`, async () => {
    await fc.assert(
      fc.asyncProperty(
        migrations(sizes),
        fc.integer({ min: 1, max: 2 * SIZE }),
        (messages, room) =>
          withChannel(kind, { bufferSize: SIZE }, (channel) => {
            const sender = createSender(channel.source);
            const receiver = createReceiver(withBuffer(channel.destination, room));
            assertEquals(sender.capacity, SIZE);
            for (const [n, { kind, device, length }] of messages.entries()) {
              assertEquals(sendNth(sender, n, kind, length, device), 0);
            }
            sender.finish();
            for (const [n, { kind, device, length }] of messages.entries()) {
              receiveNth(receiver, n, kind, length, device);
            }
            assertEquals(receiver.receive(blankMessage()), 0);
            assertEquals(receiver.receive(blankMessage()), 0);
            sender.close();
            receiver.close();
          }),
      ),
      { numRuns: 40 },
    );
  });

  Deno.test(`${kind}: what was transferred counts every message that was sent`, async () => {
    await withChannel(kind, {}, (channel) => {
      const sender = createSender(channel.source);
      const counts = [1000, 200, 1000, 200].map((length, n) => {
        const before = sender.transferred();
        sendNth(sender, n, MESSAGE.RAM, length);
        return sender.transferred() - before;
      });
      assert((counts[0] ?? 0) >= 1000);
      // What stands around the bytes is the same each time, but for what opens the stream.
      assertEquals((counts[2] ?? 0) - (counts[1] ?? 0), 800);
      assertEquals(counts[3], counts[1]);
    });
  });

  Deno.test(`${kind}: more than was claimed is not sent`, async () => {
    await withChannel(kind, { bufferSize: SIZE }, (channel) => {
      const sender = createSender(channel.source);
      const receiver = createReceiver(channel.destination);
      sender.claim();
      assertEquals(sender.send(MESSAGE.RAM, 0, SIZE + 1), -ERRNO.EMSGSIZE);
      assertEquals(sendNth(sender, 2, MESSAGE.RAM, 5), 0);
      receiveNth(receiver, 2, MESSAGE.RAM, 5);
    });
  });
}

for (const kind of TWO_WAY) {
  Deno.test(`${kind}: replies come back in order, while messages go`, async () => {
    await withChannel(kind, {}, (channel) => {
      const sender = createSender(channel.source);
      const receiver = createReceiver(channel.destination);
      const reply = blankReply();
      assertEquals(sender.hasReturnPath, true);
      assertEquals([sender.pollReply(reply), sender.waitReply(reply, 0)], [0, 0]);
      assertEquals(sender.waitReply(reply, 5), 0);
      assertEquals(receiver.reply(REPLY.SWITCHOVER_ACK, 0), 0);
      assertEquals(sendNth(sender, 0, MESSAGE.RAM, 100), 0);
      assertEquals(receiver.reply(REPLY.SHUT, ERRNO.EIO), 0);
      receiveNth(receiver, 0, MESSAGE.RAM, 100);
      assertEquals(sender.pollReply(reply), 1);
      assertEquals(reply, { kind: REPLY.SWITCHOVER_ACK, value: 0 });
      sendNth(sender, 1, MESSAGE.EOF, 0);
      sender.finish();
      receiveNth(receiver, 1, MESSAGE.EOF, 0);
      assertEquals(receiver.receive(blankMessage()), 0);
      assertEquals(sender.waitReply(reply, 1000), 1);
      assertEquals(reply, { kind: REPLY.SHUT, value: ERRNO.EIO });
      // The destination may answer after the source has finished.
      assertEquals(receiver.reply(REPLY.SHUT, 0), 0);
      assertEquals(sender.waitReply(reply, 1000), 1);
      assertEquals(reply, { kind: REPLY.SHUT, value: 0 });
      assertEquals(sender.pollReply(reply), 0);
    });
  });

  Deno.test(`${kind}: a broken channel gives an errno on both sides, again and again`, async () => {
    await withChannel(kind, {}, (channel) => {
      const sender = createSender(channel.source);
      const receiver = createReceiver(channel.destination);
      breakChannel(channel, ERRNO.ECANCELED);
      breakChannel(channel, ERRNO.EIO);
      for (let i = 0; i < 2; i++) {
        const results = [
          sendUntilBroken(sender),
          sender.pollReply(blankReply()),
          sender.waitReply(blankReply(), 1000),
          receiver.receive(blankMessage()),
          receiver.reply(REPLY.SHUT, 0),
        ];
        for (const result of results) assertLess(result, 0);
        if (kind === "ring") assertEquals(results, new Array(5).fill(-ERRNO.ECANCELED));
      }
    });
  });

  Deno.test(`${kind}: when the destination gives up, the source's calls fail`, async () => {
    await withChannel(kind, {}, (channel) => {
      const sender = createSender(channel.source);
      const receiver = createReceiver(channel.destination);
      assertEquals(sendNth(sender, 0, MESSAGE.RAM, 100), 0);
      receiver.fail(ERRNO.EIO);
      assertLess(sendUntilBroken(sender), 0);
      assertLess(sender.pollReply(blankReply()), 0);
      assertLess(sender.waitReply(blankReply(), 1000), 0);
      if (kind === "ring") assertEquals(sender.send(MESSAGE.DATA, 0, 0), -ERRNO.EIO);
    });
  });
}

Deno.test("a file has no way back, and nothing breaks it", async () => {
  await withChannel("file", {}, (channel) => {
    const sender = createSender(channel.source);
    const receiver = createReceiver(channel.destination);
    assertEquals(sender.hasReturnPath, false);
    assertEquals(receiver.reply(REPLY.SHUT, 0), 0);
    receiver.fail(ERRNO.EIO);
    breakChannel(channel, ERRNO.EIO);
    assertEquals([sender.pollReply(blankReply()), sender.waitReply(blankReply(), 1000)], [0, 0]);
    assertEquals(sendNth(sender, 0, MESSAGE.RAM, 10), 0);
    receiveNth(receiver, 0, MESSAGE.RAM, 10);
  });
});

Deno.test("a ring of 0 slots makes about 8 MiB, and at least 4 slots", () => {
  for (
    const [bufferSize, slots] of [[1024 * 1024, 8], [4096, 1024], [64, 1024], [16 * 1024 * 1024, 4]]
  ) {
    const { source } = openChannel({
      kind: "ring",
      bufferSize: bufferSize ?? 0,
      ringSlots: 0,
      port: 0,
      path: "",
    });
    assert(source.kind === "ring");
    assertEquals(attachRing(source.ends.data).slotCount, slots);
  }
});

Deno.test("a port that is taken is EADDRINUSE", () => {
  const { fd, port } = takePort();
  try {
    const options = { kind: "tcp", bufferSize: 4096, ringSlots: 0, port, path: "" } as const;
    const error = assertThrows(() => openChannel(options), SystemCallError, `127.0.0.1:${port}`);
    assertEquals([error.call, error.errnoName], ["bind", "EADDRINUSE"]);
  } finally {
    close(fd);
  }
});

Deno.test("a file that cannot be written says why", () => {
  const options = { kind: "file", bufferSize: 4096, ringSlots: 0, port: 0 } as const;
  const path = "/nowhere/stream";
  const error = assertThrows(() => openChannel({ ...options, path }), SystemCallError, path);
  assertEquals(error.errnoName, "ENOENT");
});

Deno.test("every channel has sockets of its own", async () => {
  for (const kind of SOCKETS) {
    await withChannel(kind, {}, (one) =>
      withChannel(kind, {}, (other) => {
        const senders = [createSender(one.source), createSender(other.source)];
        const receivers = [createReceiver(other.destination), createReceiver(one.destination)];
        for (const [n, sender] of senders.entries()) sendNth(sender, n, MESSAGE.RAM, 9);
        for (const [n, receiver] of receivers.entries()) {
          receiveNth(receiver, 1 - n, MESSAGE.RAM, 9);
        }
      }));
  }
});

// Counted in a process of its own: test files run in parallel as threads of one process.
Deno.test("no channel leaves an fd open, whether it opens, breaks or fails to open", async () => {
  const report: FdReport = JSON.parse(
    await run("open_and_close.ts", "--allow-ffi", "--allow-write", "--allow-read"),
  );
  assertEquals(report.refused, report.rounds * 2);
  // One fd left per round would make as many more as there are rounds. Deno itself may open a few.
  assertLess(report.after - report.before, report.rounds);
});
