import { assert, assertEquals, assertThrows } from "@std/assert";
import { createRandom } from "../random.ts";
import { compareMetric, type MetricComparison } from "./compare_metric.ts";
import { holm } from "./holm.ts";
import { logNormals } from "./testdata/log_normals.ts";
import { judge, type VerdictOptions, type VerdictWord } from "./verdict.ts";

/** A clear slowdown by 20 %. */
const SLOWER: MetricComparison = {
  paired: false,
  n: 20,
  ratio: 1.2,
  ratio_low: 1.15,
  ratio_high: 1.25,
  p: 0.0001,
  delta: 0.9,
  effect: "large",
  noise: 0.03,
};

const OPTIONS: VerdictOptions = {
  better: "lower",
  tolerance: 0.05,
  p_corrected: 0.001,
  metrics: 1,
};

/** No change, and sure of it. */
const SAME: MetricComparison = {
  ...SLOWER,
  ratio: 1.01,
  ratio_low: 0.98,
  ratio_high: 1.03,
  delta: 0.1,
  effect: "negligible",
};

function word(
  compared: Partial<MetricComparison>,
  options: Partial<VerdictOptions> = {},
): VerdictWord {
  return judge({ ...SLOWER, ...compared }, { ...OPTIONS, ...options }).verdict;
}

Deno.test("the direction says whether more is worse", () => {
  const faster = { ratio: 0.8, ratio_low: 0.75, ratio_high: 0.85, delta: -0.9 };
  assertEquals(word({}), "regressed");
  assertEquals(word({}, { better: "higher" }), "improved");
  assertEquals(word(faster), "improved");
  assertEquals(word(faster, { better: "higher" }), "regressed");
});

Deno.test("rule: each of the conditions of a difference can hold it back", () => {
  assertEquals(word({ ratio_low: 0.99 }), "inconclusive");
  assertEquals(word({}, { p_corrected: 0.011 }), "inconclusive");
  assertEquals(word({}, { p_corrected: 0.01 }), "regressed");
  assertEquals(word({}, { tolerance: 0.21 }), "inconclusive");
  assertEquals(word({ noise: 0.21 }), "inconclusive");
  assertEquals(word({ delta: 0.1, effect: "negligible" }), "inconclusive");
  assertEquals(word({ delta: -0.9 }), "inconclusive");
});

Deno.test("rule: the tolerance is the user's or the noise, the larger one", () => {
  assertEquals(judge(SLOWER, OPTIONS).tolerance, 0.05);
  assertEquals(judge(SLOWER, { ...OPTIONS, tolerance: 0.01 }).tolerance, 0.03);
});

Deno.test("rule: the tolerance is the same factor upwards and downwards", () => {
  const around = (ratio: number) => ({ ratio, ratio_low: ratio * 0.99, ratio_high: ratio * 1.01 });
  const options = { tolerance: 0.1 };
  assertEquals(word(around(1.101), options), "regressed");
  assertEquals(word({ ...around(1 / 1.101), delta: -0.9 }, options), "improved");
  assertEquals(word(around(1.099), options), "inconclusive");
  assertEquals(word({ ...around(1 / 1.099), delta: -0.9 }, options), "inconclusive");
});

Deno.test("rule: the same is what is within the tolerance with all of its interval", () => {
  const options = { p_corrected: 0.4 };
  assertEquals(word(SAME, options), "same");
  assertEquals(word({ ...SAME, ratio_high: 1.051 }, options), "inconclusive");
  assertEquals(word({ ...SAME, ratio_low: 0.951 }, options), "inconclusive");
  // Surely more, and surely too little to matter.
  assertEquals(word({ ...SAME, ratio_low: 1.005, effect: "large", delta: 0.6 }), "same");
});

Deno.test("rule: nothing is the same where a difference was out of reach", () => {
  assertEquals(word({ ...SAME, n: 5 }), "same");
  assertEquals(judge({ ...SAME, n: 4 }, OPTIONS), {
    verdict: "inconclusive",
    tolerance: 0.05,
    needed_trials: 5,
  });
  // 30 metrics: 30 x 2 / C(2n, n) is at most 0.01 from n = 8 on.
  assertEquals(judge({ ...SAME, n: 7 }, { ...OPTIONS, metrics: 30 }).needed_trials, 8);
  assertEquals(judge({ ...SAME, n: 7, paired: true }, OPTIONS).needed_trials, 8);
});

Deno.test("an inconclusive verdict needs more trials than there are, another none", () => {
  const needed = judge({ ...SAME, ratio_high: 1.06 }, OPTIONS).needed_trials;
  assert(needed !== null && needed > 20 && needed <= 200);
  assertEquals(judge(SAME, OPTIONS).needed_trials, null);
  assertEquals(judge(SLOWER, OPTIONS).needed_trials, null);
});

Deno.test("what was 0 and is not has regressed", () => {
  const compared = compareMetric([0, 0, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6], {
    paired: false,
    seed: 1,
  });
  const { p } = compared;
  assertEquals(judge(compared, { ...OPTIONS, p_corrected: p }).verdict, "regressed");
  const zeros = compareMetric([0, 0, 0, 0, 0], [0, 0, 0, 0, 0], { paired: false, seed: 1 });
  assertEquals(judge(zeros, { ...OPTIONS, tolerance: 0, p_corrected: 1 }).verdict, "same");
});

Deno.test("what is no tolerance and no p is refused", () => {
  assertThrows(() => word({}, { tolerance: -1 }), RangeError, "tolerance -1");
  assertThrows(() => word({}, { p_corrected: NaN }), RangeError, "p NaN");
});

/** The verdicts on 2,000 comparisons of log-normal trials. */
function verdicts(
  { n, sigma, factor, paired, tolerance }: {
    n: number;
    sigma: number;
    factor: number;
    paired: boolean;
    tolerance: number;
  },
): Record<VerdictWord, number> {
  const random = createRandom(n * 1000 + sigma * 100);
  const counts = { improved: 0, regressed: 0, same: 0, inconclusive: 0 };
  for (let seed = 0; seed < 2000; seed++) {
    const baseline = logNormals(random, n, 100, sigma);
    const candidate = logNormals(random, n, 100 * factor, sigma);
    const compared = compareMetric(baseline, candidate, { paired, seed, resamples: 400 });
    const options = { better: "lower", tolerance, p_corrected: compared.p, metrics: 1 } as const;
    counts[judge(compared, options).verdict]++;
  }
  return counts;
}

Deno.test("A/A: at most 2 % false alarms, even without a tolerance of the user's", () => {
  for (const n of [10, 20]) {
    for (const sigma of [0.03, 0.3]) {
      for (const paired of [false, true]) {
        const counts = verdicts({ n, sigma, factor: 1, paired, tolerance: 0 });
        const alarms = counts.improved + counts.regressed;
        assert(alarms <= 40, `n ${n}, noise ${sigma}, paired ${paired}: ${alarms} of 2000`);
      }
    }
  }
});

Deno.test("A/A: 20 trials of noise 3 % are the same within 5 % in 95 %", () => {
  const counts = verdicts({ n: 20, sigma: 0.03, factor: 1, paired: false, tolerance: 0.05 });
  assert(counts.same >= 1900, JSON.stringify(counts));
});

Deno.test("a slowdown of 10 % in noise of 3 % is found in 95 %, and never an improvement", () => {
  for (const paired of [false, true]) {
    const counts = verdicts({ n: 20, sigma: 0.03, factor: 1.1, paired, tolerance: 0.05 });
    assert(counts.regressed >= 1900 && counts.improved === 0, JSON.stringify(counts));
  }
});

Deno.test("a change as large as the tolerance is taken for the same in at most 5 %", () => {
  for (const paired of [false, true]) {
    const counts = verdicts({ n: 20, sigma: 0.03, factor: 1.05, paired, tolerance: 0.05 });
    assert(counts.same <= 100, JSON.stringify(counts));
  }
});

Deno.test("A/A over 10 metrics with Holm's correction: at most 2 % of 300 runs raise any alarm", () => {
  const random = createRandom(77);
  let alarms = 0;
  for (let run = 0; run < 300; run++) {
    const compared = Array.from({ length: 10 }, (_, metric) => {
      const [baseline, candidate] = [0, 1].map(() =>
        logNormals(random, 20, 100, 0.05 * (metric + 1))
      );
      const options = { paired: false, seed: run, resamples: 200 };
      return compareMetric(baseline ?? [], candidate ?? [], options);
    });
    const corrected = holm(compared.map(({ p }) => p));
    const words = compared.map((one, i) =>
      word(one, { tolerance: 0, p_corrected: corrected[i] ?? NaN, metrics: 10 })
    );
    if (words.includes("regressed") || words.includes("improved")) alarms++;
  }
  assert(alarms <= 6, `${alarms} of 300`);
});
