import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { errorScale, linearScale, logScale, percentileScale } from "./scale.ts";

Deno.test("a linear axis begins at 0 and ends at a round number", () => {
  assertEquals(linearScale(2361).ticks, [0, 500, 1000, 1500, 2000, 2500]);
  assertEquals(linearScale(0.3).ticks, [0, 0.1, 0.2, 0.3]);
  assertEquals(linearScale(0).ticks.at(0), 0);
  assertEquals(linearScale(2000).at(1000), 50);
});

Deno.test("a logarithmic axis has whole powers, and zero stands at its low end", () => {
  const scale = logScale(3, 4000);
  assertEquals(scale.ticks, [1, 10, 100, 1000, 10000]);
  assertEquals([scale.at(0), scale.at(100), scale.at(1e9)], [0, 50, 100]);
  assertEquals(logScale(4096, 4 << 20, 2, 6).ticks.at(0), 4096);
});

Deno.test("every nine of a percentile takes the same room", () => {
  const scale = percentileScale(10_000);
  assertEquals(scale.ticks, [0, 90, 99, 99.9, 99.99]);
  assertEquals([0, 90, 99, 99.9, 100].map(scale.at), [0, 25, 50, 75, 100]);
});

Deno.test("errors of any size stand in order on one axis", () => {
  const scale = errorScale(8.6e9);
  assertEquals(scale.at(-1), 0);
  assertEquals(scale.at(8.6e9), 100);
  const ratio = fc.double({ min: -1, max: 8.6e9, noNaN: true });
  fc.assert(fc.property(ratio, ratio, (a, b) => a <= b ? scale.at(a) <= scale.at(b) : true));
});

Deno.test("no axis puts a value outside itself", () => {
  const max = fc.double({ min: 1e-6, max: 1e15, noNaN: true });
  fc.assert(fc.property(max, fc.double({ noNaN: true }), (end, value) => {
    for (const scale of [linearScale(end), logScale(end / 10, end), errorScale(end)]) {
      const at = scale.at(value);
      if (!(at >= 0 && at <= 100)) return false;
    }
    return true;
  }));
});
