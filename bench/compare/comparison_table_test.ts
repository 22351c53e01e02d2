import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { compareRuns, compareWithin } from "./compare_runs.ts";
import type { Comparison } from "./comparison.ts";
import { renderComparison } from "./comparison_table.ts";
import { renderMarkdown } from "./markdown.ts";
import { ratioText, verdictText } from "./row_text.ts";
import { caseOf, runOf, trialOf, trialsOf } from "./testdata/synthetic.ts";

const OPTIONS = { metrics: ["downtime_ms"], tolerance: 0.05 };
const PLAIN = { width: 200, color: false };
const HOSTILE =
  "a|b`<img src=x onerror=alert(1)> [x](http://evil) @root **_w_** \\| www.evil.com\n# h\x1b[31m";

function compare(times: readonly number[], count = 12, label = "a"): Comparison {
  const cases = times.map((_, i) => caseOf(i, { [label]: i }));
  const runs = [cases.map(() => 1), times].map((factors) =>
    runOf(cases, cases.flatMap((one, i) => trialsOf(one, factors[i] ?? 1, count)))
  );
  const [base, candidate] = runs;
  assert(base !== undefined && candidate !== undefined);
  const comparison = compareRuns(base, candidate, { ...OPTIONS, anyway: false });
  if (typeof comparison === "string") throw new Error(comparison);
  return comparison;
}

Deno.test("a row for each case and metric, with medians, ratio, interval, p and verdict", () => {
  const [head = "", first = "", second = ""] = renderComparison(compare([1.5, 1]), PLAIN).split(
    "\n",
  );
  assertMatch(head, /^case +metric +base +candidate +ratio +p +verdict$/);
  assertMatch(
    first,
    /^s a=0 +downtime_ms +100 ms ±\d\.\d% +150 ms ±\d\.\d% +1\.500 \[1\.4\d\d, 1\.5\d\d\] +<0\.001 +regressed$/,
  );
  assertMatch(second, /1\.000 \[.*\] +1\.000 +same$/);
});

Deno.test("the closing line counts, and says what to do", () => {
  const closing = (comparison: Comparison) =>
    renderComparison(comparison, PLAIN).split("\n").at(-1) ?? "";
  assertMatch(
    closing(compare([1.5, 1])),
    /^1 regressed, 0 improved, 1 same, 0 inconclusive\. Play both/,
  );
  assertMatch(closing(compare([1, 1])), /^0 regressed, .* Nothing got worse\.$/);
  assertMatch(closing(compare([1, 1], 3)), /2 inconclusive\. .* --trials 6 or more\.$/);
  assertEquals(closing({ ...compare([1]), rows: [] }), "Nothing was compared.");
});

Deno.test("a narrow terminal loses the medians first, then p, never the verdict", () => {
  const lines = (width: number) =>
    renderComparison(compare([1.5]), { width, color: false }).split("\n");
  assertMatch(lines(70)[0] ?? "", /^case +metric +ratio +p +verdict$/);
  assertMatch(lines(20)[0] ?? "", /^case +metric +ratio +verdict$/);
});

Deno.test("colour only where it is wanted", () => {
  const colored = renderComparison(compare([1.5]), { width: 200, color: true });
  // NO_COLOR overrules whatever asks for it.
  assertEquals(colored.includes("\x1b[31m"), !Deno.noColor);
  assertEquals(renderComparison(compare([1.5]), PLAIN).includes("\x1b"), false);
});

Deno.test("unmatched cases are listed, many of them in short", () => {
  const unmatched = Array.from({ length: 12 }, (_, i) => ({
    run: "base" as const,
    case: `c${i}\x1b[2J`,
    reason: "not in the candidate",
  }));
  const text = renderComparison({ ...compare([1]), unmatched }, PLAIN);
  assertStringIncludes(text, "not compared: c0\ufffd[2J (base): not in the candidate");
  assertStringIncludes(text, "and 2 more");
});

Deno.test("the advice on buffer sizes stands below the table", () => {
  const cases = [4096, 65536].map((buffer_size, i) => caseOf(i, { buffer_size }));
  const run = runOf(cases, cases.flatMap((one, i) => trialsOf(one, 2 - i)));
  const comparison = compareWithin(run, "buffer_size", OPTIONS);
  for (const text of [renderComparison(comparison, PLAIN), renderMarkdown(comparison)]) {
    assertMatch(text, /s channel=ring: buffer_size=64KiB is the best/);
  }
});

Deno.test("the smallest change of the virtual clock is seen", () => {
  const one = caseOf(0, {}, { clock: "virtual" });
  const run = (downtime_ms: number) => runOf([one], [trialOf(one, 0, { downtime_ms })]);
  const comparison = compareRuns(run(100), run(100.0002), { ...OPTIONS, anyway: false });
  assert(typeof comparison !== "string");
  const [row] = comparison.rows;
  assert(row !== undefined);
  assertEquals(ratioText(row), "1.0000020");
  assertEquals(ratioText({ ...row, ratio: 1 }), "1.000");
  assertEquals(ratioText({ ...row, ratio: null }), "inf");
});

Deno.test("trials that changed but make up for each other are told", () => {
  const [row] = compare([1]).rows;
  assert(row !== undefined);
  assertEquals(verdictText({ ...row, verdict: "same", changed: 2 }), "same (but 2 trials changed)");
  assertEquals(verdictText({ ...row, verdict: "same", changed: 0 }), "same");
});

Deno.test("Markdown has the noteworthy rows in a table and folds the rest away", () => {
  const text = renderMarkdown(compare([1.5, 1]));
  assertMatch(text, /^\*\*1 regressed, 0 improved, 1 same, 0 inconclusive\./);
  const [shown = "", rest = ""] = text.split("<details>");
  assertMatch(
    shown,
    /\n\| <code>s a=0<\/code> \| <code>downtime_ms<\/code> \| .* \| \*\*regressed\*\* \|\n/,
  );
  assertMatch(rest, /<summary>1 same<\/summary>\n\n\| case .*\n\|---.*\n\| <code>s a=1<\/code>/);
});

Deno.test("names from a file cannot leave their cell, be links, mentions or HTML, in any place of Markdown", () => {
  const comparison = compare([1.5, 1, 1], 12, HOSTILE);
  const text = renderMarkdown({
    ...comparison,
    base: { ...comparison.base, run: HOSTILE },
    rows: comparison.rows.map((row) => ({ ...row, metric: HOSTILE })),
    warnings: [HOSTILE],
    unmatched: [{ run: "base", case: HOSTILE, reason: HOSTILE }],
  });
  for (
    const dangerous of [
      "<img",
      "`",
      "[x]",
      "](",
      "http:",
      "@root",
      "**_w",
      "\\",
      "www.",
      "# h",
      "\x1b",
    ]
  ) {
    assertEquals(text.includes(dangerous), false, dangerous);
  }
  const rows = text.split("\n").filter((line) => line.startsWith("| <code>"));
  assertEquals(rows.length, 3);
  for (const row of rows) assertEquals(row.split("|").length, 9, row);
});
