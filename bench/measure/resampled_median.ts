/**
 * The median of a sample that is drawn anew from itself, without drawing it.
 *
 * Of n draws with replacement from n sorted values only the place of the middle one matters. A draw is a uniform
 * number u, which takes the value at floor(n u); the k-th smallest of n uniform numbers has the distribution
 * Beta(k, n + 1 - k), and floor keeps their order. So one number drawn from that Beta is the median of a whole resample:
 *
 * ```text
 *   values     v0    v1    v2    v3    v4
 *   u        0 |-----|-----|--x--|-----|-----| 1       x from Beta(3, 3): the median is v2
 * ```
 *
 * Of an even n the upper middle one is the smallest of the n / 2 uniform numbers that are left between the lower one
 * and 1. This is the bootstrap itself and no approximation to it; a resample of 10,000 values takes as long as
 * one of 10.
 *
 * @module
 */

/**
 * Makes a function that gives the median of another resample each time.
 *
 * @example Usage
 * ```ts
 * import { assert } from "@std/assert";
 * import { createRandom } from "../random.ts";
 * import { medianResampler } from "./resampled_median.ts";
 *
 * const resample = medianResampler(Float64Array.of(1, 2, 3), createRandom(1));
 * assert([1, 2, 3].includes(resample()));
 * ```
 *
 * @param ascending At least one value
 * @param random In [0, 1), as `createRandom` makes it
 */
export function medianResampler(ascending: Float64Array, random: () => number): () => number {
  const n = ascending.length;
  // Rounding may bring u to 1.
  const valueAt = (u: number) => ascending[Math.min(n - 1, Math.floor(n * u))] ?? NaN;
  if (n % 2 === 1) {
    const middle = (n + 1) / 2;
    return () => valueAt(betaVariate(middle, middle, random));
  }
  const half = n / 2;
  return () => {
    const lower = betaVariate(half, half + 1, random);
    const upper = 1 - (1 - lower) * random() ** (1 / half);
    return (valueAt(lower) + valueAt(upper)) / 2;
  };
}

function betaVariate(a: number, b: number, random: () => number): number {
  const one = gammaVariate(a, random);
  return one / (one + gammaVariate(b, random));
}

/** Marsaglia and Tsang 2000, for a shape of at least 1. */
function gammaVariate(shape: number, random: () => number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normalVariate(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = random();
    if (u < 1 - 0.0331 * x ** 4) return d * v;
    if (Math.log(u) < x * x / 2 + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** Marsaglia's polar method; its second number is not kept. */
function normalVariate(random: () => number): number {
  for (;;) {
    const x = 2 * random() - 1;
    const y = 2 * random() - 1;
    const s = x * x + y * y;
    if (s > 0 && s < 1) return x * Math.sqrt(-2 * Math.log(s) / s);
  }
}
