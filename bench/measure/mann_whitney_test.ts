import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { mannWhitney } from "./mann_whitney.ts";

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

// scipy 1.10.1: scipy.stats.mannwhitneyu(candidate, baseline, alternative="two-sided", method=...)
Deno.test("without ties and few values p is scipy's exact one", () => {
  const table: [baseline: number[], candidate: number[], u: number, p: number][] = [
    [[12.1, 13.4, 11.8, 15.2, 14, 12.9], [13.9, 16.1, 15.8, 14.6, 17.3], 27, 0.030303030303030304],
    [[12.1, 13.4, 11.8, 15.2, 14, 12.9], [1, 20], 6, 1],
    [upTo(20), upTo(20).map((i) => i + 6.5), 309, 0.0026426305915593523],
    [upTo(8), upTo(50).map((i) => i / 2 + 0.25), 344, 0.000557835715786853],
  ];
  for (const [baseline, candidate, u, p] of table) {
    const tested = mannWhitney(baseline, candidate);
    assertEquals([tested.u, tested.exact], [u, true]);
    assertAlmostEquals(tested.p, p, p * 1e-12);
  }
});

Deno.test("with ties or many values p is scipy's asymptotic one, which is R's with exact = FALSE", () => {
  const table: [baseline: number[], candidate: number[], u: number, p: number][] = [
    [[1, 2, 2, 3, 4, 4, 4], [2, 4, 5, 5, 6, 7], 35.5, 0.04109920575522472],
    [[5, 5, 5, 5, 5], [6, 6, 6, 6, 6], 25, 0.003976751709788651],
    [upTo(30), upTo(30).map((i) => i + 6.5), 624, 0.010314672402337998],
    [[1, 2, 3], [2, 2, 2], 4.5, 1],
  ];
  for (const [baseline, candidate, u, p] of table) {
    const tested = mannWhitney(baseline, candidate);
    assertEquals([tested.u, tested.exact], [u, false]);
    assertAlmostEquals(tested.p, p, p * 1e-12);
  }
});

Deno.test("the exact p is what all divisions of a few values say", () => {
  // All ways to take 3 of 7 ranks, each as likely; two-sided as twice the smaller tail.
  const divisions = upTo(2 ** 7).filter((bits) => bits.toString(2).replaceAll("0", "").length === 3)
    .map((bits) => upTo(7).filter((rank) => bits >> rank & 1));
  const us = divisions.map((own) => mannWhitney(upTo(7).filter((r) => !own.includes(r)), own).u);
  for (const own of divisions) {
    const { u, p } = mannWhitney(upTo(7).filter((rank) => !own.includes(rank)), own);
    const tail = us.filter((other) => u > 6 ? other >= u : other <= u).length / us.length;
    assertAlmostEquals(p, Math.min(1, 2 * tail), 1e-12);
  }
});

Deno.test("values that are all the same are no evidence", () => {
  assertEquals(mannWhitney([3, 3, 3], [3, 3, 3]).p, 1);
});

Deno.test("swapping the samples, or a rising function of all values, changes no p", () => {
  const sample = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 25 });
  fc.assert(fc.property(sample, sample, (baseline, candidate) => {
    const { u, p } = mannWhitney(baseline, candidate);
    assert(p > 0 && p <= 1);
    const swapped = mannWhitney(candidate, baseline);
    assertEquals(swapped.u, baseline.length * candidate.length - u);
    assertAlmostEquals(swapped.p, p, 1e-12);
    assertEquals(
      mannWhitney(baseline.map(Math.exp), candidate.map(Math.exp)),
      mannWhitney(baseline, candidate),
    );
  }));
});

Deno.test("an empty sample and a NaN are refused", () => {
  assertThrows(() => mannWhitney([], [1]), RangeError, "of 0 and 1 values");
  assertThrows(() => mannWhitney([1], [NaN]), RangeError, "not numbers");
});
