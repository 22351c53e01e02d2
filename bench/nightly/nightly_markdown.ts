import { codeCell, renderMarkdown } from "../compare/mod.ts";
import { CASE_COLUMNS, type CaseResult, expectsFailure } from "../report/mod.ts";
import { findingText } from "./against_history.ts";
import type { NightlyDocument } from "./nightly_document.ts";

/** A night for the page of a CI: what it comes to, the comparison, and all numbers folded away. */
export function nightlyMarkdown(document: NightlyDocument): string {
  const { run, result, comparison, not_compared, history } = document;
  const missed = result.expectations.filter(({ met }) => !met);
  const failing = result.cases.filter((one) =>
    one.failed > 0 && !expectsFailure(result.expectations, one)
  );
  return [
    `### Nightly ${codeCell(run.split("/").at(-1) ?? run)}`,
    "",
    ...(result.complete ? [] : ["**Interrupted: not all trials were played.**", ""]),
    ...failing.map((one) => `* **${one.failed} of ${one.trials} trials failed**: ${nameOf(one)}`),
    ...missed.map(({ scenario, metric, actual, min, max }) =>
      `* **expectation missed**: ${codeCell(`${scenario}: ${metric}`)} is ${
        actual ?? "not measured"
      }, should be ${min} to ${max}`
    ),
    ...(result.expectations.length > 0 && missed.length === 0
      ? [`* all ${result.expectations.length} expectations of the scenarios are met`]
      : []),
    ...history.map((one) => {
      const title = one.verdict === "regressed" ? "**history**" : "history (does not count)";
      return `* ${title}: ${codeCell(`${one.text}; ${findingText(one)}`)}`;
    }),
    "",
    comparison === null
      ? `No comparison: ${codeCell(not_compared ?? "interrupted")}`
      : renderMarkdown(comparison),
    "",
    "<details>",
    `<summary>All ${result.cases.length} cases</summary>`,
    "",
    `| case | ${CASE_COLUMNS.map(({ title }) => title).join(" | ")} |`,
    `|---|${CASE_COLUMNS.map(() => "---:").join("|")}|`,
    ...result.cases.map((one) =>
      `| ${nameOf(one)} | ${CASE_COLUMNS.map((column) => column.cell(one)).join(" | ")} |`
    ),
    "",
    "</details>",
  ].join("\n");
}

function nameOf({ scenario, label, clock }: CaseResult): string {
  const name = label === "" ? scenario : `${scenario} ${label}`;
  return codeCell(clock === "virtual" ? `${name} (virtual)` : name);
}
