import { bold, dim, getColorEnabled, green, red, setColorEnabled, yellow } from "@std/fmt/colors";
import type { VerdictWord } from "../measure/mod.ts";
import { adviceText } from "../report/buffer_size_advice.ts";
import { plainText } from "../report/case_text.ts";
import type { Comparison } from "./comparison.ts";
import type { ComparisonRow } from "./comparison_row.ts";
import { closingText, legendText, pText, ratioText, sideText, verdictText } from "./row_text.ts";

/** Where the table is shown. */
export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
}

interface Column {
  readonly title: string;
  /** The higher, the sooner it is left out where the terminal is narrow. */
  readonly dispensable: number;
  /** Words stand left, numbers right. */
  readonly isWords: boolean;
  cell(row: ComparisonRow): string;
}

const COLUMNS: readonly Column[] = [
  { title: "case", dispensable: 0, isWords: true, cell: (row) => plainText(row.case) },
  { title: "metric", dispensable: 0, isWords: true, cell: (row) => plainText(row.metric) },
  {
    title: "base",
    dispensable: 2,
    isWords: false,
    cell: (row) => sideText(row.metric, row.base),
  },
  {
    title: "candidate",
    dispensable: 2,
    isWords: false,
    cell: (row) => sideText(row.metric, row.candidate),
  },
  { title: "ratio", dispensable: 0, isWords: false, cell: ratioText },
  { title: "p", dispensable: 1, isWords: false, cell: pText },
  { title: "verdict", dispensable: 0, isWords: true, cell: verdictText },
];

const COLORS: Readonly<Record<VerdictWord, (text: string) => string>> = {
  regressed: red,
  improved: green,
  inconclusive: yellow,
  same: (text) => text,
};

const GAP = "  ";

/** So many unmatched cases are named; `--json` has them all. */
const MOST_UNMATCHED = 10;

/**
 * The comparison as a table: a row for each metric of each pair of cases, and what it comes to. Where the
 * terminal is narrow, columns are left out: the one most `dispensable` first.
 */
export function renderComparison(
  comparison: Comparison,
  { width, color }: TableOptions,
): string {
  const wasEnabled = getColorEnabled();
  setColorEnabled(color);
  try {
    return [
      ...rowLines(comparison.rows, width),
      ...adviceLines(comparison),
      ...unmatchedLines(comparison),
      "",
      ...[legendText(comparison)].filter((text) => text !== "").map(dim),
      bold(closingText(comparison)),
    ].join("\n");
  } finally {
    setColorEnabled(wasEnabled);
  }
}

function rowLines(rows: readonly ComparisonRow[], width: number): string[] {
  if (rows.length === 0) return [];
  const columns = COLUMNS.map((column) => {
    const cells = rows.map((row) => column.cell(row));
    const widest = Math.max(column.title.length, ...cells.map((cell) => cell.length));
    return { ...column, cells, widest };
  }).filter(({ cells }) => cells.some((cell) => cell !== ""));
  let shown = columns;
  const room = () => shown.reduce((sum, { widest }) => sum + widest + GAP.length, -GAP.length);
  for (const least of [2, 1]) {
    if (room() > width) shown = shown.filter(({ dispensable }) => dispensable < least);
  }
  const line = (textOf: (column: typeof columns[number]) => string) =>
    shown.map((column) =>
      column.isWords ? textOf(column).padEnd(column.widest) : textOf(column).padStart(column.widest)
    ).join(GAP).trimEnd();
  return [
    bold(line(({ title }) => title)),
    ...rows.map(({ verdict }, at) => COLORS[verdict](line(({ cells }) => cells[at] ?? ""))),
  ];
}

function adviceLines({ buffer_size_advice }: Comparison): string[] {
  return buffer_size_advice.length === 0 ? [] : ["", ...buffer_size_advice.map(adviceText)];
}

function unmatchedLines({ unmatched, by }: Comparison): string[] {
  if (unmatched.length === 0) return [];
  const shown = unmatched.slice(0, MOST_UNMATCHED).map((one) => {
    const side = by === null ? ` (${one.run})` : "";
    return `not compared: ${plainText(one.case)}${side}: ${plainText(one.reason)}`;
  });
  const more = unmatched.length - shown.length;
  return ["", ...shown, ...(more > 0 ? [`and ${more} more, all in --json`] : [])];
}
