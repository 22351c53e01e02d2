import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { ERRNO } from "../libc/mod.ts";
import { breakChannel, type ChannelEnd, createReceiver, type OpenChannel } from "./mod.ts";
import type { ChannelReport, ChannelTask } from "./testdata/channel_task.ts";
import { TWO_WAY, withChannel } from "./testdata/with_channel.ts";

/** A half of a channel in a Worker. */
interface Half {
  readonly report: Promise<ChannelReport>;
  /** How far it has come. */
  progress(): number;
}

function start(task: ChannelTask["do"], end: ChannelEnd, count = 0): Half {
  const progress = new SharedArrayBuffer(4);
  const worker = new Worker(new URL("./testdata/channel_worker.ts", import.meta.url), {
    type: "module",
  });
  const report = new Promise<ChannelReport>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<ChannelReport>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot ${task}: received "${event.message}"`));
    };
  }).finally(() => worker.terminate());
  worker.postMessage({ do: task, end, count, progress } satisfies ChannelTask);
  return { report, progress: () => Atomics.load(new Int32Array(progress), 0) };
}

/** Waits until a half has begun and then comes no further: it is blocked, as far as one can see. */
async function untilItStandsStill(half: Half): Promise<void> {
  for (let seen = 0, same = 0; same < 3;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const now = half.progress();
    same = now > 0 && now === seen ? same + 1 : 0;
    seen = now;
  }
}

/** The test's halves must have ended before the channel is closed: whatever happens, it is broken. */
async function ended(
  channel: OpenChannel,
  halves: readonly Half[],
  test: () => void | Promise<void>,
) {
  try {
    await test();
  } finally {
    breakChannel(channel, ERRNO.ECANCELED);
    await Promise.allSettled(halves.map(({ report }) => report));
  }
}

const OPTIONS = { bufferSize: 64 * 1024, ringSlots: 8 };
const MESSAGES = 200;
/** More than any channel takes that nobody reads. */
const ENDLESS = 1_000_000;

for (const kind of TWO_WAY) {
  Deno.test(`${kind}: some MiB cross between two Workers unharmed`, async () => {
    await withChannel(kind, OPTIONS, async (channel) => {
      const receiver = start("receive", channel.destination);
      const sender = start("send", channel.source, MESSAGES);
      await ended(channel, [sender, receiver], async () => {
        const [sent, received] = await Promise.all([sender.report, receiver.report]);
        assertGreater(sent.bytes, 4 * 1024 * 1024);
        assertEquals(received, { ...sent, result: 0 });
        assertEquals(sent.result, 1);
        assertEquals(sent.messages, MESSAGES);
      });
    });
  });

  Deno.test(`${kind}: a broken channel wakes whoever is blocked on it`, async () => {
    for (const task of ["send", "receive", "wait-reply"] as const) {
      await withChannel(kind, OPTIONS, async (channel) => {
        const end = task === "receive" ? channel.destination : channel.source;
        const half = start(task, end, ENDLESS);
        await ended(channel, [half], async () => {
          await untilItStandsStill(half);
          breakChannel(channel, ERRNO.ECANCELED);
          const { result } = await half.report;
          assertLess(result, 0);
          if (kind === "ring") assertEquals(result, -ERRNO.ECANCELED);
        });
      });
    }
  });

  Deno.test(`${kind}: a destination that gives up wakes a source that is blocked`, async () => {
    for (const task of ["send", "wait-reply"] as const) {
      await withChannel(kind, OPTIONS, async (channel) => {
        const half = start(task, channel.source, ENDLESS);
        const receiver = createReceiver(channel.destination);
        await ended(channel, [half], async () => {
          await untilItStandsStill(half);
          receiver.fail(ERRNO.EIO);
          assertLess((await half.report).result, 0);
        });
      });
    }
  });
}

Deno.test("file: some MiB are read back as they were written", async () => {
  await withChannel("file", OPTIONS, async (channel) => {
    const sent = await start("send", channel.source, MESSAGES).report;
    const received = await start("receive", channel.destination).report;
    assertGreater(sent.bytes, 4 * 1024 * 1024);
    assertEquals(received, sent);
  });
});
