import { assert, assertEquals } from "@std/assert";
import { createRandom } from "../random.ts";
import { bestSplit } from "./best_split.ts";
import { logNormals } from "./testdata/log_normals.ts";

const OPTIONS = { minLength: 3, alpha: 0.01, permutations: 999, seed: 1 };

Deno.test("p is the part of all orders that divide as well", () => {
  // Twelve different values, the six small ones first: no other order has so large a z, except its mirror
  // image. 2 of C(12, 6) = 924, and the permutations count themselves: about 0.002 to 0.004.
  const split = bestSplit([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((v) => v + (v > 6 ? 9 : 0)), {
    ...OPTIONS,
    permutations: 9999,
  });
  assertEquals(split?.cuts, [6]);
  const p = split?.p ?? NaN;
  assert(p > 0.001 && p < 0.004, `${p}`);
});

Deno.test("only the order of values by size counts", () => {
  const random = createRandom(1);
  const series = [...logNormals(random, 15, 100, 0.1), ...logNormals(random, 15, 130, 0.1)];
  const split = bestSplit(series, OPTIONS);
  assert(split !== undefined);
  assertEquals(bestSplit(series.map((value) => Math.exp(value / 9)), OPTIONS), split);
});

Deno.test("a level that came back is cut at both ends", () => {
  const random = createRandom(2);
  const series = logNormals(random, 40, 100, 0.02)
    .map((value, i) => i >= 16 && i < 24 ? value * 1.2 : value);
  assertEquals(bestSplit(series, OPTIONS)?.cuts, [16, 24]);
});

Deno.test("one or two wild values are no level, three are", () => {
  const random = createRandom(3);
  for (const [wild, cuts] of [[1, undefined], [2, undefined], [3, [57]]] as const) {
    const series = logNormals(random, 60, 100, 0.02)
      .map((value, i) => i >= 60 - wild ? value * 50 + i : value);
    assertEquals(bestSplit(series, OPTIONS)?.cuts, cuts, `${wild} wild`);
  }
});

Deno.test("values that are all the same, or too few, do not divide", () => {
  assertEquals(bestSplit(Array(50).fill(0.1), OPTIONS), undefined);
  for (const series of [[], [1], [1, 1, 1, 9, 9]]) {
    assertEquals(bestSplit(series, { ...OPTIONS, alpha: 1 }), undefined, `${series}`);
  }
});
