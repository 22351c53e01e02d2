import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { monotonicNs } from "../libc/mod.ts";
import { createWallClock, wallClock } from "./wall_clock.ts";

Deno.test("the wall clock tells CLOCK_MONOTONIC, and never goes back", () => {
  const before = monotonicNs();
  let last = wallClock.nowNs();
  assertGreaterOrEqual(last, before);
  for (let i = 0; i < 1000; i++) {
    const now = wallClock.nowNs();
    assertGreaterOrEqual(now, last);
    last = now;
  }
  assertGreaterOrEqual(monotonicNs(), last);
});

Deno.test("a sleep never ends early, spun or parked", () => {
  for (const duration_ns of [1, 50_000, 200_000, 200_001, 1_500_000, 5_000_000]) {
    const start = wallClock.nowNs();
    wallClock.sleepNs(duration_ns);
    assertGreaterOrEqual(wallClock.nowNs() - start, duration_ns);
  }
});

Deno.test("a duration that is not positive is no sleep", () => {
  // One that slept on any of these would not come back.
  for (const duration_ns of [0, -0, -1, -Infinity, NaN]) {
    assertEquals(wallClock.sleepNs(duration_ns), undefined);
  }
});

Deno.test("a clock's sleeps are over once somebody says so, and nobody else's are", () => {
  const awake = new Int32Array(new SharedArrayBuffer(4));
  const clock = createWallClock(awake);
  const start = clock.nowNs();
  clock.sleepNs(1_000_000);
  assertGreaterOrEqual(clock.nowNs() - start, 1_000_000);
  Atomics.store(awake, 0, 1);
  // A day: one that slept on would not come back.
  clock.sleepNs(86_400e9);
  assertEquals(Atomics.load(awake, 0), 1);
});

Deno.test("a sleep that is under way is ended too", async () => {
  const awake = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL("./testdata/sleeper.ts", import.meta.url), { type: "module" });
  const answers: string[] = [];
  const over = new Promise<void>((resolve) => {
    worker.onmessage = ({ data }) => {
      answers.push(data);
      if (data === "over") return resolve();
      Atomics.store(awake, 0, 1);
      Atomics.notify(awake, 0);
    };
  });
  worker.postMessage(awake);
  await over;
  assertEquals(answers, ["asleep", "over"]);
  worker.terminate();
});
