import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { countedSlots, countNs, createCounts, LONGEST_NS, slotNs } from "./duration_counts.ts";
import { createRecorder, encodeHistogram, histogramOfCounts, recordNs } from "./histogram.ts";

/** Of every size: as many below a microsecond as between a second and a thousand. */
const duration = fc.double({ min: 0, max: Math.log2(LONGEST_NS), noNaN: true })
  .map((magnitude) => Math.min(LONGEST_NS, 2 ** magnitude));

Deno.test("what is counted is encoded as what the library records, byte for byte", () => {
  fc.assert(
    fc.property(fc.array(duration, { maxLength: 50 }), (durations) => {
      const counts = createCounts();
      const recorder = createRecorder();
      for (const ns of durations) {
        countNs(counts, ns);
        recordNs(recorder, ns);
      }
      assertEquals(
        encodeHistogram(histogramOfCounts(countedSlots(counts))),
        encodeHistogram(recorder),
      );
    }),
    { numRuns: 300 },
  );
});

Deno.test("so are the durations at the edges of slots and buckets", () => {
  for (let power = 0; power < 42; power++) {
    for (const ns of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
      if (ns > LONGEST_NS) continue;
      const counts = createCounts();
      const recorder = createRecorder();
      countNs(counts, ns);
      recordNs(recorder, ns);
      assertEquals(
        encodeHistogram(histogramOfCounts(countedSlots(counts))),
        encodeHistogram(recorder),
        `${ns}`,
      );
    }
  }
});

Deno.test("a slot's duration is counted in it", () => {
  const { length } = createCounts();
  for (let slot = 0; slot < length; slot++) {
    const counts = createCounts();
    countNs(counts, slotNs(slot));
    assertEquals(counts[slot], 1);
    if (slot > 4096) slot += 97;
  }
});

Deno.test("trap: what is no number is refused, a clock that runs backwards counts as no time", () => {
  const counts = createCounts();
  for (const bad of [NaN, Infinity, -Infinity]) {
    assertThrows(() => countNs(counts, bad), RangeError);
  }
  countNs(counts, -5);
  assertEquals(counts[0], 1);
  assertEquals(counts.reduce((sum, count) => sum + count, 0), 1);
});

Deno.test("trap: a duration beyond an hour is counted as one, not lost", () => {
  const counts = createCounts();
  countNs(counts, 2 * LONGEST_NS);
  assertEquals(counts.at(-1), 1);
});

Deno.test("trap: a full slot stays full, and does not begin anew", () => {
  const counts = createCounts();
  counts[7] = 2 ** 32 - 2;
  for (let i = 0; i < 3; i++) countNs(counts, 7);
  assertEquals(counts[7], 2 ** 32 - 1);
});
