import { assert, assertEquals } from "@std/assert";
import { createRandom } from "../random.ts";
import { medianResampler } from "./resampled_median.ts";

/** The median of a resample that is really drawn: what a resampler must be alike. */
function drawnMedian(ascending: Float64Array, random: () => number): number {
  const n = ascending.length;
  const drawn = Float64Array.from({ length: n }, () => ascending[Math.floor(random() * n)] ?? NaN)
    .sort();
  return ((drawn[(n - 1) >> 1] ?? NaN) + (drawn[n >> 1] ?? NaN)) / 2;
}

function upTo(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => i);
}

/** How often each median comes, by value. */
function counts(resample: () => number, times: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let i = 0; i < times; i++) {
    const median = resample();
    found.set(median, (found.get(median) ?? 0) + 1);
  }
  return found;
}

/** Pearson's statistic of two samples of the same size, over its degrees of freedom; rare values are put together. */
function chiSquarePerDegree(
  ours: ReadonlyMap<number, number>,
  theirs: ReadonlyMap<number, number>,
): number {
  const values = [...new Set([...ours.keys(), ...theirs.keys()])].sort((a, b) => a - b);
  let sum = 0;
  let cells = 0;
  let [a, b] = [0, 0];
  for (const [i, value] of values.entries()) {
    a += ours.get(value) ?? 0;
    b += theirs.get(value) ?? 0;
    if (a + b < 40 && i < values.length - 1) continue;
    sum += (a - b) ** 2 / (a + b);
    cells++;
    [a, b] = [0, 0];
  }
  return sum / (cells - 1);
}

Deno.test("medians come as often as those of samples that are really drawn", () => {
  for (const n of [2, 3, 4, 5, 6, 11, 12, 40, 101]) {
    const values = upTo(n);
    const [one, other] = [createRandom(n), createRandom(n + 1000)];
    const ours = counts(medianResampler(values, one), 20_000);
    const theirs = counts(() => drawnMedian(values, other), 20_000);
    // Above 3 comes less than once in a thousand even of the fewest cells.
    assert(chiSquarePerDegree(ours, theirs) < 3, `${n}: ${chiSquarePerDegree(ours, theirs)}`);
  }
});

Deno.test("of 1, 2, 3 the median of a resample is 1, 2, 3 in 7, 13, 7 of 27", () => {
  const found = counts(medianResampler(Float64Array.of(1, 2, 3), createRandom(4)), 27_000);
  for (const [value, times] of [[1, 7000], [2, 13_000], [3, 7000]] as const) {
    // Four sigmas of a binomial.
    assert(Math.abs((found.get(value) ?? 0) - times) < 330, `${value}: ${found.get(value)}`);
  }
});

Deno.test("of 10,000 the places of the medians are spread by half the square root of their number", () => {
  const resample = medianResampler(upTo(10_000), createRandom(2));
  const places = Array.from({ length: 4000 }, resample);
  const mean = places.reduce((sum, place) => sum + place, 0) / places.length;
  const sigma = Math.sqrt(
    places.reduce((sum, place) => sum + (place - mean) ** 2, 0) / places.length,
  );
  assert(Math.abs(mean - 4999.5) < 4, `${mean}`);
  assert(Math.abs(sigma - 50) < 2.5, `${sigma}`);
});

Deno.test("one value is its own median, and a random number of 0 harms nothing", () => {
  assertEquals(medianResampler(Float64Array.of(7), createRandom(1))(), 7);
  const zeroAtTimes = (() => {
    const random = createRandom(3);
    let i = 0;
    return () => i++ % 5 === 2 ? 0 : random();
  })();
  const resample = medianResampler(upTo(6), zeroAtTimes);
  for (let i = 0; i < 1000; i++) assert(resample() >= 0 && resample() <= 5);
});

Deno.test("infinities are values like others", () => {
  const values = Float64Array.of(1, Infinity, Infinity);
  const found = counts(medianResampler(values, createRandom(1)), 100);
  assertEquals([...found.keys()].sort(), [1, Infinity]);
});
