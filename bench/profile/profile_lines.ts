import type { PlayedMetric } from "./fit_scenario.ts";
import { missedMetrics, PROMISED_ERROR } from "./promise.ts";

/** What is told of a profile that was written, for `--json` too. */
export interface ProfileSummary {
  readonly profile: string;
  readonly scenario: string;
  readonly promised_error: number;
  readonly metrics: readonly PlayedMetric[];
  readonly assumed: readonly string[];
}

/** The same for people: recorded and played side by side, and what missed the promise. */
export function profileLines({ profile, scenario, metrics, assumed }: ProfileSummary): string[] {
  const rows = metrics.map(({ metric, value, played, error, fitted }) => [
    metric,
    quantity(metric, value),
    played === null ? "failed" : quantity(metric, played),
    error === null ? "" : percent(error),
    fitted ? "fitted" : "predicted",
  ]);
  const missed = missedMetrics(metrics).map(({ metric }) => metric);
  const promise = `${Math.round(PROMISED_ERROR * 100)} %`;
  return [
    `profile ${profile}, and ${scenario} to play it (deno task bench ${scenario}):`,
    ...aligned([["", "recorded", "played", "error", ""], ...rows]),
    missed.length === 0
      ? `All within the ${promise} that is promised.`
      : `NOT within the ${promise} that is promised: ${missed.join(", ")}.`,
    ...assumed.map((one) => `assumed  ${one}`),
  ];
}

function quantity(metric: string, value: number): string {
  return metric.endsWith("_ms") ? `${value.toFixed(1)} ms` : `${Math.round(value)} bytes`;
}

function percent(error: number): string {
  const text = (error * 100).toFixed(1);
  return `${error > 0 ? "+" : ""}${text} %`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0))
  );
  return rows.map((row) =>
    "  " +
    row.map((text, at) =>
      at === 0 || at === row.length - 1
        ? text.padEnd(widths[at] ?? 0)
        : text.padStart(widths[at] ?? 0)
    ).join("  ").trimEnd()
  );
}
