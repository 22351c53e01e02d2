import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CaseMeta } from "../store/mod.ts";
import { compareRuns, compareWithin, type NamedRun } from "./compare_runs.ts";
import type { Comparison } from "./comparison.ts";
import { exitOfComparison } from "./comparison.ts";
import { ComparisonSchema } from "./comparison_schema.ts";
import { renderComparison } from "./comparison_table.ts";
import { confirm, type ConfirmOptions, planRerun } from "./confirm.ts";
import { renderMarkdown } from "./markdown.ts";
import { caseOf, failedTrial, runOf, trialsOf } from "./testdata/synthetic.ts";

const METRICS = ["downtime_ms", "total_time_ms"];

function optionsOf(base: NamedRun, candidate: NamedRun): ConfirmOptions {
  return { base, candidate, metrics: METRICS, tolerance: 0.05, anyway: false };
}

function twoRuns(base: NamedRun, candidate: NamedRun, anyway = false): Comparison {
  const comparison = compareRuns(base, candidate, { metrics: METRICS, tolerance: 0.05, anyway });
  if (typeof comparison === "string") throw new Error(comparison);
  return comparison;
}

/** A run of the cases, each so many times slower, as a re-run makes it: its indices are new. */
function rerunOf(cases: readonly CaseMeta[], times: readonly number[]): NamedRun {
  const metas = cases.map((one, index) => ({ ...one, index }));
  const run = runOf(metas, metas.flatMap((one, i) => trialsOf(one, times[i] ?? 1)));
  return { ...run, run: "again" };
}

Deno.test("nothing is played again where nothing regressed", () => {
  const one = caseOf(0);
  const base = runOf([one], trialsOf(one, 1));
  assertEquals(planRerun(twoRuns(base, base), optionsOf(base, base)), null);
});

Deno.test("of two runs the candidate is played again, and only what regressed of it", () => {
  const cases = [caseOf(0, { a: 1 }), caseOf(1, { a: 2 }), caseOf(2, { a: 3 })];
  const base = runOf(cases, cases.flatMap((one) => trialsOf(one, 1)));
  const candidate = runOf(cases, cases.flatMap((one, i) => trialsOf(one, [1, 1.5, 2][i] ?? 1)));
  const first = twoRuns(base, candidate);
  assertEquals(first.verdicts.regressed, 2);
  const options = optionsOf(base, candidate);
  const rerun = planRerun(first, options);
  assertEquals(rerun?.cases.map(({ index }) => index), [1, 2]);
  assertEquals(rerun?.metrics, ["downtime_ms"]);
  assertEquals(rerun?.pairs.map((one) => [one.base, one.candidate]), [[null, 0], [null, 1]]);
  if (rerun === null) return;

  const second = confirm(first, rerun, rerunOf(rerun.cases, [1, 2]), options);
  assertEquals(second.rows.map(({ verdict, again }) => [verdict, again?.verdict]), [
    ["same", undefined],
    ["inconclusive", "same"],
    ["regressed", "regressed"],
  ]);
  assertEquals(second.verdicts, { improved: 0, regressed: 1, same: 1, inconclusive: 1 });
  assertEquals(exitOfComparison(second), 1);
  assertEquals(ComparisonSchema.parse(JSON.parse(JSON.stringify(second))), second);
  const table = renderComparison(second, { width: 200, color: false });
  assertStringIncludes(table, "inconclusive (regressed, but played again: same, 1.000)");
  assertStringIncludes(table, "regressed (again: regressed, 2.000)");
  const closing = "Played again (again): 1 regressed again, 1 did not regress again";
  assertStringIncludes(table, closing);
  assertStringIncludes(renderMarkdown(second), closing);

  // None regressed again: no alarm.
  const calm = confirm(first, rerun, rerunOf(rerun.cases, [1, 1]), options);
  assertEquals([calm.verdicts.regressed, exitOfComparison(calm)], [0, 0]);
});

Deno.test("inside one run both sides are played again, a base that several share once", () => {
  const cases = [1, 2, 3].map((size, index) => caseOf(index, { size }));
  const run = runOf(cases, cases.flatMap((one, i) => trialsOf(one, [1, 1.5, 2][i] ?? 1)));
  const first = compareWithin(run, "size", { metrics: METRICS, tolerance: 0.05 });
  const options = optionsOf(run, run);
  const rerun = planRerun(first, options);
  assertEquals(rerun?.cases.map(({ index }) => index), [0, 1, 2]);
  assertEquals(rerun?.pairs.map((one) => [one.base, one.candidate]), [[0, 1], [0, 2]]);
  if (rerun === null) return;
  // This time the machine is twice as slow for all of them: that is in both sides.
  const second = confirm(first, rerun, rerunOf(rerun.cases, [2, 2, 4]), options);
  assertEquals(second.rows.map(({ verdict }) => verdict), ["inconclusive", "regressed"]);
  assertEquals(second.rows[0]?.again?.ratio, 1);
});

Deno.test("two runs with other settings are both played again, with the code that is here", () => {
  const [before, after] = [caseOf(0), caseOf(0, {}, { params: { channel: "unix" } })];
  const base = runOf([before], trialsOf(before, 1));
  const candidate = runOf([after], trialsOf(after, 1.5));
  const options = { ...optionsOf(base, candidate), anyway: true };
  const rerun = planRerun(twoRuns(base, candidate, true), options);
  assertEquals(rerun?.pairs.map((one) => [one.base, one.candidate]), [[0, 1]]);
});

Deno.test("a re-run that was cut short, or in which trials fail, confirms what it has", () => {
  const one = caseOf(0);
  const base = runOf([one], trialsOf(one, 1));
  const candidate = runOf([one], trialsOf(one, 1).map((t, i) => i === 0 ? failedTrial(t) : t));
  const options = optionsOf(base, candidate);
  const first = twoRuns(base, candidate);
  const rerun = planRerun(first, options);
  assertEquals(rerun?.metrics, ["failed_ratio"]);
  if (rerun === null) return;
  assertEquals(confirm(first, rerun, runOf([one], []), options).verdicts.regressed, 0);
  assertEquals(confirm(first, rerun, candidate, options).verdicts.regressed, 1);
});
