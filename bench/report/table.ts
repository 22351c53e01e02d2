import { bold, dim, getColorEnabled, red, setColorEnabled } from "@std/fmt/colors";
import type { EstimateSummary, Summary } from "../measure/mod.ts";
import { adviceText } from "./buffer_size_advice.ts";
import { plainStrings } from "./case_text.ts";
import { CASE_COLUMNS } from "./case_cells.ts";
import { type ExpectationResult, expectsFailure } from "./check_expectations.ts";
import { failureText } from "./failure_text.ts";
import { bytesText, numberText, percentText } from "./number_text.ts";
import { scalingText } from "./scaling_advice.ts";
import type { CaseResult, ResultDocument } from "./result_document.ts";
import { hasRealDevices, UNKNOWN_OF_REAL, verifiedText } from "./verified_text.ts";

export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
}

const GAP = "  ";

/**
 * The result as a table: a row for each case, a column for each metric that any case has. A cell is the
 * median and half the width of its 95 % interval. Where the terminal is narrow, columns are left out: the
 * one most `dispensable` first.
 */
export function renderTable(document: ResultDocument, { width, color }: TableOptions): string {
  const result = plainStrings(document);
  const wasEnabled = getColorEnabled();
  setColorEnabled(color);
  try {
    return [
      ...caseLines(result, width),
      ...adviceLines(result),
      ...estimateLines(result),
      ...expectationLines(result),
      ...closingLines(result),
    ].join("\n");
  } finally {
    setColorEnabled(wasEnabled);
  }
}

function caseLines({ cases, expectations }: ResultDocument, width: number): string[] {
  const names = cases.map((one) => rowName(one, cases));
  const cells = CASE_COLUMNS.map((column) => cases.map((one) => column.cell(one)));
  const nameWidth = Math.max(4, ...names.map((name) => name.length));
  const shown = fittingColumns(cells, width - nameWidth);
  const widths = shown.map((at) => columnWidth(CASE_COLUMNS[at]?.title ?? "", cells[at] ?? []));
  const line = (name: string, texts: readonly string[]) =>
    [name.padEnd(nameWidth), ...texts.map((text, i) => text.padStart(widths[i] ?? 0))]
      .join(GAP).trimEnd();
  return [
    bold(line("case", shown.map((at) => CASE_COLUMNS[at]?.title ?? ""))),
    ...names.map((name, row) => {
      const text = line(name, shown.map((at) => cells[at]?.[row] ?? ""));
      const one = cases[row];
      if (one === undefined || one.failed === 0) return text;
      return expectsFailure(expectations, one) ? dim(text) : red(text);
    }),
  ];
}

/** The columns that have something to say and fit, by their place. */
function fittingColumns(cells: readonly (readonly string[])[], width: number): number[] {
  let shown = [...CASE_COLUMNS.keys()].filter((at) =>
    cells[at]?.some((text) => text !== "") === true
  );
  const room = () =>
    shown.reduce(
      (sum, at) => sum + GAP.length + columnWidth(CASE_COLUMNS[at]?.title ?? "", cells[at] ?? []),
      0,
    );
  while (shown.length > 1 && room() > width) {
    const most = Math.max(...shown.map((at) => CASE_COLUMNS[at]?.dispensable ?? 0));
    shown = shown.filter((at) => CASE_COLUMNS[at]?.dispensable !== most);
  }
  return shown;
}

function columnWidth(title: string, texts: readonly string[]): number {
  return Math.max(title.length, ...texts.map((text) => text.length));
}

/** Which size of a buffer to take, where it varies; up to how many devices and channels it grows, where these do. */
function adviceLines({ buffer_size_advice, scaling_advice }: ResultDocument): string[] {
  const lines = [...buffer_size_advice.map(adviceText), ...scaling_advice.map(scalingText)];
  return lines.length === 0 ? [] : ["", ...lines];
}

/** How good the answers were, for the cases that are about that. */
function estimateLines({ cases }: ResultDocument): string[] {
  const shown = cases.filter(({ shows }) => shows === "estimates");
  const rows = shown.flatMap((one) => {
    let name = caseName(one);
    return Object.entries(one.devices).flatMap(([id, { estimates }]) =>
      Object.entries(KIND_NAMES).flatMap(([kind, kindName]) => {
        const summary = estimates[kind];
        if (summary === undefined || !isWorthShowing(kind, estimates)) return [];
        const row = [name, id, kindName, ...estimateCells(summary)];
        name = "";
        return [row];
      })
    );
  });
  if (rows.length === 0) return [];
  const header = ["case", "device", "answer", "asked", "exact", "over", "under", "no answer"];
  return ["", ...alignedRows([header, ...rows], 3)];
}

const KIND_NAMES: Readonly<Record<string, string>> = {
  precopy: "initial + dirty bytes",
  stop_copy: "stop_copy_length",
  stop_copy_less_precopied: "  less what was precopied",
};

/** What is left of a size after the precopied is only of interest where it is right and the size is not. */
function isWorthShowing(
  kind: string,
  { stop_copy, stop_copy_less_precopied }: Readonly<Record<string, EstimateSummary>>,
): boolean {
  if (kind !== "stop_copy_less_precopied") return true;
  return (stop_copy_less_precopied?.exact ?? 0) > 0 && stop_copy?.exact === 0;
}

function estimateCells(one: EstimateSummary): string[] {
  const part = (summary: Summary | null) =>
    summary === null ? "" : `${summary.n}: ${percentText(summary.median)}`;
  const phantom = one.phantom_bytes;
  const over = phantom === null ? part(one.over_ratio) : [
    part(one.over_ratio),
    `${phantom.n}: ${bytesText(phantom.median)} of nothing`,
  ].filter((text) => text !== "").join(", ");
  const count = (n: number) => n === 0 ? "" : String(n);
  return [
    String(one.queries),
    count(one.exact),
    over,
    part(one.under_ratio),
    count(one.no_answer),
  ];
}

/** What was expected, and what came. */
function expectationLines({ expectations }: ResultDocument): string[] {
  if (expectations.length === 0) return [];
  const rows = expectations.map((one) => [
    one.met ? "met" : "MISSED",
    expectationName(one),
    one.metric,
    one.actual === null ? "not measured" : numberText(one.actual),
    `${limitsText(one)}${one.reason === undefined ? "" : `, because "${one.reason}"`}`,
    one.basis,
  ]);
  const header = ["expected", "case", "metric", "is", "should be", "basis"];
  const lines = alignedRows([header, ...rows], 6);
  return [
    "",
    bold(lines[0] ?? ""),
    ...lines.slice(1).map((line, at) => expectations[at]?.met === true ? line : red(line)),
  ];
}

function expectationName({ scenario, case: point, relative_to }: ExpectationResult): string {
  const name = (of: Readonly<Record<string, unknown>>) =>
    Object.entries(of).map(([key, value]) => `${key}=${value}`).join(" ");
  const own = `${scenario} ${name(point)}`.trimEnd();
  return relative_to === undefined ? own : `${own} / ${name(relative_to)}`;
}

function limitsText({ min, max }: ExpectationResult): string {
  if (max >= Number.MAX_VALUE) return `at least ${numberText(min)}`;
  return min === max ? numberText(min) : `${numberText(min)} to ${numberText(max)}`;
}

/** Rows in columns; the first so many are words and stand left, the others are numbers and stand right. */
function alignedRows(rows: readonly (readonly string[])[], words: number): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0))
  );
  return rows.map((row) =>
    row.map((text, at) =>
      at < words ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0)
    )
      .join(GAP).trimEnd()
  );
}

function closingLines({ cases, complete, expectations }: ResultDocument): string[] {
  const lines: string[] = [];
  const trials = cases.reduce((sum, one) => sum + one.trials, 0);
  const failed = cases.reduce((sum, one) => sum + one.failed, 0);
  const isExpected = (one: CaseResult) => expectsFailure(expectations, one);
  const expected = cases.filter(isExpected).reduce((sum, one) => sum + one.failed, 0);
  if (failed > 0) {
    const asExpected = expected === 0
      ? ""
      : expected === failed
      ? ", as expected"
      : `, ${expected} of them as expected`;
    lines.push(`${failed} of ${trials} trials failed${asExpected}; they are in no number above.`);
  } else if (trials > 0) {
    lines.push(dim(verifiedText(cases)));
  }
  if (cases.some((one) => one.trials - one.failed > 1)) lines.push(dim(legend(cases)));
  lines.push(...outlierLines(cases).map(dim));
  if (hasRealDevices(cases)) lines.push(...UNKNOWN_OF_REAL.map(dim));
  for (const one of cases) {
    const mark = isExpected(one) ? dim : red;
    const distinct = Map.groupBy(one.errors, failureText);
    for (const [text, errors] of distinct) {
      const trialNumbers = errors.map((error) => error.trial).join(", ");
      lines.push(mark(`${caseName(one)}, trial ${trialNumbers}: ${text}`));
    }
    const silent = one.failed - one.errors.length;
    if (silent > 0) lines.push(red(`${caseName(one)}: ${silent} failed without saying why`));
  }
  lines.push(...cases.flatMap(injectedLines).map(dim));
  if (!complete) lines.push(bold("Interrupted: not all trials were played."));
  return lines;
}

/** How many numbers of outliers a line names. */
const MOST_NAMED = 5;

/** Trials that are marked and kept. */
function outlierLines(cases: readonly CaseResult[]): string[] {
  return cases.flatMap((one) => {
    const marked = Object.entries(one.outliers).map(([metric, trials]) => {
      const named = trials.slice(0, MOST_NAMED).join(", ");
      return `${metric} of trial ${named}${
        trials.length > MOST_NAMED ? ", ..." : ""
      } (${trials.length} of ${one.trials})`;
    });
    return marked.length === 0
      ? []
      : [`${caseName(one)}: outliers, marked and kept: ${marked.join("; ")}`];
  });
}

/** Fewer than 6 values have no 95 % interval of the median: theirs is the whole range. */
function legend(cases: readonly CaseResult[]): string {
  const good = cases.map(({ trials, failed }) => trials - failed).filter((n) => n > 0);
  const interval = good.every((n) => n >= 6)
    ? "the 95 % interval"
    : good.every((n) => n < 6)
    ? "the range"
    : "the 95 % interval, or the range of fewer than 6 trials";
  const buffers = cases.some((one) => "read_us" in one.metrics)
    ? "; read and write in us per buffer"
    : "";
  return `Medians, ± half ${interval}${buffers}.`;
}

/** What the fault plan did, so that nobody takes for a finding what was asked for. */
function injectedLines(one: CaseResult): string[] {
  return (one.injected ?? []).map(({ what, trials }) =>
    trials === 0
      ? `${caseName(one)}: never injected, its moment did not come: ${what}`
      : `${caseName(one)}: injected into ${trials} of ${one.trials} trials: ${what}`
  );
}

function caseName({ scenario, label }: CaseResult): string {
  return label === "" ? scenario : `${scenario} ${label}`;
}

/** With the clock where a scenario was played on both. */
function rowName(one: CaseResult, cases: readonly CaseResult[]): string {
  const name = caseName(one);
  const isOther = (other: CaseResult) => other.clock !== one.clock && caseName(other) === name;
  return cases.some(isOther) ? `${name} (${one.clock})` : name;
}
