import { assertAlmostEquals, assertEquals } from "@std/assert";
import { createLoadTime, isTimedAlone, loadTimeNs, noteTimed, noteUntimed } from "./load_time.ts";

const ONE_IN = 17;

/** Loads writes of these sizes, of which a byte takes `nsOf`; how many were timed, and what the time is said to be. */
function load(sizes: readonly number[], nsOf: (bytes: number, index: number) => number) {
  const time = createLoadTime();
  let timed = 0;
  for (const [i, bytes] of sizes.entries()) {
    if (i % ONE_IN !== 0 && !isTimedAlone(time, bytes)) noteUntimed(time, bytes);
    else {
      timed++;
      noteTimed(time, bytes, nsOf(bytes, i));
    }
  }
  return { timed, ns: loadTimeNs(time) };
}

Deno.test("a device that nothing was written to took no time", () => {
  assertEquals(load([], () => 1), { timed: 0, ns: 0 });
});

Deno.test("large writes are all timed, and so are the first small ones", () => {
  assertEquals(load(Array(1000).fill(65536), () => 7), { timed: 1000, ns: 7000 });
  assertEquals(load(Array(64).fill(4096), () => 7), { timed: 64, ns: 448 });
  assertEquals(load([...Array(64).fill(4096), 65536], () => 7), { timed: 65, ns: 455 });
});

Deno.test("of many small writes some are timed, and stand for the others", () => {
  const { timed, ns } = load(Array(64 + 17_000).fill(4096), () => 1000);
  assertEquals(timed, 64 + 1000);
  assertAlmostEquals(ns, 17_064_000, 1);
});

Deno.test("a rate that changes on the way is met within a hundredth", () => {
  const sizes = Array.from({ length: 40_000 }, (_, i) => i % 3 === 0 ? 4096 : 2048);
  const nsOf = (bytes: number, i: number) => bytes * (i < 20_000 ? 1 : 5);
  const whole = sizes.reduce((sum, bytes, i) => sum + nsOf(bytes, i), 0);
  assertAlmostEquals(load(sizes, nsOf).ns / whole, 1, 0.01);
});
