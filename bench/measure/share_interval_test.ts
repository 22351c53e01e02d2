import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { shareInterval } from "./share_interval.ts";

Deno.test("the interval is R's binom.test", () => {
  // scipy: beta.ppf(0.025, x, n - x + 1), beta.ppf(0.975, x + 1, n - x), as R's binom.test
  const golden: readonly [hits: number, trials: number, low: number, high: number][] = [
    [95, 100, 0.8871651, 0.9835681],
    [50, 100, 0.3983211, 0.6016789],
    [1, 10, 0.002528579, 0.4450161],
    [4, 200, 0.005475566, 0.05041361],
  ];
  for (const [hits, trials, low, high] of golden) {
    const found = shareInterval(hits, trials);
    assertAlmostEquals(found.low, low, 1e-6, `${hits} of ${trials}`);
    assertAlmostEquals(found.high, high, 1e-6, `${hits} of ${trials}`);
    // Hits and misses are each other's mirror.
    const mirrored = shareInterval(trials - hits, trials);
    assertAlmostEquals(mirrored.low, 1 - high, 1e-6);
  }
});

Deno.test("all or nothing has a bound on one side only", () => {
  assertEquals(shareInterval(0, 7).low, 0);
  assertEquals(shareInterval(7, 7).high, 1);
  assertAlmostEquals(shareInterval(7, 7).low, 0.025 ** (1 / 7), 1e-9);
});

Deno.test("what is no share is refused", () => {
  for (const [hits, trials] of [[0, 0], [3, 2], [-1, 2], [NaN, 2]] as const) {
    assertThrows(() => shareInterval(hits, trials), RangeError);
  }
});
