import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { createRandom } from "../random.ts";
import { compareMetric } from "./compare_metric.ts";
import { mannWhitney } from "./mann_whitney.ts";
import { relativeNoise } from "./mad.ts";
import { logNormals } from "./testdata/log_normals.ts";

Deno.test("two samples: Mann-Whitney's p, Cliff's delta, and the baseline's noise", () => {
  const random = createRandom(1);
  const baseline = logNormals(random, 12, 100, 0.1);
  const candidate = logNormals(random, 10, 150, 0.3);
  const compared = compareMetric(baseline, candidate, { paired: false, seed: 1 });
  assertEquals(compared.n, 10);
  assertEquals(compared.p, mannWhitney(baseline, candidate).p);
  assertEquals(compared.noise, relativeNoise(baseline));
  assert(compared.ratio_low < compared.ratio && compared.ratio < compared.ratio_high);
  assertEquals(compared.effect, "large");
});

Deno.test("pairs: noise that both share is in nothing", () => {
  const random = createRandom(2);
  const shared = logNormals(random, 400, 1, 0.5);
  const baseline = logNormals(random, 400, 100, 0.02).map((value, i) => value * (shared[i] ?? 1));
  const candidate = logNormals(random, 400, 103, 0.02).map((value, i) => value * (shared[i] ?? 1));
  const pairs = compareMetric(baseline, candidate, { paired: true, seed: 1 });
  assertAlmostEquals(pairs.noise, 0.02, 0.003);
  assertAlmostEquals(pairs.ratio, 1.03, 0.005);
  assert(pairs.p < 1e-6 && pairs.delta > 0.5);
  const samples = compareMetric(baseline, candidate, { paired: false, seed: 1 });
  assert(samples.noise > 0.3 && samples.p > 0.01);
});

Deno.test("what was 0 and is not is infinitely more, and no NaN", () => {
  for (const paired of [false, true]) {
    const zeros = Array<number>(8).fill(0);
    const same = compareMetric(zeros, zeros, { paired, seed: 1 });
    assertEquals([same.ratio, same.p, same.delta, same.noise], [1, 1, 0, 0]);
    const more = compareMetric(zeros, [1, 2, 3, 4, 5, 6, 7, 8], { paired, seed: 1 });
    assertEquals([more.ratio, more.ratio_low, more.delta, more.noise], [Infinity, Infinity, 1, 0]);
    assert(more.p < 0.02);
  }
});

Deno.test("pairs that do not pair are refused", () => {
  assertThrows(() => compareMetric([1, 2], [1], { paired: true, seed: 1 }), RangeError, "with 1");
});
