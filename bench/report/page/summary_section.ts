import { isUnverifiable } from "../../trial/is_good.ts";
import type { CaseResult, ExpectationResult } from "../mod.ts";
import { CASE_COLUMNS } from "../case_cells.ts";
import { failureText } from "../failure_text.ts";
import { hasRealDevices, UNKNOWN_OF_REAL, verifiedText } from "../verified_text.ts";
import { hypertext, type Markup } from "./markup.ts";
import { numberText as plainText } from "../number_text.ts";
import { fullName, type PageRow, type ScenarioRows } from "./page_rows.ts";
import type { PageRun } from "./page_run.ts";
import { type Cell, dataTable, number, numberText, words } from "./parts.ts";

/** What was measured, what was expected, and where. */
export function summarySection(
  runs: readonly PageRun[],
  scenarios: readonly ScenarioRows[],
): Markup {
  const rows = scenarios.flatMap((one) => one.rows);
  return hypertext`
    <section id="summary" aria-labelledby="summary-h"><h2 id="summary-h">Summary</h2>
    ${runs.map((run, at) => verdict(run, sideOf(at, runs)))}
    ${
    runs.map(({ document }, at) =>
      document.warnings.map((text) => hypertext`<p class="note">${sideOf(at, runs)}${text}</p>`)
    )
  }
    ${caseTable(rows)}
    <p class="note">Medians over the trials of a case; ± is half the width of the 95 % interval, or of the range where there are fewer than 6 trials. Read and write are microseconds per buffer.</p>
    ${errorList(rows)}
    ${expectationPart(runs)}
    ${environmentPart(runs)}
    </section>
  `;
}

/** Which of two runs it is, before a name; nothing where there is one. */
export function sideOf(at: number, runs: readonly unknown[]): string {
  return runs.length < 2 ? "" : at === 0 ? "A: " : "B: ";
}

/** What can be said of a run in a line or two. */
function verdict({ document, torn_lines }: PageRun, side: string): Markup {
  const missed = document.expectations.filter(({ met }) => !met).length;
  const lines = [outcomeText(document.cases)];
  if (hasRealDevices(document.cases)) lines.push(...UNKNOWN_OF_REAL);
  if (document.expectations.length > 0) {
    const all = document.expectations.length;
    lines.push(
      missed === 0
        ? `All ${all} expectations are met.`
        : `${missed} of ${all} expectations are missed.`,
    );
  }
  if (!document.complete) {
    lines.push(
      "Interrupted: not all trials were played, and nothing is held against expectations.",
    );
  }
  if (torn_lines > 0) {
    lines.push("The trial that was being written when the run was killed is left out.");
  }
  const bad = missed > 0 || !document.complete;
  return hypertext`<p class="verdict${bad && " bad"}">${side}${lines.join(" ")}</p>`;
}

/** How many trials failed, or what was verified where none did. */
function outcomeText(cases: readonly CaseResult[]): string {
  const count = (of: (one: CaseResult) => number) => cases.reduce((sum, one) => sum + of(one), 0);
  const trials = count((one) => one.trials);
  const failed = count((one) => one.failed);
  if (trials === 0) return "No trial was played.";
  if (failed === 0) return verifiedText(cases);
  const isVerified = trials > failed && cases.every((one) => !isUnverifiable(one.verified_by));
  return `${failed} of ${trials} trials failed; they are in no number${
    isVerified ? ". In all others the state was verified" : ""
  }.`;
}

function caseTable(rows: readonly PageRow[]): Markup {
  const texts = CASE_COLUMNS.map((column) => rows.map(({ result }) => column.cell(result)));
  const shown = [...CASE_COLUMNS.keys()].filter((at) => texts[at]?.some((text) => text !== ""));
  return dataTable(
    "What every case measured",
    ["case", ...shown.map((at) => CASE_COLUMNS[at]?.title ?? "")],
    rows.map((row, i) => [
      words(fullName(row)),
      ...shown.map((at) => numberText(texts[at]?.[i] ?? "")),
    ]),
  );
}

/** Why trials failed: trials that failed alike are one line. */
function errorList(rows: readonly PageRow[]): Markup | null {
  const lines = rows.flatMap((row) => {
    const { errors, failed } = row.result;
    const alike = Map.groupBy(errors, failureText);
    const silent = failed - errors.length;
    return [
      ...[...alike].map(([text, of]) =>
        `trial ${numberList(of.map(({ trial }) => trial))}: ${text}`
      ),
      ...(silent > 0 ? [`${silent} failed without saying why`] : []),
    ].map((text) => hypertext`<li><b>${fullName(row)}</b>, ${text}</li>`);
  });
  return lines.length === 0 ? null : hypertext`
    <h3>Failed trials</h3>
    <ul class="errors">${lines}</ul>
  `;
}

const MOST_NUMBERS = 12;

function numberList(numbers: readonly number[]): string {
  const rest = numbers.length - MOST_NUMBERS;
  const first = numbers.slice(0, MOST_NUMBERS).join(", ");
  return rest > 0 ? `${first} and ${rest} more` : first;
}

function expectationPart(runs: readonly PageRun[]): Markup | null {
  const rows = runs.flatMap(({ document }, at) =>
    document.expectations.map((one): Cell[] => [
      words(`${sideOf(at, runs)}${expectationName(one)}`),
      words(one.met ? "met" : "MISSED"),
      words(one.metric),
      one.actual === null ? words("not measured") : number(one.actual, plainText),
      words(limitsText(one)),
      words(one.basis),
    ])
  );
  if (rows.length === 0) return null;
  return hypertext`
    <h3>Expectations</h3>${
    dataTable(
      "What the scenarios expect of themselves, and what came of it",
      ["case", "", "metric", "is", "should be", "basis"],
      rows,
    )
  }<p
      class="note">published: measured by others. fitted: the model was made to give it. predicted: published too, but nothing was fitted on it. rules: it follows from the rules.</p>
  `;
}

/** The case of an expectation, and the one it is relative to. */
export function expectationName({ scenario, case: point, relative_to }: ExpectationResult): string {
  const own = `${scenario} ${pointText(point)}`.trimEnd();
  return relative_to === undefined ? own : `${own} / ${pointText(relative_to)}`;
}

function pointText(point: Readonly<Record<string, unknown>>): string {
  return Object.entries(point).map(([key, value]) => `${key}=${value}`).join(" ");
}

/** What was expected, as the terminal's table says it. */
export function limitsText({ min, max, reason }: ExpectationResult): string {
  const limits = max >= Number.MAX_VALUE
    ? `at least ${plainText(min)}`
    : min === max
    ? plainText(min)
    : `${plainText(min)} to ${plainText(max)}`;
  return reason === undefined ? limits : `${limits}, because "${reason}"`;
}

function environmentPart(runs: readonly PageRun[]): Markup {
  const columns = runs.map((run) => new Map(environmentEntries(run)));
  const keys = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  const head = runs.length < 2 ? [""] : ["A", "B"];
  const differs = (key: string) => runs.length > 1 && columns[0]?.get(key) !== columns[1]?.get(key);
  const rows = keys.map((key) => [
    words(key),
    ...columns.map((column) => words(column.get(key) ?? "")),
    ...(runs.length > 1 ? [words(differs(key) ? "differs" : "")] : []),
  ]);
  return hypertext`<details><summary>Environment</summary>${
    dataTable("Where and when it was played", ["", ...head, ...(runs.length > 1 ? [""] : [])], rows)
  }</details>`;
}

function environmentEntries({ name, meta, document }: PageRun): [string, string][] {
  return [
    ["run", name],
    ["started", meta.started_at],
    ["finished", meta.finished_at ?? "not"],
    ["seed", String(meta.seed)],
    ...(document.environment === null
      ? [
        ["machine", "all on the virtual clock: the same on every machine"] satisfies [
          string,
          string,
        ],
      ]
      : flatEntries(document.environment)),
  ];
}

/** The leaves of an object, by their own keys. */
function flatEntries(value: unknown): [string, string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]): [string, string][] =>
    typeof one === "object" && one !== null ? flatEntries(one) : [[key, String(one ?? "unknown")]]
  );
}
