import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { monotonicNs } from "../libc/mod.ts";
import { wallClock } from "./wall_clock.ts";

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
