/**
 * What was measured, in the formats of trackers that keep a series of it: one point for each case and metric.
 * Of two runs it is the candidate, inside one run both sides.
 *
 * @module
 */
import * as z from "zod";
import type { Comparison } from "./comparison.ts";
import type { ComparisonRow, Side } from "./comparison_row.ts";
import { type Better, metricUnit } from "./metric.ts";
import { ratioText, verdictText } from "./row_text.ts";

/** The formats, by the names that `--export` takes. */
export const EXPORT_FORMATS = ["github-action-benchmark", "bencher"] as const;

/** The name of a format. */
export type ExportFormat = typeof EXPORT_FORMATS[number];

/** A file of an export. */
export interface ExportFile {
  readonly name: string;
  readonly text: string;
}

/**
 * An array of github-action-benchmark's tools `customSmallerIsBetter` and `customBiggerIsBetter`: a name, a
 * number and its unit; `range` and `extra` are texts that it shows.
 */
export const GithubActionBenchmarkSchema = z.array(z.strictObject({
  name: z.string().min(1),
  unit: z.string().min(1),
  value: z.number(),
  range: z.string().exactOptional(),
  extra: z.string().exactOptional(),
})).min(1);

const BencherMetricSchema = z.strictObject({
  value: z.number(),
  lower_value: z.number().exactOptional(),
  upper_value: z.number().exactOptional(),
});

/** Bencher Metric Format: benchmark to measure to metric. Names have at most 1024 and 64 characters. */
export const BencherSchema = z.record(
  z.string().min(1).max(1024),
  z.record(z.string().min(1).max(64), BencherMetricSchema),
);

type GithubEntry = z.infer<typeof GithubActionBenchmarkSchema>[number];
type BencherMetric = z.infer<typeof BencherMetricSchema>;

/**
 * The files of an export. github-action-benchmark has one for each direction, and none where there is nothing:
 * it refuses an empty array.
 */
export function exportFiles(comparison: Comparison, format: ExportFormat): ExportFile[] {
  const points = pointsOf(comparison);
  if (points.length === 0) return [];
  if (format === "bencher") return [fileOf("bencher.json", bencherDocument(points))];
  return DIRECTIONS.flatMap(({ better, name }) => {
    const chosen = points.filter(({ row }) => row.better === better);
    return chosen.length === 0 ? [] : [fileOf(name, chosen.map(githubEntry))];
  });
}

const DIRECTIONS: readonly { readonly better: Better; readonly name: string }[] = [
  { better: "lower", name: "customSmallerIsBetter.json" },
  { better: "higher", name: "customBiggerIsBetter.json" },
];

interface Point {
  readonly row: ComparisonRow;
  readonly side: Side;
  /** Whether the row's ratio and verdict are about this side. */
  readonly isCandidate: boolean;
  /** Of the case; the nth of the same name has its number, for a tracker knows a series by its name. */
  readonly benchmark: string;
}

function pointsOf({ rows, by }: Comparison): Point[] {
  const seen = new Map<string, number>();
  const bases = new Set<string>();
  const points: Point[] = [];
  const add = (row: ComparisonRow, side: Side, isCandidate: boolean) => {
    const key = JSON.stringify([side.case, row.metric]);
    // Each base is in as many rows as there are values to compare it with.
    if (!isCandidate && bases.has(key)) return;
    if (!isCandidate) bases.add(key);
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    const suffix = nth === 1 ? "" : ` (${nth})`;
    const benchmark = `${side.case.slice(0, 1024 - suffix.length)}${suffix}`;
    points.push({ row, side, isCandidate, benchmark });
  };
  for (const row of rows) {
    if (by !== null) add(row, row.base, false);
    add(row, row.candidate, true);
  }
  return points;
}

function githubEntry({ row, side, isCandidate, benchmark }: Point): GithubEntry {
  const [low, high] = side.ci95;
  return {
    name: `${benchmark} ${row.metric}`,
    unit: metricUnit(row.metric),
    value: side.median,
    range: `± ${(high - low) / 2}`,
    extra: [
      `trials: ${side.trials}`,
      ...(isCandidate ? [`ratio: ${ratioText(row)}`, `verdict: ${verdictText(row)}`] : []),
    ].join("\n"),
  };
}

function bencherDocument(points: readonly Point[]): Record<string, Record<string, BencherMetric>> {
  const groups = Map.groupBy(points, ({ benchmark }) => benchmark);
  return Object.fromEntries(
    [...groups].map(([benchmark, ones]) => [
      benchmark,
      Object.fromEntries(ones.map(({ row, side: { median, ci95: [low, high] } }) => [
        // The last 64: a device's id is at the front, the metric and its unit at the end.
        row.metric.slice(-64),
        { value: median, lower_value: low, upper_value: high },
      ])),
    ]),
  );
}

function fileOf(name: string, content: unknown): ExportFile {
  return { name, text: `${JSON.stringify(content, null, 2)}\n` };
}
