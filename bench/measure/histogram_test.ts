import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  createRecorder,
  decodeHistogram,
  encodeHistogram,
  mergeHistograms,
  recordNs,
  summarizeUs,
} from "./histogram.ts";

function recorded(durations: readonly number[]): string {
  const histogram = createRecorder();
  for (const ns of durations) recordNs(histogram, ns);
  return encodeHistogram(histogram);
}

/** Short and long ones, and such as are beyond the range that a recorder starts with. */
const duration = fc.oneof(fc.nat(5_000), fc.nat(1e9), fc.maxSafeNat().map((ns) => ns % 1e13));
const partsOfDurations = fc.array(fc.array(duration, { maxLength: 30 }), { minLength: 1 });

Deno.test("merging histograms is recording everything into one", () => {
  fc.assert(
    fc.property(partsOfDurations, (parts) => {
      const merged = mergeHistograms(parts.map(recorded));
      const whole = createRecorder();
      for (const ns of parts.flat()) recordNs(whole, ns);
      if (merged === undefined) throw new Error("nothing was merged");
      assertEquals(summarizeUs(merged), summarizeUs(whole));
    }),
    { numRuns: 100 },
  );
});

Deno.test("a percentile is the value at its rank, to three digits", () => {
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1 }), (durations) => {
      const sorted = durations.toSorted((a, b) => a - b);
      const { p50, p90, max } = summarizeUs(decodeHistogram(recorded(durations)));
      // The smallest value that p % of all values do not exceed: in whole numbers, p n / 100 rounded up.
      const ranked = (p: number) =>
        sorted[Math.max(1, Math.ceil(p * sorted.length / 100)) - 1] ?? NaN;
      for (const [got_us, want_ns] of [[p50, ranked(50)], [p90, ranked(90)], [max, ranked(100)]]) {
        assertAlmostEquals((got_us ?? NaN) * 1000, want_ns ?? NaN, (want_ns ?? NaN) / 1000 + 1e-6);
      }
    }),
    { numRuns: 100 },
  );
});

Deno.test("a recorder does not grow below an hour", () => {
  const histogram = createRecorder();
  const before = histogram.estimatedFootprintInBytes;
  for (let ns = 1; ns <= 3_600_000_000_000; ns *= 3) recordNs(histogram, ns);
  assertEquals(histogram.estimatedFootprintInBytes, before);
});

Deno.test("a summary is in microseconds, to three digits", () => {
  const merged = mergeHistograms([recorded([1000, 2000, 3000, 4_000_000])]);
  if (merged === undefined) throw new Error("nothing was merged");
  const { n, p50, max } = summarizeUs(merged);
  assertEquals([n, p50], [4, 2]);
  assertEquals(Math.round(max / 10) * 10, 4000);
});

Deno.test("trap: a duration that is no number is refused", () => {
  const histogram = createRecorder();
  for (const bad of [NaN, Infinity, -Infinity]) {
    assertThrows(() => recordNs(histogram, bad), RangeError);
  }
  assertEquals(histogram.totalCount, 0);
});

Deno.test("trap: a duration that encoding would lose is refused, the largest one is kept", () => {
  const histogram = createRecorder();
  assertThrows(() => recordNs(histogram, Number.MAX_SAFE_INTEGER + 1), RangeError);
  recordNs(histogram, Number.MAX_SAFE_INTEGER);
  assertEquals(decodeHistogram(encodeHistogram(histogram)).totalCount, 1);
});

Deno.test("trap: the library would lose it", () => {
  const histogram = createRecorder();
  histogram.recordValue(Number.MAX_SAFE_INTEGER + 1);
  assertEquals(histogram.totalCount, 1);
  assertEquals(decodeHistogram(encodeHistogram(histogram)).totalCount, 0);
});

Deno.test("trap: a clock that runs backwards counts as no time", () => {
  const histogram = createRecorder();
  recordNs(histogram, -5);
  assertEquals([histogram.totalCount, histogram.maxValue], [1, 0]);
});

Deno.test("trap: a bucket counts beyond 16 bits, and a sum beyond one trial", () => {
  const histogram = createRecorder();
  for (let i = 0; i < 70_000; i++) recordNs(histogram, 5);
  const encoded = encodeHistogram(histogram);
  assertEquals(mergeHistograms([encoded, encoded])?.totalCount, 140_000);
});

Deno.test("trap: a duration beyond any range seen before is counted, not lost", () => {
  const merged = mergeHistograms([recorded([1, 3_600_000_000_000])]);
  assertEquals(merged?.totalCount, 2);
  assertEquals(Math.round((merged?.maxValue ?? 0) / 36e9), 100);
});

Deno.test("trap: what was decoded counts beyond 32 bits, and its range grows", () => {
  const histogram = decodeHistogram(recorded([5]));
  histogram.recordValueWithCount(5, 2 ** 32);
  recordNs(histogram, Number.MAX_SAFE_INTEGER);
  assertEquals(decodeHistogram(encodeHistogram(histogram)).totalCount, 2 ** 32 + 2);
});

Deno.test("trap: a sum counts beyond 32 bits", () => {
  const histogram = decodeHistogram(recorded([5]));
  histogram.recordValueWithCount(5, 2 ** 32 - 2);
  const full = encodeHistogram(histogram);
  const sum = mergeHistograms([full, full]);
  assertEquals([sum?.totalCount, sum?.getValueAtPercentile(50)], [2 ** 33 - 2, 5]);
});

Deno.test("decoding gives back what was encoded", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1e12), { maxLength: 30 }), (durations) => {
      const histogram = createRecorder();
      for (const ns of durations) recordNs(histogram, ns);
      const encoded = encodeHistogram(histogram);
      const decoded = decodeHistogram(encoded);
      assertEquals(summarizeUs(decoded), summarizeUs(histogram));
      // Encoded again it decodes to the same: the bytes may differ by the range they declare.
      assertEquals(summarizeUs(decodeHistogram(encodeHistogram(decoded))), summarizeUs(histogram));
    }),
    { numRuns: 30 },
  );
});

Deno.test("what is no histogram is refused as such", () => {
  const encoded = recorded([1, 2, 3]);
  for (const bad of ["", "AAAA", "not base64!", encoded.slice(0, 24)]) {
    assertThrows(() => decodeHistogram(bad), SyntaxError, "Cannot decode");
    assertThrows(() => mergeHistograms([encoded, bad]), SyntaxError, "Cannot decode");
  }
});

Deno.test("nothing recorded is no histogram", () => {
  assertEquals(mergeHistograms([]), undefined);
});
