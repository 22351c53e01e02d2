/**
 * The one place that knows hdr-histogram-js, and closes its traps: narrow buckets that wrap without a
 * word, NaN taken as a value, a range that has to grow.
 * @module
 */
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from "hdr-histogram-js";

/** Durations in integer nanoseconds, to three significant digits. */
export type DurationHistogram = Histogram;

/** A histogram to record into, in a Worker: 32-bit buckets hold four billion buffers each. */
export function createRecorder(): DurationHistogram {
  return build({ bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: 3 });
}

/**
 * Records a duration. A clock that seems to run backwards is a duration of 0.
 *
 * @throws {RangeError} for what is no number: the library would count it somewhere
 */
export function recordNs(histogram: DurationHistogram, duration_ns: number): void {
  if (!(duration_ns < Infinity)) {
    throw new RangeError(`Cannot record a duration in nanoseconds: received ${duration_ns}`);
  }
  histogram.recordValue(duration_ns > 0 ? Math.round(duration_ns) : 0);
}

/** As HdrHistogram's V2 compressed base64, which every implementation of it reads. */
export function encodeHistogram(histogram: DurationHistogram): string {
  return encodeIntoCompressedBase64(histogram);
}

/** The sum of encoded histograms, in 64-bit buckets; undefined where there are none. */
export function mergeHistograms(encoded: readonly string[]): DurationHistogram | undefined {
  if (encoded.length === 0) return undefined;
  const sum = build({ bitBucketSize: 64, autoResize: true, numberOfSignificantValueDigits: 3 });
  for (const one of encoded) sum.add(decodeFromCompressedBase64(one, 64));
  return sum;
}

/** What a table shows of a histogram, in microseconds. */
export interface DurationSummary {
  readonly n: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export function summarizeUs(histogram: DurationHistogram): DurationSummary {
  const us = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000;
  return {
    n: histogram.totalCount,
    p50: us(50),
    p90: us(90),
    p99: us(99),
    p999: us(99.9),
    max: histogram.maxValue / 1000,
  };
}
