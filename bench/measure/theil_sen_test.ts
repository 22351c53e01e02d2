import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { theilSen } from "./theil_sen.ts";

Deno.test("slope and interval are scipy's", () => {
  const series = [3.1, 2.9, 3.8, 4.4, 4.1, 5.9, 5.2, 6.6, 6.1, 7.7, 9.9, 8];
  // scipy 1.10.1: scipy.stats.theilslopes(series, alpha=0.95), and 0.99
  const { slope, slope_low, slope_high } = theilSen(series);
  assertAlmostEquals(slope, 0.55, 1e-12);
  assertAlmostEquals(slope_low, 0.3833333333333333, 1e-12);
  assertAlmostEquals(slope_high, 0.72, 1e-12);
  const wider = theilSen(series, 0.99);
  assertAlmostEquals(wider.slope_low, 0.35, 1e-12);
  assertAlmostEquals(wider.slope_high, 0.7777777777777778, 1e-12);
});

Deno.test("a quarter of outliers does not move the line", () => {
  const straight = Array.from({ length: 20 }, (_, i) => 5 + 2 * i);
  const spoiled = straight.map((value, i) => i % 5 === 2 ? 1000 : value);
  const { slope, intercept } = theilSen(spoiled);
  assert(Math.abs(slope - 2) < 0.2 && Math.abs(intercept - 5) < 2, `${slope}, ${intercept}`);
});

Deno.test("two points make a line, one none", () => {
  assertEquals(theilSen([3, 4]), { slope: 1, intercept: 3, slope_low: 1, slope_high: 1 });
  assertThrows(() => theilSen([3]), RangeError, "through 1 values");
});
