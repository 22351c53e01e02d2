import { assert, assertEquals } from "@std/assert";
import { fewestForRule, impreciseMetrics, type StopRule, trialsNeeded } from "./stop_rule.ts";
import { record } from "./testdata/records.ts";

const RULE: StopRule = { precision_ratio: 0.02, metrics: ["downtime_ms"], most_trials: 200 };

function trialsOf(values: readonly (number | undefined)[]) {
  return values.map((value, i) => record(0, i, value));
}

Deno.test("the fewest trials are those asked for, or what an interval needs, but no more than the most", () => {
  assertEquals(fewestForRule(3, null), 3);
  assertEquals(fewestForRule(3, RULE), 6);
  assertEquals(fewestForRule(30, RULE), 30);
  assertEquals(fewestForRule(30, { ...RULE, most_trials: 4 }), 4);
});

Deno.test("four times the trials halve an interval", () => {
  // The interval of eight values is the smallest to the largest: half of it is 4 % of the median.
  const trials = trialsOf([96, 97, 99, 100, 100, 101, 103, 104]);
  assertEquals(trialsNeeded(trials, RULE), 32);
  assertEquals(trialsNeeded(trials, { ...RULE, precision_ratio: 0.04 }), 8);
  assertEquals(trialsNeeded(trials, { ...RULE, most_trials: 20 }), 20);
});

Deno.test("trials that failed are no values, and a case without any needs no more", () => {
  const failed = [undefined, undefined];
  assertEquals(trialsNeeded(trialsOf(failed), RULE), 2);
  const some = trialsOf([...failed, 96, 97, 99, 100, 100, 101, 103, 104]);
  assertEquals(trialsNeeded(some, RULE), 34);
  // Too few to say anything: one more.
  assertEquals(trialsNeeded(trialsOf([...failed, 100]), RULE), 4);
});

Deno.test("every metric must be precise, but for one that the case does not have", () => {
  const rule = { ...RULE, metrics: ["downtime_ms", "total_time_ms", "none"] };
  const trials = trialsOf([100, 100, 100, 100, 100, 100]).map((one, i) => ({
    ...one,
    metrics: { ...one.metrics, total_time_ms: 100 * (i + 1) },
  }));
  assert(trialsNeeded(trials, rule) > 6);
  const imprecise = impreciseMetrics(trials, rule);
  assertEquals(imprecise.map(({ metric }) => metric), ["total_time_ms"]);
  assertEquals(impreciseMetrics(trials, RULE), []);
});
