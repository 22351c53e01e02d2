import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { createRandom } from "../random.ts";
import { bootstrapPairedRatio, bootstrapRatio, pairRatios } from "./bootstrap_ratio.ts";
import { logNormals } from "./testdata/log_normals.ts";

Deno.test("a seed gives the same interval, whatever the order; another seed another one", () => {
  const random = createRandom(1);
  const baseline = logNormals(random, 20, 100, 0.1);
  const candidate = logNormals(random, 20, 110, 0.1);
  const interval = bootstrapRatio(baseline, candidate, { seed: 5 });
  assertEquals(bootstrapRatio(baseline.toReversed(), candidate, { seed: 5 }), interval);
  assert(bootstrapRatio(baseline, candidate, { seed: 6 }).low !== interval.low);
  assert(interval.low < interval.ratio && interval.ratio < interval.high);
});

Deno.test("more confidence is a wider interval", () => {
  const random = createRandom(2);
  const baseline = logNormals(random, 20, 100, 0.1);
  const candidate = logNormals(random, 20, 100, 0.1);
  const narrow = bootstrapRatio(baseline, candidate, { seed: 1, confidence: 0.5 });
  const wide = bootstrapRatio(baseline, candidate, { seed: 1, confidence: 0.99 });
  assert(wide.low < narrow.low && narrow.high < wide.high);
});

Deno.test("the resampled medians are spread as the exact bootstrap says", () => {
  // Of 1, 2, 3 the median of 3 draws is 1 in 7 of 27 cases, 2 in 13, 3 in 7. Over a constant 1 the ratio
  // is that median: the lowest 25 % are all 1, and the lowest 30 % are not.
  const baseline = [1, 1, 1];
  const at = (confidence: number) =>
    bootstrapRatio(baseline, [1, 2, 3], { seed: 3, confidence, resamples: 20_000 });
  assertEquals([at(0.5).low, at(0.5).high], [1, 3]); // 25 % below 7 / 27 = 25.9 %
  assertEquals([at(0.46).low, at(0.46).high], [2, 2]); // 27 % above it
});

Deno.test("the ratio is that of R's medians, for even and odd numbers of values", () => {
  assertEquals(bootstrapRatio([1, 2, 3, 10], [5, 5, 7], { seed: 1 }).ratio, 2);
  assertEquals(bootstrapPairedRatio([1, 2, 4, 10], [1, 4, 12, 100], { seed: 1 }).ratio, 2.5);
});

Deno.test("pairing takes out what both share", () => {
  const random = createRandom(4);
  const shared = logNormals(random, 20, 100, 0.5);
  const candidate = shared.map((value, i) => value * 1.1 * (1 + (i % 5 - 2) / 1000));
  const paired = bootstrapPairedRatio(shared, candidate, { seed: 1 });
  const unpaired = bootstrapRatio(shared, candidate, { seed: 1 });
  assertAlmostEquals(paired.ratio, 1.1, 0.01);
  assert(paired.high - paired.low < 0.01 && unpaired.high - unpaired.low > 0.1);
});

/** How many of 1,000 intervals hold the ratio that the samples were made with. */
function held(n: number, sigma: number, paired: boolean): number {
  const random = createRandom(n);
  let count = 0;
  for (let seed = 0; seed < 1000; seed++) {
    const baseline = logNormals(random, n, 100, sigma);
    const candidate = logNormals(random, n, 120, sigma);
    const interval = paired ? bootstrapPairedRatio : bootstrapRatio;
    const { low, high } = interval(baseline, candidate, { seed, resamples: 1000 });
    if (low <= 1.2 && 1.2 <= high) count++;
  }
  return count;
}

Deno.test("95 % intervals hold the true ratio in 92 to 98 % of 1,000 samples", () => {
  for (const n of [10, 20, 41]) {
    for (const paired of [false, true]) {
      const count = held(n, 0.2, paired);
      assert(count >= 920 && count <= 980, `n = ${n}, paired ${paired}: ${count} of 1000`);
    }
  }
});

Deno.test("a baseline of 0 is no NaN", () => {
  assertEquals(bootstrapRatio([0, 0], [0, 0], { seed: 1 }), { ratio: 1, low: 1, high: 1 });
  assertEquals(bootstrapRatio([0, 0], [1, 2], { seed: 1 }).high, Infinity);
  assertEquals(pairRatios([0, 0, 2], [0, 3, 1]), [1, Infinity, 0.5]);
});

Deno.test("what has no ratio is refused", () => {
  assertThrows(() => bootstrapRatio([], [1], { seed: 1 }), RangeError, "no values");
  assertThrows(() => bootstrapRatio([1], [-1], { seed: 1 }), RangeError, "received -1");
  assertThrows(() => bootstrapPairedRatio([1], [1, 2], { seed: 1 }), RangeError, "1 values with 2");
  assertThrows(() => bootstrapPairedRatio([NaN], [1], { seed: 1 }), RangeError, "received NaN");
  const options = { seed: 1, confidence: 1 };
  assertThrows(() => bootstrapRatio([1], [1], options), RangeError, "confidence 1");
});
