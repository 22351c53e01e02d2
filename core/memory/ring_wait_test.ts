import { assertEquals } from "@std/assert";
import { attachRing, createRing, type Ring } from "./ring.ts";
import { CONSUMER_WAITING_WORD, PRODUCER_WAITING_WORD } from "./ring_layout.ts";
import { claim, commit, tryClaim } from "./ring_produce.ts";
import { peek, release } from "./ring_consume.ts";
import { closeRing, failRing } from "./ring_end.ts";
import { RING_CLOSED, RING_EMPTY, RING_FAILED, RING_TIMEOUT } from "./ring_status.ts";
import { waitFor } from "./ring_wait.ts";
import { PATIENCE_MS } from "./testdata/ring_task.ts";
import { runTasks } from "./testdata/run_tasks.ts";

function fill(ring: Ring): void {
  while (tryClaim(ring) >= 0) commit(ring, 0, 0, 0, 0);
}

/** Returns when the side of this flag is parked or about to park. */
async function parked(ring: Ring, flagWord: number): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (Atomics.load(ring.words, flagWord) === 0) {
    if (performance.now() > deadlineMs) {
      throw new Error("Cannot see the Worker park: received none");
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("a wait ends with its timeout, counts as one, and leaves no flag behind", () => {
  const ring = attachRing(createRing({ slotCount: 2, slotSize: 64 }));
  assertEquals(peek(ring, 1), RING_TIMEOUT);
  assertEquals(ring.waits, 1);
  fill(ring);
  assertEquals(claim(ring, 1), RING_TIMEOUT);
  assertEquals(ring.waits, 2);
  assertEquals(Atomics.load(ring.words, PRODUCER_WAITING_WORD), 0);
  assertEquals(Atomics.load(ring.words, CONSUMER_WAITING_WORD), 0);
});

Deno.test("a wait looks again after every slice, and is one wait however many it takes", () => {
  const ring = attachRing(createRing({ slotCount: 2, slotSize: 64 }));
  let looks = 0;
  const look = (): number => ++looks < 8 ? RING_EMPTY : 1;
  const plan = { spins: 3, sliceMs: 1 };
  assertEquals(waitFor(ring, look, CONSUMER_WAITING_WORD, PATIENCE_MS, plan), 1);
  assertEquals(looks, 8);
  assertEquals(ring.waits, 1);
});

Deno.test("a timeout of 0 does not wait", () => {
  const ring = attachRing(createRing({ slotCount: 2, slotSize: 64 }));
  for (const timeoutMs of [0, -1, NaN]) assertEquals(peek(ring, timeoutMs), RING_TIMEOUT);
  fill(ring);
  for (const timeoutMs of [0, -1, NaN]) assertEquals(claim(ring, timeoutMs), RING_TIMEOUT);
  assertEquals(ring.waits, 0);
});

Deno.test("what needs no wait is answered without one", () => {
  const ring = attachRing(createRing({ slotCount: 2, slotSize: 64 }));
  assertEquals(claim(ring), 0);
  commit(ring, 0, 0, 0, 0);
  assertEquals(peek(ring), 0);
  release(ring);
  closeRing(ring);
  assertEquals(peek(ring), RING_CLOSED);
  assertEquals(claim(ring), RING_CLOSED);
  failRing(ring, 5);
  assertEquals(peek(ring), RING_FAILED);
  assertEquals(claim(ring), RING_FAILED);
  assertEquals(ring.waits, 0);
});

for (
  const [name, act, answer] of [
    ["a commit", (ring: Ring) => (claim(ring, 0), commit(ring, 0, 0, 0, 0)), 0],
    ["a close", closeRing, RING_CLOSED],
    ["a failure", (ring: Ring) => failRing(ring, 5), RING_FAILED],
  ] as const
) {
  Deno.test(`${name} wakes a parked consumer`, async () => {
    const buffer = createRing({ slotCount: 2, slotSize: 64 });
    const producer = attachRing(buffer);
    const [report] = await runTasks([{ kind: "park-consumer", buffer }], async () => {
      await parked(producer, CONSUMER_WAITING_WORD);
      act(producer);
    });
    assertEquals(report.answer, answer);
    assertEquals(report.waits, 1);
  });
}

for (
  const [name, act, answer] of [
    ["a release", release, 0],
    ["a failure", (ring: Ring) => failRing(ring, 5), RING_FAILED],
  ] as const
) {
  Deno.test(`${name} wakes a parked producer`, async () => {
    const buffer = createRing({ slotCount: 2, slotSize: 64 });
    const consumer = attachRing(buffer);
    fill(consumer);
    const [report] = await runTasks([{ kind: "park-producer", buffer }], async () => {
      await parked(consumer, PRODUCER_WAITING_WORD);
      act(consumer);
    });
    assertEquals(report.answer, answer);
    assertEquals(report.waits, 1);
  });
}

Deno.test("no wake-up is lost in 5,000 rounds between two Workers that park at once", async () => {
  const there = createRing({ slotCount: 2, slotSize: 64 });
  const back = createRing({ slotCount: 2, slotSize: 64 });
  const count = 5000;
  const [server, client] = await runTasks([
    { kind: "echo", from: back, to: there, count, serves: true },
    { kind: "echo", from: there, to: back, count, serves: false },
  ]);
  assertEquals([server.count, client.count], [count, count]);
  // The slot of the last round, and not the timeout that a lost wake-up would end in.
  assertEquals([server.answer, client.answer], [1, 1]);
});

Deno.test("who is about to park sees a failure that its own look has missed", () => {
  const ring = attachRing(createRing({ slotCount: 2, slotSize: 64 }));
  failRing(ring, 5);
  const plan = { spins: 0, sliceMs: Infinity };
  const answer = waitFor(ring, () => RING_EMPTY, CONSUMER_WAITING_WORD, PATIENCE_MS, plan);
  assertEquals(answer, RING_FAILED);
});
