import { bold, getColorEnabled, setColorEnabled } from "@std/fmt/colors";
import { formatRate, formatSize } from "../scenario/mod.ts";
import type { CeilingDocument } from "./ceiling_document.ts";
import type { CeilingRow } from "./ceiling_rows.ts";
import { RIVAL_NAMES, type RivalName } from "./point.ts";

const GAP = "  ";

/** The ratios as a table: a row for each channel and size, a column for each rival. */
export function renderCeiling(
  { ceiling, not_compared, failed }: Pick<CeilingDocument, "ceiling" | "not_compared" | "failed">,
  color: boolean,
): string {
  const wasEnabled = getColorEnabled();
  setColorEnabled(color);
  try {
    return [
      ...(ceiling.length === 0 ? [] : tableLines(ceiling)),
      ...(ceiling.length === 0 ? [] : ["", MEANING]),
      ...not_compared.map((one) => `Not compared with ${one.against}: ${one.not_compared}`),
      ...failed.map((one) => `A trial failed (${one.case}): ${one.message}`),
    ].join("\n");
  } finally {
    setColorEnabled(wasEnabled);
  }
}

const MEANING =
  "The harness's throughput over the other's: medians of interleaved pairs, in brackets their 95 % intervals.";

function tableLines(rows: readonly CeilingRow[]): string[] {
  const rivals = RIVAL_NAMES.filter((name) => rows.some(({ against }) => against === name));
  const points = Map.groupBy(rows, ({ channel, buffer_size }) => `${channel} ${buffer_size}`);
  const header = ["channel", "buffer", "harness", ...rivals.map((name) => `/ ${name}`)];
  const lines = [...points.values()].map((ofPoint) => pointLine(ofPoint, rivals));
  const widths = header.map((title, at) =>
    Math.max(title.length, ...lines.map((line) => line[at]?.length ?? 0))
  );
  const text = (cells: readonly string[]) =>
    cells.map((cell, at) =>
      at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)
    )
      .join(GAP).trimEnd();
  return [bold(text(header)), ...lines.map(text)];
}

function pointLine(rows: readonly CeilingRow[], rivals: readonly RivalName[]): string[] {
  const [first] = rows;
  if (first === undefined) return [];
  return [
    first.channel,
    formatSize(first.buffer_size),
    formatRate(first.ours_bytes_per_s),
    ...rivals.map((name) => {
      const row = rows.find(({ against }) => against === name);
      return row === undefined ? "" : ratioText(row);
    }),
  ];
}

/** `0.97 [0.95, 0.99]`; from 10 on with one digit. */
export function ratioText({ ratio, ci95: [low, high] }: CeilingRow): string {
  const text = (value: number) => value.toFixed(value < 10 ? 2 : 1);
  return `${text(ratio)} [${text(low)}, ${text(high)}]`;
}
