import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { cliffsDelta, cliffsDeltaWithinPairs, effectWord } from "./cliffs_delta.ts";
import { mannWhitney } from "./mann_whitney.ts";

Deno.test("delta goes from -1 to 1, and ties weigh nothing", () => {
  assertEquals(cliffsDelta([1, 2, 3], [4, 5]), 1);
  assertEquals(cliffsDelta([4, 5], [1, 2, 3]), -1);
  assertEquals(cliffsDelta([7, 7], [7]), 0);
});

Deno.test("delta is 2 U / (m n) - 1 of the Mann-Whitney U", () => {
  const sample = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(sample, sample, (baseline, candidate) => {
    const { u } = mannWhitney(baseline, candidate);
    const delta = 2 * u / (baseline.length * candidate.length) - 1;
    assertAlmostEquals(cliffsDelta(baseline, candidate), delta, 1e-12);
  }));
});

Deno.test("delta is what holding every value against every other one gives", () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 5 }),
    fc.double({ noNaN: true }),
    fc.constantFrom(Infinity, -Infinity, -0),
  );
  const sample = fc.array(value, { minLength: 1, maxLength: 12 });
  fc.assert(fc.property(sample, sample, (baseline, candidate) => {
    const balance = baseline.flatMap((one) => candidate.map((other) => [one, other] as const))
      .reduce((sum, [one, other]) => sum + (other > one ? 1 : other < one ? -1 : 0), 0);
    const delta = balance / (baseline.length * candidate.length);
    assertAlmostEquals(cliffsDelta(baseline, candidate), delta, 1e-15);
  }));
});

Deno.test("within pairs only partners are held against each other", () => {
  assertEquals(cliffsDeltaWithinPairs([1, 10, 100], [2, 11, 101]), 1);
  assertEquals(cliffsDeltaWithinPairs([1, 10, 100, 5], [2, 9, 101, 5]), 0.25);
});

Deno.test("the words change at Romano's bounds, on both sides", () => {
  const table: [delta: number, word: string][] = [
    [0, "negligible"],
    [0.146, "negligible"],
    [0.147, "small"],
    [0.329, "small"],
    [0.33, "medium"],
    [0.473, "medium"],
    [0.474, "large"],
    [1, "large"],
  ];
  for (const [delta, word] of table) {
    assertEquals([effectWord(delta), effectWord(-delta)], [word, word], `delta ${delta}`);
  }
});

Deno.test("samples that are empty, or do not pair, are refused", () => {
  assertThrows(() => cliffsDelta([], [1]), RangeError, "0 and 1 values");
  assertThrows(() => cliffsDeltaWithinPairs([1, 2], [1]), RangeError, "2 values with 1");
  assertThrows(() => cliffsDeltaWithinPairs([], []), RangeError, "0 values with 0");
});
