import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { mad, markOutliers, relativeNoise, SIGMA_PER_MAD } from "./mad.ts";

Deno.test("the MAD is that of scipy and R", () => {
  // scipy.stats.median_abs_deviation([2.5, 7, 1, 19, 3, 4.25]): 1.875; R's mad is 1.4826 times that.
  assertEquals(mad([2.5, 7, 1, 19, 3, 4.25]), 1.875);
  assertEquals(mad([5]), 0);
  assertThrows(() => mad([]), RangeError, "of 0 values");
});

Deno.test("a value is an outlier above a modified z-score of 3.5, on either side", () => {
  // Median 10, MAD 1: the bound is 3.5 x 1.4826 = 5.189 away.
  const around = [9, 9, 10, 10, 11, 11, 10, 9, 11];
  assertEquals(markOutliers([...around, 15.1]).at(-1), false);
  assertEquals(markOutliers([...around, 15.3]).at(-1), true);
  assertEquals(markOutliers([4.7, ...around])[0], true);
  assertEquals(markOutliers([4.9, ...around])[0], false);
});

Deno.test("where most values are the same, the mean deviation finds the odd one", () => {
  assertEquals(markOutliers([7, 7, 7, 7, 7, 7, 7, 8]), [...Array(7).fill(false), true]);
  assertEquals(markOutliers([7, 7, 7]), [false, false, false]);
  assertEquals(markOutliers([]), []);
});

Deno.test("noise is relative to the median, and 0 of nothing but zeros", () => {
  assertAlmostEquals(relativeNoise([90, 95, 100, 105, 110]), 0.05 * SIGMA_PER_MAD, 1e-15);
  assertEquals(relativeNoise([0, 0, 0, 5]), 0);
});
