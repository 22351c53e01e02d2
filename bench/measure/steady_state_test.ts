import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { createRandom } from "../random.ts";
import { relativeRise, steadyFrom } from "./steady_state.ts";
import { logNormals } from "./testdata/log_normals.ts";

const RULE = { window: 10, bound: 0.05 };

Deno.test("the rise is that of the least squares line, relative to the mean", () => {
  // scipy.stats.linregress(range(5), [4, 7, 6, 9, 14]).slope is 2.2; the mean is 8: 2.2 * 4 / 8.
  assertAlmostEquals(relativeRise([4, 7, 6, 9, 14]), 1.1, 1e-12);
  assertAlmostEquals(relativeRise([14, 9, 6, 7, 4]), -1.1, 1e-12);
  assertAlmostEquals(relativeRise([-110, -100, -90]), 0.2, 1e-12);
  assertEquals(relativeRise([0, 0, 0]), 0);
  assertThrows(() => relativeRise([1]), RangeError, "through 1 values");
});

Deno.test("an even series is steady from the start, a falling one never", () => {
  assertEquals(steadyFrom(Array(10).fill(7), RULE), 0);
  assertEquals(steadyFrom(Array.from({ length: 50 }, (_, i) => 1000 - 10 * i), RULE), undefined);
});

Deno.test("one slow first trial is warm-up", () => {
  assertEquals(steadyFrom([150, ...Array(12).fill(100)], RULE), 1);
});

Deno.test("a window's bound is met at the bound, and not above it", () => {
  const rising = (by: number) => Array.from({ length: 5 }, (_, i) => 100 + by * (i - 2));
  assertEquals(steadyFrom(rising(1), { window: 5, bound: 0.04 }), 0);
  assertEquals(steadyFrom(rising(1.01), { window: 5, bound: 0.04 }), undefined);
});

Deno.test("fewer values than a window are not yet steady", () => {
  assertEquals(steadyFrom(Array(9).fill(7), RULE), undefined);
});

Deno.test("a warm-up that dies out is over when little of it is left, under noise too", () => {
  // 40 % above the steady level at first, a third less of that from trial to trial. By formula the excess
  // is below 2 % from the 8th trial on, and below 0.2 % from the 14th on.
  const random = createRandom(11);
  for (let run = 0; run < 200; run++) {
    const series = logNormals(random, 60, 100, 0.01)
      .map((value, i) => value * (1 + 0.4 * (2 / 3) ** i));
    const from = steadyFrom(series, RULE);
    assert(from !== undefined && from >= 3 && from <= 14, `run ${run}: from ${from}`);
  }
});

Deno.test("noise alone does not keep a series from being steady for long", () => {
  const random = createRandom(12);
  for (let run = 0; run < 200; run++) {
    const from = steadyFrom(logNormals(random, 60, 100, 0.03), RULE);
    assert(from !== undefined && from <= 20, `run ${run}: from ${from}`);
  }
});

Deno.test("a rule without a window is refused", () => {
  assertThrows(() => steadyFrom([1], { window: 2, bound: 0.1 }), RangeError, "window 2");
  assertThrows(() => steadyFrom([1], { window: 3.5, bound: 0.1 }), RangeError, "window 3.5");
  assertThrows(() => steadyFrom([1], { window: 5, bound: NaN }), RangeError, "bound NaN");
});
