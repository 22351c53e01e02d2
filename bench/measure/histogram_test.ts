import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  createRecorder,
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

Deno.test("merging histograms is recording everything into one", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(1e9), { maxLength: 30 }), { minLength: 1 }), (parts) => {
      const merged = mergeHistograms(parts.map(recorded));
      const whole = mergeHistograms([recorded(parts.flat())]);
      if (merged === undefined || whole === undefined) throw new Error("nothing was merged");
      assertEquals(summarizeUs(merged), summarizeUs(whole));
    }),
    { numRuns: 30 },
  );
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
  for (const bad of [NaN, Infinity]) assertThrows(() => recordNs(histogram, bad), RangeError);
  assertEquals(histogram.totalCount, 0);
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

Deno.test("nothing recorded is no histogram", () => {
  assertEquals(mergeHistograms([]), undefined);
});
