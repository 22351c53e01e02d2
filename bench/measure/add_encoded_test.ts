import { assertEquals } from "@std/assert";
import { build, encodeIntoCompressedBase64 } from "hdr-histogram-js";
import fc from "fast-check";
import { addEncoded } from "./add_encoded.ts";
import { countedSlots, countNs, createCounts } from "./duration_counts.ts";
import {
  createRecorder,
  decodeHistogram,
  encodeHistogram,
  histogramOfCounts,
  mergeHistograms,
} from "./histogram.ts";

const SLOTS = createCounts().length;

Deno.test("counts come back as they were encoded", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1e13), { maxLength: 40 }), (durations) => {
      const counts = createCounts();
      for (const ns of durations) countNs(counts, ns);
      const sum = new Float64Array(SLOTS);
      assertEquals(addEncoded(sum, encodeHistogram(histogramOfCounts(countedSlots(counts)))), true);
      assertEquals([...sum], [...counts]);
    }),
    { numRuns: 60 },
  );
});

Deno.test("large counts come back too, and more is added to them", () => {
  const histogram = createRecorder();
  const sum = new Float64Array(SLOTS);
  for (const count of [1, 63, 64, 8191, 8192, 2 ** 31]) {
    histogram.reset();
    histogram.recordValueWithCount(5, count);
    const before = sum[5] ?? NaN;
    assertEquals(addEncoded(sum, encodeHistogram(histogram)), true);
    assertEquals(sum[5], before + count);
  }
});

Deno.test("what is of another layout, too long or damaged adds nothing, and is left to the library", () => {
  const twoDigits = build({ numberOfSignificantValueDigits: 2, bitBucketSize: 32 });
  twoDigits.recordValue(100);
  const beyond = build({ numberOfSignificantValueDigits: 3, bitBucketSize: 64, autoResize: true });
  beyond.recordValue(2 ** 45);
  const recorder = createRecorder();
  for (const ns of [5, 70_000, 1e9]) recorder.recordValue(ns);
  const whole = encodeHistogram(recorder);
  const refused = [
    encodeIntoCompressedBase64(twoDigits),
    encodeIntoCompressedBase64(beyond),
    "",
    "AAAA",
    whole.slice(0, -8),
    whole.slice(0, 20) + "AAAA" + whole.slice(24),
  ];
  for (const encoded of refused) {
    const sum = new Float64Array(SLOTS);
    assertEquals(addEncoded(sum, encoded), false);
    assertEquals(sum.every((count) => count === 0), true);
  }
  const merged = mergeHistograms([encodeIntoCompressedBase64(beyond), whole]);
  assertEquals([merged?.totalCount, (merged?.maxValue ?? 0) >= 2 ** 45], [4, true]);
});

Deno.test("a sum is what the library's own adding gives", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(1e12), { minLength: 1, maxLength: 9 }), {
        minLength: 1,
        maxLength: 5,
      }),
      (lists) => {
        const encoded = lists.map((list) => {
          const counts = createCounts();
          for (const ns of list) countNs(counts, ns);
          return encodeHistogram(histogramOfCounts(countedSlots(counts)));
        });
        const sum = decodeHistogram(encoded[0] ?? "");
        for (const one of encoded.slice(1)) sum.add(decodeHistogram(one));
        const merged = mergeHistograms(encoded);
        assertEquals(merged?.totalCount, sum.totalCount);
        for (const percentile of [0, 10, 50, 90, 99, 99.9, 100]) {
          assertEquals(
            merged?.getValueAtPercentile(percentile),
            sum.getValueAtPercentile(percentile),
          );
        }
      },
    ),
    { numRuns: 40 },
  );
});
