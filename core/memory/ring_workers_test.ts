import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { createRing } from "./ring.ts";
import { HEAD_WORD, TAIL_WORD } from "./ring_layout.ts";
import { RING_CLOSED } from "./ring_status.ts";
import type { Report, StreamTask } from "./testdata/ring_task.ts";
import { runTasks } from "./testdata/run_tasks.ts";

/** Both sides of one stream; checks that every slot arrived, whole and in order. */
async function stream(
  buffer: SharedArrayBuffer,
  count: number,
  sides: Partial<Record<"produce" | "consume", Partial<StreamTask>>> = {},
): Promise<{ produced: Report; consumed: Report }> {
  const common = { buffer, count, stallOneIn: 0, afterPeerParks: false };
  const [produced, consumed] = await runTasks([
    { kind: "produce", ...common, seed: 0x5eed, ...sides.produce },
    { kind: "consume", ...common, seed: 0xfeed, ...sides.consume },
  ]);
  assertEquals(produced.count, count);
  assertEquals(consumed.count, count);
  assertEquals(consumed.checksum, produced.checksum);
  assertEquals(consumed.answer, RING_CLOSED);
  return { produced, consumed };
}

Deno.test("200,000 slots cross between two Workers that stall at random", async () => {
  const buffer = createRing({ slotCount: 16, slotSize: 256 });
  await stream(buffer, 200_000, { produce: { stallOneIn: 100 }, consume: { stallOneIn: 100 } });
});

Deno.test("slots cross between two Workers while the indexes wrap", async () => {
  const buffer = createRing({ slotCount: 4, slotSize: 64 });
  const words = new Int32Array(buffer);
  words[TAIL_WORD] = words[HEAD_WORD] = -5000;
  await stream(buffer, 10_000);
});

Deno.test("a producer that is faster parks until the consumer begins", async () => {
  const buffer = createRing({ slotCount: 4, slotSize: 64 });
  const { produced } = await stream(buffer, 2000, {
    consume: { afterPeerParks: true, stallOneIn: 10 },
  });
  assertGreaterOrEqual(produced.waits, 1);
});

Deno.test("a consumer that is faster parks until the producer begins", async () => {
  const buffer = createRing({ slotCount: 4, slotSize: 64 });
  const { consumed } = await stream(buffer, 2000, {
    produce: { afterPeerParks: true, stallOneIn: 10 },
  });
  assertGreaterOrEqual(consumed.waits, 1);
});
