/**
 * What a metric is to a comparison: where a trial has it, which direction is the better one, how it is written.
 *
 * @module
 */
import { encodedPercentileNs } from "../measure/mod.ts";
import { threeDigits } from "../report/number_text.ts";
import { formatRate, formatSize } from "../scenario/mod.ts";
import type { TrialRecord } from "../trial/record.ts";

/** Which way a metric should go. */
export type Better = "lower" | "higher";

/** What is compared where no metric is named. */
export const DEFAULT_METRICS: readonly string[] = [
  "downtime_ms",
  "total_time_ms",
  "throughput_precopy_bytes_per_s",
  "throughput_stopcopy_bytes_per_s",
];

/**
 * What is compared besides where both sides have the same parameters: how long a single read and write took, in the
 * median of each trial. It is the steadiest number there is of the data path, but says nothing across buffer sizes.
 */
export const CALL_METRICS: readonly string[] = ["read_us.p50", "write_us.p50"];

/** Percentiles of a trial's durations, by the names that the result has for them. */
const PERCENTILES: Readonly<Record<string, number>> = {
  p50: 50,
  p90: 90,
  p99: 99,
  p999: 99.9,
  max: 100,
};

/** The part of a case's trials that failed; a share, not a measurement. */
export const FAILED_RATIO = "failed_ratio";

/** The metrics of which more is better; of all others (times, bytes, passes, queries) less is. */
const HIGHER_IS_BETTER: ReadonlySet<string> = new Set([
  "throughput_precopy_bytes_per_s",
  "throughput_stopcopy_bytes_per_s",
  "bandwidth_assumed_bytes_per_s",
  "bandwidth_switchover_bytes_per_s",
]);

/** The direction of a metric, by the name that it has in a trial. */
export function betterOf(metric: string): Better {
  return HIGHER_IS_BETTER.has(lastPart(metric)) ? "higher" : "lower";
}

/**
 * The value of a metric in a trial: of the trial (`downtime_ms`), of a device (`devices.ID.save_ms`; an ID may
 * have dots of its own), of a part of the downtime (`downtime_breakdown_ms.stop`) or a percentile of its durations
 * (`read_us.p50`). undefined where it has none.
 */
export function metricOf(trial: TrialRecord, metric: string): number | undefined {
  const first = metric.indexOf(".");
  const group = metric.slice(0, Math.max(first, 0));
  if (group === "downtime_breakdown_ms") {
    return own(trial.downtime_breakdown_ms, metric.slice(first + 1));
  }
  const histogram = own(trial.histograms, group);
  if (histogram !== undefined) return percentileOf(histogram, metric.slice(first + 1));
  if (group !== "devices") return own(trial.metrics, metric);
  const last = metric.lastIndexOf(".");
  const device = own(trial.devices, metric.slice(first + 1, last));
  return device && own(device.metrics, metric.slice(last + 1));
}

/** The names of all metrics of a trial, as {@linkcode metricOf} takes them. */
export function metricNames(trial: TrialRecord): string[] {
  return [
    ...Object.keys(trial.metrics),
    ...Object.keys(trial.downtime_breakdown_ms).map((part) => `downtime_breakdown_ms.${part}`),
    ...Object.entries(trial.devices).flatMap(([id, { metrics }]) =>
      Object.keys(metrics).map((name) => `devices.${id}.${name}`)
    ),
    ...Object.keys(trial.histograms).flatMap((name) =>
      Object.keys(PERCENTILES).map((percentile) => `${name}.${percentile}`)
    ),
  ];
}

function percentileOf(encoded: string, name: string): number | undefined {
  const percentile = own(PERCENTILES, name);
  if (percentile === undefined) return undefined;
  const ns = encodedPercentileNs(encoded, percentile);
  return ns === undefined ? undefined : ns / 1000;
}

/** A value with its unit, as a table shows it. */
export function metricText(metric: string, value: number): string {
  const name = lastPart(metric);
  if (isDuration(metric)) return `${threeDigits(value)} us`;
  if (metric.startsWith("downtime_breakdown_ms.") || name.endsWith("_ms")) {
    return `${threeDigits(value)} ms`;
  }
  if (name.endsWith("_bytes_per_s")) return formatRate(value);
  if (name.startsWith("bytes_") || name.endsWith("_bytes")) return formatSize(Math.round(value));
  return name === FAILED_RATIO ? `${threeDigits(value * 100)} %` : threeDigits(value);
}

/** The unit of the number itself, as trackers want it told. */
export function metricUnit(metric: string): string {
  const name = lastPart(metric);
  if (isDuration(metric)) return "us";
  if (metric.startsWith("downtime_breakdown_ms.") || name.endsWith("_ms")) return "ms";
  if (name.endsWith("_bytes_per_s")) return "bytes/s";
  if (name.startsWith("bytes_") || name.endsWith("_bytes")) return "bytes";
  return name === FAILED_RATIO ? "ratio" : "count";
}

/** `read_us.p50`, but no metric of a device, whose id may end in anything. */
function isDuration(metric: string): boolean {
  return !metric.startsWith("devices.") && /_us\.[^.]+$/.test(metric);
}

function lastPart(metric: string): string {
  return metric.slice(metric.lastIndexOf(".") + 1);
}

/** Names come from a file: `constructor` is no metric. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
