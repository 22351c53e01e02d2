import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { type Case, expandCases, ScenarioSchema } from "../scenario/mod.ts";
import type { TrialRecord } from "./record.ts";
import { createSpareWorkers, type SpareWorkers } from "./spare_workers.ts";
import { watchedWorkers } from "./testdata/watched_workers.ts";
import { runWallTrial } from "./wall_trial.ts";

function caseOf(params: Record<string, unknown> = {}, faults: unknown[] = []): Case {
  const [one] = expandCases(ScenarioSchema.parse({
    name: "t",
    question: "?",
    params,
    devices: [{ id: "nic0", profile: "generic", state_size: "2MiB", dirty_rate: "32MiB/s" }],
    faults,
  }));
  if (one === undefined) throw new TypeError("Cannot test: there is no case");
  return one;
}

async function play(one: Case, trial: number, workers: SpareWorkers): Promise<TrialRecord> {
  const place = { caseNumber: 0, trial, seed: 1 + trial };
  return (await runWallTrial(one, place, new AbortController().signal, { workers })).record;
}

Deno.test("trials of a kind are played by the same Workers, and every state arrives whole", async () => {
  const workers = watchedWorkers();
  try {
    for (const [trial, buffer_size] of ["4KiB", "64KiB", "1MiB"].entries()) {
      const record = await play(caseOf({ buffer_size }), trial, workers);
      assertEquals([record.error, record.state_verified], [null, true]);
    }
    const [first, second, third] = workers.taken("source");
    assert(first !== undefined);
    assertStrictEquals(second, first);
    assertStrictEquals(third, first);
  } finally {
    workers.close();
  }
});

Deno.test("another channel is another kind, and so it is after the first comes again", async () => {
  const workers = watchedWorkers();
  try {
    for (const [trial, channel] of ["ring", "unix", "ring", "unix"].entries()) {
      assertEquals((await play(caseOf({ channel }), trial, workers)).error, null);
    }
    const [ring, unix, ringAgain, unixAgain] = workers.taken("source");
    assertNotStrictEquals(ring, unix);
    assertStrictEquals(ringAgain, ring);
    assertStrictEquals(unixAgain, unix);
  } finally {
    workers.close();
  }
});

Deno.test("multifd's threads stay with their Workers, and every state arrives whole", async () => {
  const workers = watchedWorkers();
  const one = caseOf({ channel: "unix", multifd: true, channels: 2 });
  try {
    for (const trial of [0, 1, 2]) {
      const record = await play(one, trial, workers);
      assertEquals([record.error, record.state_verified], [null, true]);
    }
    assertEquals(new Set(workers.taken("source")).size, 1);
  } finally {
    workers.close();
  }
});

Deno.test("after a trial that failed, or in which faults were planned, others begin", async () => {
  const workers = watchedWorkers();
  const faulty = caseOf({}, [{ on: "nic0", side: "source", call: "read", nth: 3, give: "EIO" }]);
  try {
    assertEquals((await play(caseOf(), 0, workers)).error, null);
    const { outcome } = await play(faulty, 1, workers);
    assertEquals(outcome, "failed");
    assertEquals((await play(caseOf(), 2, workers)).error, null);
    const [first, second, third] = workers.taken("source");
    assertStrictEquals(second, first, "the faulty one is of their kind");
    assertNotStrictEquals(third, second);
  } finally {
    workers.close();
  }
});

Deno.test("of more than are kept, the one that was used longest ago is let go; closed, none is kept", () => {
  const workers = createSpareWorkers();
  const places = ["ring", "unix", "tcp", "file"].flatMap((channel) => [
    [caseOf({ channel }), "source"] as const,
    [caseOf({ channel }), "destination"] as const,
  ]);
  places.push([caseOf({ policy: "qemu-8.1" }), "source"]);
  const takeAll = () => places.map(([one, name]) => workers.take(one, name));
  const first = takeAll();
  for (const [i, [one, name]] of places.entries()) {
    workers.keep(one, name, first[i] ?? workers.take(one, name));
  }
  const again = takeAll();
  assertNotStrictEquals(again[0], first[0]);
  assertEquals(again.slice(1).map((half, i) => half === first[i + 1]), Array(8).fill(true));
  workers.close();
  for (const [i, [one, name]] of places.entries()) {
    workers.keep(one, name, again[i] ?? workers.take(one, name));
  }
  const last = takeAll();
  for (const half of last) half.end();
  assertEquals(last.filter((half) => again.includes(half)), []);
});
