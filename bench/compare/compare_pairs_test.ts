import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { fewestTrials } from "../measure/mod.ts";
import type { TrialRecord } from "../trial/record.ts";
import { comparePairs, type PairOptions } from "./compare_pairs.ts";
import type { ComparisonRow } from "./comparison_row.ts";
import { caseOf, failedTrial, trialOf, trialsOf } from "./testdata/synthetic.ts";

const OPTIONS: PairOptions = {
  metrics: ["downtime_ms"],
  tolerance: 0.05,
  oneRun: false,
  anyway: false,
};

function compare(
  base: readonly TrialRecord[],
  candidate: readonly TrialRecord[],
  { clock = "wall" as "wall" | "virtual", ...changes }: Partial<PairOptions> & {
    clock?: "wall" | "virtual";
  } = {},
) {
  const pair = { base: caseOf(0, {}, { clock }), candidate: caseOf(0, {}, { clock }), text: "s" };
  return comparePairs([pair], { base, candidate }, { ...OPTIONS, ...changes });
}

function verdicts(rows: readonly ComparisonRow[]): string[] {
  return rows.map(({ metric, verdict }) => `${metric} ${verdict}`);
}

const ONE = caseOf(0);
const VIRTUAL = caseOf(0, {}, { clock: "virtual" });

Deno.test("half as much again of downtime is a regression, of throughput an improvement", () => {
  const metrics = ["downtime_ms", "throughput_stopcopy_bytes_per_s"];
  const worse = compare(trialsOf(ONE, 1), trialsOf(ONE, 1.5), { metrics });
  assertEquals(verdicts(worse.rows), [
    "downtime_ms regressed",
    "throughput_stopcopy_bytes_per_s regressed",
  ]);
  const better = compare(trialsOf(ONE, 1.5), trialsOf(ONE, 1), { metrics });
  assertEquals(verdicts(better.rows), [
    "downtime_ms improved",
    "throughput_stopcopy_bytes_per_s improved",
  ]);
});

Deno.test("a change within the tolerance is none, and two runs are not paired", () => {
  const [row] = compare(trialsOf(ONE, 1), trialsOf(ONE, 1.01)).rows;
  assert(row !== undefined);
  assertEquals([row.verdict, row.paired, row.base.trials], ["same", false, 12]);
  assertAlmostEquals(row.ratio ?? 0, 1.01, 1e-9);
  const [strict] = compare(trialsOf(ONE, 1), trialsOf(ONE, 1.2), { tolerance: 0.5 }).rows;
  assertEquals(strict?.verdict, "same");
});

Deno.test("too few trials are inconclusive, and say how many are needed", () => {
  const [row] = compare(trialsOf(ONE, 1, 3), trialsOf(ONE, 1.5, 3)).rows;
  assertEquals([row?.verdict, row?.needed_trials], ["inconclusive", fewestTrials(0.01, 1, false)]);
});

Deno.test("p is corrected over all rows of all pairs", () => {
  const cases = Array.from({ length: 40 }, (_, i) => caseOf(i, { a: i }, { trials: 6 }));
  const pairs = cases.map((one) => ({ base: one, candidate: one, text: one.label }));
  const base = cases.flatMap((one) => trialsOf(one, 1));
  const candidate = cases.flatMap((one, i) => trialsOf(one, i === 0 ? 1.5 : 1));
  const { rows } = comparePairs(pairs, { base, candidate }, OPTIONS);
  const [first] = rows;
  assert(first !== undefined);
  assertAlmostEquals(first.p_corrected ?? 0, 40 * (first.p ?? 0), 1e-9);
  // Alone it would be told: 2 / C(12, 6) is 0.0022.
  assertEquals(first.verdict, "inconclusive");
  assertEquals(first.needed_trials, fewestTrials(0.01, 40, false));
});

Deno.test("inside one run trials are pairs: what both share is no noise", () => {
  const drift = [1, 3, 9, 2, 7, 5, 4, 8, 6, 10, 12, 11];
  const of = (times: number) =>
    drift.map((value, trial) =>
      trialOf(ONE, trial, { downtime_ms: value * times * (1 + trial % 3 / 1000) })
    );
  const [paired] = compare(of(1), of(1.2), { oneRun: true }).rows;
  assertEquals([paired?.verdict, paired?.paired], ["regressed", true]);
  const [unpaired] = compare(of(1), of(1.2)).rows;
  assertEquals(unpaired?.verdict, "inconclusive");
});

Deno.test("on the virtual clock any change is told, with one trial, without p and interval", () => {
  const base = [trialOf(VIRTUAL, 0, { downtime_ms: 100 })];
  const candidate = [trialOf(VIRTUAL, 0, { downtime_ms: 100.000001 })];
  const [row] = compare(base, candidate, { clock: "virtual" }).rows;
  assert(row !== undefined);
  assertEquals([row.verdict, row.changed, row.p, row.ratio_ci95], ["regressed", 1, null, null]);
  assertEquals(verdicts(compare(base, base, { clock: "virtual" }).rows), ["downtime_ms same"]);
});

Deno.test("other seeds on the virtual clock are not compared, unless anyway", () => {
  const base = trialsOf(VIRTUAL, 1);
  const candidate = base.map((trial) => ({ ...trial, seed: trial.seed + 100 }));
  const refused = compare(base, candidate, { clock: "virtual" });
  assertEquals([refused.rows.length, refused.unmatched.length], [0, 1]);
  assertMatch(refused.unmatched[0]?.reason ?? "", /seeds/);
  assertEquals(compare(base, candidate, { clock: "virtual", anyway: true }).rows.length, 1);
});

Deno.test("of pairs only those are compared of which both completed, and that is told", () => {
  const base = trialsOf(VIRTUAL, 1);
  const candidate = trialsOf(VIRTUAL, 1).map((trial, i) => i === 3 ? failedTrial(trial) : trial);
  const { rows, warnings } = compare(base, candidate, { clock: "virtual" });
  assertEquals(verdicts(rows), ["failed_ratio regressed", "downtime_ms same"]);
  assertEquals(rows[1]?.base.trials, 11);
  assertMatch(warnings[0] ?? "", /11 of 12 trials/);
});

Deno.test("a metric that one side has not is told, one that no side has is nothing", () => {
  const without = trialsOf(ONE, 1).map((trial) => ({ ...trial, metrics: {} }));
  const { rows, warnings } = compare(trialsOf(ONE, 1), without);
  assertEquals([rows, warnings], [[], ["s: the candidate has no downtime_ms"]]);
  assertEquals(compare(without, without), { rows: [], unmatched: [], warnings: [] });
});

Deno.test("a metric that no pair has on both sides is told", () => {
  const [a, b] = trialsOf(VIRTUAL, 1, 2);
  if (a === undefined || b === undefined) throw new Error("unreachable");
  const gap = (trial: TrialRecord) => ({ ...trial, metrics: {} });
  const { rows, warnings } = compare([a, gap(b)], [gap(a), b], { clock: "virtual" });
  assertEquals([rows.length, warnings.length], [0, 1]);
});

Deno.test("from 0 to something has no ratio that JSON could say", () => {
  const of = (downtime_ms: number) =>
    Array.from({ length: 8 }, (_, i) => trialOf(ONE, i, { downtime_ms }));
  const [row] = compare(of(0), of(5)).rows;
  assertEquals([row?.ratio, row?.ratio_ci95, row?.verdict], [null, [null, null], "regressed"]);
  const [none] = compare(of(0), of(0)).rows;
  assertEquals([none?.ratio, none?.verdict], [1, "same"]);
});

Deno.test("values below 0 are left out with a warning", () => {
  const { rows, warnings } = compare(
    trialsOf(ONE, 1),
    [trialOf(ONE, 0, { downtime_ms: -1 })],
  );
  assertEquals([rows.length, warnings.length], [0, 1]);
});

Deno.test("a case of which no trial was played is named", () => {
  assertEquals(compare(trialsOf(ONE, 1), []).unmatched, [
    { run: "candidate", case: "s", reason: "no trial of it was played" },
  ]);
});

Deno.test("outliers are counted and stay in", () => {
  const base = trialsOf(ONE, 1).map((trial, i) =>
    i === 0 ? trialOf(ONE, 0, { downtime_ms: 900 }) : trial
  );
  const [row] = compare(base, trialsOf(ONE, 1)).rows;
  assertEquals([row?.base.outliers, row?.base.trials], [1, 12]);
});
