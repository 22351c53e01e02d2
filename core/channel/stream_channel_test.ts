import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ERRNO, read, regionOf, setNonBlocking, SHUT, shutdown, write } from "../libc/mod.ts";
import { createPool } from "../memory/mod.ts";
import { type ChannelEnd, createReceiver, createSender, MESSAGE, type Message } from "./mod.ts";
import { createStreamReceiver, createStreamSender } from "./stream_channel.ts";
import { encodeFrame, END_OF_STREAM, FRAME_SIZE } from "./stream_frame.ts";
import { SOCKETS, withChannel } from "./testdata/with_channel.ts";

const STREAMS = [...SOCKETS, "file"] as const;

function fdOf(end: ChannelEnd): number {
  if (end.kind === "stream") return end.fd;
  throw new TypeError("Cannot take the fd of a ring: received one");
}

function blankMessage(): Message {
  return { kind: 0, device: 0, region: null, offset: 0, length: 0 };
}

function frame(kind: number, device: number, length: number): number[] {
  const view = new DataView(new ArrayBuffer(FRAME_SIZE));
  encodeFrame(view, kind, device, length);
  return [...new Uint8Array(view.buffer)];
}

/** What a receiver makes of these bytes when nothing follows: the answers of its calls to the last one. */
async function receiveAll(
  kind: (typeof STREAMS)[number],
  bytes: readonly number[],
): Promise<(number | string)[]> {
  const answers: (number | string)[] = [];
  await withChannel(kind, { bufferSize: 64 }, ({ source, destination }) => {
    const fd = fdOf(source);
    if (bytes.length > 0) {
      const region = regionOf(Uint8Array.from(bytes).buffer);
      assertEquals(write(fd, region.pointer, bytes.length), bytes.length);
    }
    if (kind !== "file") shutdown(fd, SHUT.SHUT_WR);
    const receiver = createReceiver(destination);
    const message = blankMessage();
    for (;;) {
      const got = receiver.receive(message);
      answers.push(got === 1 ? `${message.kind}:${message.length}` : got);
      if (got <= 0) break;
      receiver.release();
    }
    // It does not change its mind.
    assertEquals(receiver.receive(message), answers.at(-1));
  });
  return answers;
}

for (const kind of STREAMS) {
  Deno.test(`${kind}: garbage in place of a frame is EPROTO`, async () => {
    const garbage = new Array<number>(FRAME_SIZE).fill(0x5a);
    assertEquals(await receiveAll(kind, garbage), [-ERRNO.EPROTO]);
    assertEquals(await receiveAll(kind, [...frame(MESSAGE.SETUP, 1, 0), ...garbage]), [
      "1:0",
      -ERRNO.EPROTO,
    ]);
    assertEquals(await receiveAll(kind, [...frame(MESSAGE.DATA, 1, 3), 1, 2, 3, 4, ...garbage]), [
      "2:3",
      -ERRNO.EPROTO,
    ]);
  });

  Deno.test(`${kind}: a stream that is cut off anywhere is ECONNRESET`, async () => {
    const body = [1, 2, 3, 4, 5];
    const whole = [
      ...frame(MESSAGE.DATA, 1, body.length),
      ...body,
      ...frame(MESSAGE.EOF, 0, 0),
      ...frame(END_OF_STREAM, 0, 0),
    ];
    assertEquals(await receiveAll(kind, whole), ["2:5", "8:0", 0]);
    for (let length = 0; length < whole.length; length++) {
      const answers = await receiveAll(kind, whole.slice(0, length));
      assertEquals(answers.at(-1), -ERRNO.ECONNRESET, `cut at ${length}`);
    }
  });
}

Deno.test("a receiver never hangs on, or makes a message of, what is no stream", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
      const answers = await receiveAll("unix", [...bytes]);
      assertEquals(answers, [bytes.length < FRAME_SIZE ? -ERRNO.ECONNRESET : -ERRNO.EPROTO]);
    }),
    { numRuns: 50 },
  );
});

Deno.test("garbage and a cut-off frame in place of a reply are errors too", async () => {
  for (const kind of SOCKETS) {
    for (const [length, errno] of [[FRAME_SIZE, ERRNO.EPROTO], [5, ERRNO.ECONNRESET]] as const) {
      await withChannel(kind, {}, ({ source, destination }) => {
        const sender = createSender(source);
        const region = regionOf(new ArrayBuffer(length));
        write(fdOf(destination), region.pointer, length);
        shutdown(fdOf(destination), SHUT.SHUT_WR);
        const reply = { kind: 0, value: 0 };
        assertEquals(sender.waitReply(reply, 1000), -errno);
      });
    }
  }
});

Deno.test("a message that broke off is not followed by an end of the stream", async () => {
  await withChannel("unix", { bufferSize: 4 * 1024 * 1024 }, ({ source, destination }) => {
    // Not blocking, so that a send breaks off where nobody reads.
    setNonBlocking(fdOf(source), true);
    setNonBlocking(fdOf(destination), true);
    const sender = createSender(source);
    assertEquals(sender.send(MESSAGE.DATA, 1, sender.capacity), -ERRNO.EAGAIN);
    const region = regionOf(new ArrayBuffer(65536));
    let n: number;
    do n = read(fdOf(destination), region.pointer, 65536); while (n > 0);
    assertEquals(n, -ERRNO.EAGAIN);
    sender.finish();
    assertEquals(read(fdOf(destination), region.pointer, 65536), 0);
  });
});

Deno.test("a sender and a receiver give their buffers back", () => {
  const pool = createPool({ bufferSize: 64, capacity: 1 });
  for (let i = 0; i < 2; i++) {
    const sender = createStreamSender(-1, pool, true);
    assert(sender.claim() !== null);
    sender.close();
    createStreamReceiver(-1, pool, true).close();
  }
  assertEquals(pool.inUse, 0);
});

Deno.test("on an fd that is none, every call is EBADF", () => {
  const pool = createPool({ bufferSize: 64, capacity: 2 });
  const sender = createStreamSender(-1, pool, true);
  const receiver = createStreamReceiver(-1, pool, true);
  assertEquals(sender.send(MESSAGE.DATA, 1, 1), -ERRNO.EBADF);
  assertEquals(receiver.receive(blankMessage()), -ERRNO.EBADF);
  assertEquals(receiver.reply(1, 1), -ERRNO.EBADF);
});
