import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { medianInterval } from "./median_interval.ts";
import { quantile } from "./quantile.ts";
import { summarize } from "./summarize.ts";

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

Deno.test("quantiles are R's type 7", () => {
  // quantile(c(1, 3, 6, 10, 15), type = 7): 25 % 3, 50 % 6, 75 % 10, 90 % 13
  assertEquals([0.25, 0.5, 0.75].map((p) => quantile([1, 3, 6, 10, 15], p)), [3, 6, 10]);
  assertAlmostEquals(quantile([1, 3, 6, 10, 15], 0.9), 13, 1e-12);
  // quantile(c(1, 2, 3, 4), .25): 1.75
  assertEquals(quantile([1, 2, 3, 4], 0.25), 1.75);
  assertEquals(quantile([7], 0.99), 7);
});

Deno.test("a quantile is where its definition puts it between the sorted values", () => {
  // Hyndman and Fan's type 7: Q(p) = x[j] + g (x[j+1] - x[j]), (n - 1) p = j + g, j whole, 0 <= g < 1.
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 0, max: 100 }),
      (values, percent) => {
        const sorted = values.toSorted((a, b) => a - b);
        // In whole hundredths, so that the rank is exact.
        const rank = (values.length - 1) * percent;
        const at = sorted[Math.floor(rank / 100)] ?? NaN;
        const next = sorted[Math.floor(rank / 100) + 1] ?? at;
        const expected = at + (rank % 100) / 100 * (next - at);
        assertAlmostEquals(quantile(sorted, percent / 100), expected, 1e-3);
      },
    ),
  );
});

Deno.test("a quantile of nothing is refused", () => {
  assertThrows(() => quantile([], 0.5), RangeError, "of 0 values");
});

Deno.test("the median's interval has the ranks of the binomial table", () => {
  // 1 - 2 pbinom(k - 1, n, 1/2) in R: the largest k that keeps it at 95 %.
  const table: [n: number, k: number, coverage: number][] = [
    [6, 1, 0.96875],
    [8, 1, 0.9921875],
    [9, 2, 0.9609375],
    [10, 2, 0.978515625],
    [15, 4, 0.96484375],
    [20, 6, 0.9586105347],
    [100, 40, 0.9647997998],
    // 2^-n is below any double here; its logarithm is not.
    [10_000, 4902, 0.951167050103618],
  ];
  for (const [n, k, coverage] of table) {
    const interval = medianInterval(upTo(n));
    assertEquals([interval.low, interval.high], [k, n + 1 - k], `n = ${n}`);
    assertAlmostEquals(interval.coverage, coverage, 1e-9);
  }
});

Deno.test("an interval of nothing is refused", () => {
  assertThrows(() => medianInterval([]), RangeError, "of 0 values");
});

Deno.test("too few values give their whole range, and the coverage says so", () => {
  assertEquals(medianInterval(upTo(5)), { low: 1, high: 5, coverage: 0.9375 });
  assertEquals(medianInterval([3]), { low: 3, high: 3, coverage: 0 });
});

Deno.test("a summary is ordered, whatever the order of the values", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 40 }),
      (values) => {
        const { n, min, p25, median, p75, max, ci95 } = summarize(values);
        assertEquals(n, values.length);
        assert(min <= p25 && p25 <= median && median <= p75 && p75 <= max);
        assert(min <= ci95[0] && ci95[0] <= median && median <= ci95[1] && ci95[1] <= max);
        assertEquals(summarize(values.toReversed()), summarize(values));
      },
    ),
  );
});
