/**
 * The one place that knows hdr-histogram-js, and closes its traps:
 *
 *     the library, without a word                          here
 *     8 and 16-bit buckets wrap                            32 bits to record, 64 to add up
 *     NaN and infinities are counted somewhere             recordNs throws
 *     above 2^53 - 1 a value is counted, lost in encoding  recordNs throws
 *     without autoResize a larger value throws             autoResize, also of what was decoded
 *     decoding gives 32-bit buckets                        decodeHistogram gives 64
 *     decoding a cut-off text gives a histogram            decodeHistogram throws
 *     maxValue is another edge of its bucket once decoded  summarizeUs takes the 100th percentile
 *     WASM: histograms leak unless destroy()ed             not used, see below
 *     WASM: a count above its buckets' 8, 16, 32 bits      not used
 *     wraps; nothing works before initWebAssembly()
 *     HistogramLogWriter divides the maximum by 1000,      bench/store/histogram_log.ts writes the lines, in ms
 *     as if values were ms
 *     HistogramLogReader holds the whole log, and throws   nothing here reads a log back; no line of ours is ever
 *     at a line that is cut off                            there in part
 *
 * Where durations are recorded, in a trial's Workers, the library is not loaded at all: the Workers
 * count (`duration_counts.ts`, which says what that saves), and here histograms are made of their counts.
 *
 * @module
 */
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from "hdr-histogram-js";
import { addEncoded } from "./add_encoded.ts";
import { inflateHistogram } from "./inflate_histogram.ts";
import { type CountedSlot, LONGEST_NS, SLOT_COUNT, slotNs } from "./duration_counts.ts";

/** Durations in integer nanoseconds, to three significant digits. */
export type DurationHistogram = Histogram;

/**
 * A histogram to record into: 32-bit buckets hold four billion durations each, and nothing is allocated for those
 * below an hour.
 */
export function createRecorder(): DurationHistogram {
  return createHistogram(32);
}

function createHistogram(bitBucketSize: 32 | 64): DurationHistogram {
  return build({
    bitBucketSize,
    autoResize: true,
    highestTrackableValue: LONGEST_NS,
    numberOfSignificantValueDigits: 3,
  });
}

/**
 * Records a duration. A clock that seems to run backwards is a duration of 0.
 *
 * @throws {RangeError} for NaN, an infinity, or more than 2^53 - 1 ns (104 days)
 */
export function recordNs(histogram: DurationHistogram, duration_ns: number): void {
  // So written that NaN is refused too: every comparison with it is false.
  if (!(duration_ns > -Infinity && duration_ns <= Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`Cannot record a duration in nanoseconds: received ${duration_ns}`);
  }
  histogram.recordValue(duration_ns > 0 ? Math.round(duration_ns) : 0);
}

/** The histogram of what was counted: the same as if it had been recorded here. */
export function histogramOfCounts(slots: readonly CountedSlot[]): DurationHistogram {
  const histogram = createRecorder();
  for (const [slot, count] of slots) histogram.recordValueWithCount(slotNs(slot), count);
  return histogram;
}

/** As HdrHistogram's V2 compressed base64, which every implementation of it reads. */
export function encodeHistogram(histogram: DurationHistogram): string {
  return encodeIntoCompressedBase64(histogram);
}

/**
 * What `encodeHistogram` or another implementation's V2 encoder wrote, in 64-bit buckets: counts are exact
 * up to 2^53 - 1, and more can be added to it.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createRecorder, decodeHistogram, encodeHistogram, recordNs } from "./histogram.ts";
 *
 * const histogram = createRecorder();
 * recordNs(histogram, 1500);
 * assertEquals(decodeHistogram(encodeHistogram(histogram)).totalCount, 1);
 * ```
 *
 * @throws {SyntaxError} for what is no such encoding, or not all of it
 */
export function decodeHistogram(encoded: string): DurationHistogram {
  let histogram: DurationHistogram;
  try {
    // The library inflates whatever is there, and makes arrays as the header says.
    if (inflateHistogram(encoded) === undefined) throw new RangeError("It is none, or too large");
    histogram = decodeFromCompressedBase64(encoded, 64);
  } catch (cause) {
    throw new SyntaxError(
      `Cannot decode a text as a V2 compressed histogram: received ${encoded.length} characters`,
      { cause },
    );
  }
  histogram.autoResize = true;
  return histogram;
}

/**
 * The sum of encoded histograms, in 64-bit buckets; undefined where there are none.
 *
 * @throws {SyntaxError} for what `decodeHistogram` refuses
 */
export function mergeHistograms(encoded: readonly string[]): DurationHistogram | undefined {
  if (encoded.length === 0) return undefined;
  const slots = new Float64Array(SLOT_COUNT);
  const others = encoded.filter((one) => !addEncoded(slots, one));
  const sum = createHistogram(64);
  for (const [slot, count] of slots.entries()) {
    // Its upper edge: what the library takes for the maximum of what it has decoded.
    if (count > 0) sum.recordValueWithCount(slotNs(slot + 1) - 1, count);
  }
  for (const one of others) sum.add(decodeHistogram(one));
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

/**
 * Percentiles in microseconds with three decimals; all of them 0 where nothing was recorded. The maximum is
 * the 100th: the library's `maxValue` is another edge of its bucket after merging than before.
 */
export function summarizeUs(histogram: DurationHistogram): DurationSummary {
  const us = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000;
  return {
    n: histogram.totalCount,
    p50: us(50),
    p90: us(90),
    p99: us(99),
    p999: us(99.9),
    max: us(100),
  };
}
