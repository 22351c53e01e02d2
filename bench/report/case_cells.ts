import type { DurationSummary, Summary } from "../measure/mod.ts";
import { formatRate } from "../scenario/mod.ts";
import type { CaseResult } from "./result_document.ts";
import { bytesText, msText, threeDigits } from "./number_text.ts";

/** A column of the summary: what `deno task bench` prints, in the same words (a test holds them together). */
export interface CaseColumn {
  readonly title: string;
  /** The higher, the sooner it is left out where there is little room. */
  readonly dispensable: number;
  cell(one: CaseResult): string;
}

export const CASE_COLUMNS: readonly CaseColumn[] = [
  { title: "downtime", dispensable: 0, cell: (one) => withInterval(one, "downtime_ms", msText) },
  { title: "total", dispensable: 2, cell: (one) => withInterval(one, "total_time_ms", msText) },
  {
    title: "stop-copy",
    dispensable: 1,
    cell: (one) => withInterval(one, "throughput_stopcopy_bytes_per_s", formatRate),
  },
  {
    title: "precopy",
    dispensable: 3,
    cell: (one) => withInterval(one, "throughput_precopy_bytes_per_s", formatRate),
  },
  { title: "bytes", dispensable: 4, cell: (one) => medianText(one, "bytes_total", bytesText) },
  { title: "read p50/p99", dispensable: 5, cell: (one) => durationText(one, "read_us") },
  { title: "write p50/p99", dispensable: 6, cell: (one) => durationText(one, "write_us") },
  { title: "trials", dispensable: 7, cell: trialsText },
];

/** The summary of a metric of a case; undefined where it has none, or a histogram. */
export function summaryOf(one: CaseResult, metric: string): Summary | undefined {
  const summary = one.metrics[metric];
  return isSummary(summary) ? summary : undefined;
}

function isSummary(value: Summary | DurationSummary | undefined): value is Summary {
  return value !== undefined && "median" in value;
}

function withInterval(one: CaseResult, metric: string, format: (value: number) => string): string {
  const summary = summaryOf(one, metric);
  if (summary === undefined) return "";
  const { median, ci95, n } = summary;
  if (median === 0 || n < 2) return format(median);
  const percent = (ci95[1] - ci95[0]) / 2 / Math.abs(median) * 100;
  return `${format(median)} ±${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)}%`;
}

function medianText(one: CaseResult, metric: string, format: (value: number) => string): string {
  const summary = summaryOf(one, metric);
  return summary === undefined ? "" : format(summary.median);
}

function durationText(one: CaseResult, metric: string): string {
  const summary = one.metrics[metric];
  if (summary === undefined || isSummary(summary)) return "";
  return `${threeDigits(summary.p50)}/${threeDigits(summary.p99)}`;
}

function trialsText({ trials, failed }: CaseResult): string {
  return failed === 0 ? String(trials) : `${trials} (${failed} failed)`;
}
