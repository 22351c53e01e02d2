import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { precisionOf, valuesForPrecision } from "./precision.ts";
import { summarize } from "./summarize.ts";

Deno.test("the precision is the half-width that the table shows", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 6 }), (values) => {
      const { ci95: [low, high], median } = summarize(values);
      assertEquals(precisionOf(values), (high - low) / 2 / median);
    }),
  );
});

Deno.test("equal values are precise, fewer than six of them are not known to be", () => {
  assertEquals(precisionOf(Array.from({ length: 6 }, () => 5)), 0);
  assertEquals(precisionOf(Array.from({ length: 6 }, () => 0)), 0);
  assertEquals(precisionOf(Array.from({ length: 5 }, () => 5)), Infinity);
});

Deno.test("a median of 0 among other values is never precise", () => {
  assertEquals(precisionOf([-1, -1, -1, 0, 0, 1, 1, 1]), Infinity);
});

Deno.test("what is not precise enough takes more values, what is takes none", () => {
  assertEquals(valuesForPrecision(20, 0.01, 0.02), 20);
  assertEquals(valuesForPrecision(20, Infinity, 0.02), undefined);
  fc.assert(
    fc.property(
      fc.integer({ min: 6, max: 1e4 }),
      fc.double({ min: 0.02, max: 9, noNaN: true }),
      (n, reached) => {
        const needed = valuesForPrecision(n, reached, 0.019);
        assert(needed !== undefined && needed > n);
      },
    ),
  );
});
