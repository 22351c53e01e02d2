import { decodeHistogram } from "../measure/mod.ts";
import type { TrialRecord } from "../trial/record.ts";

const MS_PER_S = 1e3;
const NS_PER_MS = 1e6;
/** Times in the log are seconds, to the millisecond. */
const DIGITS = 3;

/**
 * The head of an HdrHistogram log, as the stock tools expect it. The intervals' times are relative to
 * its start time: the tools take what is a year or more before it as that.
 */
export function histogramLogHeader(startedMs: number): string {
  const seconds = (startedMs / MS_PER_S).toFixed(DIGITS);
  return [
    "#[Durations of single buffers in nanoseconds; the interval's maximum in milliseconds]",
    "#[Histogram log format version 1.3]",
    `#[StartTime: ${seconds} (seconds since epoch), ${new Date(startedMs).toISOString()}]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    "",
  ].join("\n");
}

/**
 * One tagged interval, a line without its newline, for each histogram of the trial:
 *
 *     Tag=<case>.<scenario>.<metric>,<start s>,<length s>,<max ms>,<histogram>
 *
 * @throws {SyntaxError} for what is not a histogram
 */
export function histogramLogLines(record: TrialRecord, runStartedMs: number): string[] {
  const start_s = ((record.started_at_ms ?? runStartedMs) - runStartedMs) / MS_PER_S;
  const length_s = (record.metrics.total_time_ms ?? 0) / MS_PER_S;
  return Object.entries(record.histograms).map(([metric, encoded]) => {
    const max_ms = decodeHistogram(encoded).maxValue / NS_PER_MS;
    const times = [start_s, length_s, max_ms].map((time) => time.toFixed(DIGITS));
    // A name from a merged run's file is no more than a name: neither a field of its own nor a line.
    const tag = `${record.case}.${record.scenario}.${metric}`.replaceAll(/[\s,]/g, "_");
    return `Tag=${tag},${times.join(",")},${encoded}`;
  });
}
