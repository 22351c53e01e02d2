/** GitHub's own Markdown reads what is written for pull requests and CI pages, and has the same rows. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { compareRuns, compareWithin } from "./compare_runs.ts";
import type { Comparison } from "./comparison.ts";
import { renderMarkdown } from "./markdown.ts";
import { pText, ratioText, sideText, verdictText } from "./row_text.ts";
import { CMARK_GFM, markdownToHtml, plainCells, tablesOf } from "./testdata/markdown_reader.ts";
import { caseOf, runOf, trialsOf } from "./testdata/synthetic.ts";

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A test with GitHub's reader, where it is installed. */
function readerTest(name: string, fn: () => Promise<void>): void {
  const ignore = !isThere(CMARK_GFM);
  Deno.test({ name: ignore ? `${name} (ignored: there is no ${CMARK_GFM})` : name, ignore, fn });
}

function compare(name: string, times: number): Comparison {
  const cases = [1, 2].map((a, i) => caseOf(i, { a }, { scenario: name }));
  const [base, candidate] = [[1, 1], [times, 1]].map((factors) =>
    runOf(cases, cases.flatMap((one, i) => trialsOf(one, factors[i] ?? 1)))
  );
  const comparison = base && candidate &&
    compareRuns(base, candidate, { metrics: ["downtime_ms"], tolerance: 0.05, anyway: false });
  if (comparison === undefined || typeof comparison === "string") throw new Error(comparison);
  return comparison;
}

function cellsOf(row: Comparison["rows"][number]): string[] {
  const { metric } = row;
  return [
    row.case,
    metric,
    sideText(metric, row.base),
    sideText(metric, row.candidate),
    ratioText(row),
    pText(row),
    verdictText(row),
  ];
}

readerTest(
  "GitHub's Markdown has a table of what changed, and a folded one of what did not",
  async () => {
    const comparison = compare("s", 1.5);
    const html = await markdownToHtml(renderMarkdown(comparison));
    const [changed, same, ...more] = tablesOf(html);
    assertEquals(more, []);
    const rows = (verdict: string) =>
      comparison.rows.filter((row) => row.verdict === verdict).map(cellsOf);
    assertEquals(changed, rows("regressed"));
    assertEquals(same, rows("same"));
    assertStringIncludes(html, "<details>");
    assertStringIncludes(html, "<summary>1 same</summary>");
  },
);

readerTest("names that try to be Markdown or HTML are cells like others", async () => {
  const hostile = [
    "a|b",
    "<b>x</b>",
    "`|`",
    "\\|",
    "[x](http://e.org)",
    "**a** _b_ ~~c~~",
    "a\n|b|",
  ];
  for (const name of hostile) {
    const comparison = compare(name, 1.5);
    const html = await markdownToHtml(renderMarkdown(comparison));
    const [changed, same] = tablesOf(html);
    assertEquals(
      [changed, same],
      ["regressed", "same"].map((verdict) =>
        comparison.rows.filter((row) => row.verdict === verdict).map(cellsOf).map(plainCells)
      ),
    );
    assertEquals(html.match(/<(a|b|del|em)\b/), null, html);
  }
});

readerTest("so is a comparison inside one run", async () => {
  const cases = [1, 2, 3].map((a, i) => caseOf(i, { a }));
  const run = runOf(cases, cases.flatMap((one, i) => trialsOf(one, i + 1)));
  const options = { metrics: ["downtime_ms"], tolerance: 0.05 };
  const comparison = compareWithin(run, "a", options);
  const [table] = tablesOf(await markdownToHtml(renderMarkdown(comparison)));
  assertEquals(table, comparison.rows.map(cellsOf).map(plainCells));
});
