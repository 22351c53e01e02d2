import { adviceText } from "../report/buffer_size_advice.ts";
import type { Comparison } from "./comparison.ts";
import type { ComparisonRow } from "./comparison_row.ts";
import { codeCell } from "./escape_markdown.ts";
import { closingText, legendText, pText, ratioText, sideText, verdictText } from "./row_text.ts";

/** The same rows to the front, those that need no look folded away. */
const NOTEWORTHY: ReadonlySet<string> = new Set(["regressed", "improved", "inconclusive"]);

/**
 * The comparison for a pull request: what it comes to, the rows that say something, and the rest folded
 * away. Names come from files and are escaped, see `escape_markdown.ts`.
 */
export function renderMarkdown(comparison: Comparison): string {
  const { rows, base, candidate, by, unmatched, warnings, buffer_size_advice } = comparison;
  const shown = rows.filter(({ verdict }) => NOTEWORTHY.has(verdict));
  const same = rows.filter(({ verdict }) => !NOTEWORTHY.has(verdict));
  const runs = by === null
    ? `${codeCell(base.run)} against ${codeCell(candidate.run)}`
    : `${codeCell(base.run)} by ${codeCell(by)}`;
  return [
    `**${closingText(comparison)}**`,
    "",
    `Migrations of ${runs}`,
    ...(shown.length === 0 ? [] : ["", ...tableLines(shown)]),
    ...(same.length === 0 ? [] : folded(`${same.length} same`, tableLines(same))),
    ...(buffer_size_advice.length === 0
      ? []
      : ["", ...buffer_size_advice.map((one) => `* ${codeCell(adviceText(one))}`)]),
    ...(warnings.length === 0 ? [] : ["", ...warnings.map((text) => `* ${codeCell(text)}`)]),
    ...(unmatched.length === 0 ? [] : folded(
      `${unmatched.length} not compared`,
      unmatched.map((one) => `* ${codeCell(`${one.case} (${one.run}): ${one.reason}`)}`),
    )),
    ...[legendText(comparison)].filter((text) => text !== "").flatMap((text) => ["", text]),
  ].join("\n");
}

function tableLines(rows: readonly ComparisonRow[]): string[] {
  return [
    "| case | metric | base | candidate | ratio | p | verdict |",
    "|---|---|---:|---:|---:|---:|---|",
    ...rows.map((row) => {
      const { verdict } = row;
      const word = verdict === "regressed" || verdict === "improved"
        ? `**${verdictText(row)}**`
        : verdictText(row);
      const cells = [
        codeCell(row.case),
        codeCell(row.metric),
        sideText(row.metric, row.base),
        sideText(row.metric, row.candidate),
        ratioText(row),
        pText(row).replace("<", "&lt;"),
        word,
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ];
}

/** GitHub reads Markdown inside of it only after an empty line. */
function folded(title: string, lines: readonly string[]): string[] {
  return ["", "<details>", `<summary>${title}</summary>`, "", ...lines, "", "</details>"];
}
