import { assert, assertEquals } from "@std/assert";
import { EXIT } from "../exit_code.ts";
import type { TrialRecord } from "../trial/record.ts";
import { compareRuns, compareWithin, type NamedRun } from "./compare_runs.ts";
import { type Comparison, countVerdicts, exitOfComparison } from "./comparison.ts";
import type { ComparisonRow } from "./comparison_row.ts";
import { ComparisonSchema } from "./comparison_schema.ts";
import { DEFAULT_METRICS } from "./metric.ts";
import { caseOf, failedTrial, runOf, trialOf, trialsOf } from "./testdata/synthetic.ts";

const OPTIONS = { metrics: DEFAULT_METRICS, tolerance: 0.05 };
const CASES = [caseOf(0, { a: 1 }), caseOf(1, { a: 2 })];

function compared(base: NamedRun, candidate: NamedRun): Comparison {
  const comparison = compareRuns(base, candidate, { ...OPTIONS, anyway: false });
  if (typeof comparison === "string") throw new Error(comparison);
  return comparison;
}

/** Both cases, so many times as slow. */
function run(times: readonly [number, number], count = 12): NamedRun {
  return runOf(CASES, CASES.flatMap((one, i) => trialsOf(one, times[i] ?? 1, count)));
}

function withVerdicts(...verdicts: ComparisonRow["verdict"][]): Comparison {
  const comparison = compared(run([1, 1]), run([1, 1]));
  const [row] = comparison.rows;
  assert(row !== undefined);
  const rows = verdicts.map((verdict) => ({ ...row, verdict }));
  return { ...comparison, rows, verdicts: countVerdicts(rows) };
}

Deno.test("the exit code: one regression counts, then whether anything could be said at all", () => {
  assertEquals(exitOfComparison(withVerdicts("same", "regressed", "inconclusive")), EXIT.REGRESSED);
  assertEquals(exitOfComparison(withVerdicts("same", "improved")), EXIT.FINE);
  assertEquals(exitOfComparison(withVerdicts("same", "inconclusive")), EXIT.FINE);
  assertEquals(exitOfComparison(withVerdicts("inconclusive", "inconclusive")), EXIT.INCONCLUSIVE);
  assertEquals(exitOfComparison(withVerdicts()), EXIT.INCONCLUSIVE);
});

Deno.test("every document fits its schema, also after JSON", () => {
  const zero = (trial: TrialRecord) => trialOf(caseOf(0), trial.trial, { downtime_ms: 0 });
  const virtual = caseOf(0, {}, { clock: "virtual" });
  const documents = [
    compared(run([1, 1]), run([1.5, 0.5])),
    compared(run([1, 1], 2), run([1, 2], 1)),
    compared(
      run([1, 1]),
      runOf([caseOf(0, { a: 1 })], trialsOf(caseOf(0), 1), { complete: false }),
    ),
    compared(
      runOf([caseOf(0)], trialsOf(caseOf(0), 1).map(zero)),
      runOf([caseOf(0)], trialsOf(caseOf(0), 1)),
    ),
    compared(runOf([virtual], trialsOf(virtual, 1)), runOf([virtual], trialsOf(virtual, 1.1))),
    compared(
      runOf([virtual], trialsOf(virtual, 1)),
      runOf([virtual], trialsOf(virtual, 1).map(failedTrial)),
    ),
    compareWithin(run([1, 2]), "a", OPTIONS),
    withVerdicts(),
  ];
  for (const document of documents) {
    assertEquals(ComparisonSchema.parse(JSON.parse(JSON.stringify(document))), document);
  }
});

Deno.test("the schema refuses what is not of the format", () => {
  const document = compared(run([1, 1]), run([1, 1]));
  const wrong: unknown[] = [
    { ...document, more: 1 },
    { ...document, schema: "vfio-migbench/comparison@2" },
    { ...document, rows: [] },
    { ...document, rows: document.rows.map((row) => ({ ...row, p: 2 })) },
    { ...document, rows: document.rows.map((row) => ({ ...row, ratio: Infinity })) },
    { ...document, rows: document.rows.map((row) => ({ ...row, verdict: "worse" })) },
  ];
  for (const one of wrong) assertEquals(ComparisonSchema.safeParse(one).success, false);
});

Deno.test("an incomplete run is compared, with a warning", () => {
  const base = { ...runOf(CASES, run([1, 1]).trials, { complete: false }), run: "half\n" };
  const { warnings, rows } = compared(base, run([1, 1]));
  assertEquals(warnings, ["half\ufffd is not complete: what it has is compared"]);
  assertEquals(rows.length, 4);
  assertEquals(compareWithin(base, "a", OPTIONS).warnings.length, 1);
});

Deno.test("cases that only one run has are listed", () => {
  const { unmatched } = compared(run([1, 1]), runOf(CASES.slice(1), trialsOf(caseOf(1), 1)));
  assertEquals(unmatched, [{ run: "base", case: "s a=1", reason: "not in the candidate" }]);
});

Deno.test("inside a run everything of a machine is shared, and only buffer_size has advice", () => {
  const { rows, buffer_size_advice } = compareWithin(run([1, 2]), "a", OPTIONS);
  assertEquals(rows.map(({ case: name, verdict, paired }) => [name, verdict, paired]), [
    ["s a=1 -> 2", "regressed", true],
    ["s a=1 -> 2", "regressed", true],
  ]);
  assertEquals(buffer_size_advice, []);
  const sizes = [4096, 8192].map((buffer_size, i) => caseOf(i, { buffer_size }));
  const varied = runOf(sizes, sizes.flatMap((one, i) => trialsOf(one, 2 - i)));
  const [advice] = compareWithin(varied, "buffer_size", OPTIONS).buffer_size_advice;
  assertEquals(advice?.smallest_buffer_size_bytes, 8192);
});

Deno.test("the same runs give the same document", () => {
  const once = compared(run([1, 1]), run([1.03, 1.2]));
  assertEquals(compared(run([1, 1]), run([1.03, 1.2])), once);
});
