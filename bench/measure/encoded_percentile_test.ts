import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { build, encodeIntoCompressedBase64 } from "hdr-histogram-js";
import { encodedPercentileNs } from "./encoded_percentile.ts";
import { createRecorder, decodeHistogram, encodeHistogram, recordNs } from "./histogram.ts";

const PERCENTILES = [0.001, 1, 25, 50, 75, 90, 99, 99.9, 99.99, 100];

Deno.test("a percentile is the library's to the last digit, of any durations", () => {
  const duration = fc.oneof(fc.nat(5000), fc.nat(1e9), fc.nat(3.6e12));
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1, maxLength: 200 }), (durations) => {
      const histogram = createRecorder();
      for (const ns of durations) recordNs(histogram, ns);
      const encoded = encodeHistogram(histogram);
      const decoded = decodeHistogram(encoded);
      for (const percentile of PERCENTILES) {
        assertEquals(
          encodedPercentileNs(encoded, percentile),
          decoded.getValueAtPercentile(percentile),
          `${percentile} of ${durations}`,
        );
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("so are the percentiles of histograms that are not ours", () => {
  const histogram = build({ numberOfSignificantValueDigits: 2, bitBucketSize: 32 });
  for (let ns = 1; ns < 1e6; ns *= 3) histogram.recordValue(ns);
  const encoded = encodeIntoCompressedBase64(histogram);
  for (const percentile of PERCENTILES) {
    assertEquals(
      encodedPercentileNs(encoded, percentile),
      decodeHistogram(encoded).getValueAtPercentile(percentile),
    );
  }
});

Deno.test("nothing recorded has no percentile, and what is damaged is refused", () => {
  const encoded = encodeHistogram(createRecorder());
  assertEquals(encodedPercentileNs(encoded, 50), undefined);
  for (const bad of ["", "AAAA", encoded.slice(0, 24)]) {
    assertThrows(() => encodedPercentileNs(bad, 50), SyntaxError, "Cannot decode");
  }
});
