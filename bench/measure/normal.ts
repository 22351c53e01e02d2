/**
 * The standard normal distribution: how much lies above a value, and above which value so much lies.
 *
 * @module
 */

const SQRT_2PI = Math.sqrt(2 * Math.PI);

/** From here on the continued fraction is used: the series loses a tail's digits to the 1/2 it is taken from. */
const TAIL_FROM = 3;

/** Enough for 15 digits at {@linkcode TAIL_FROM}; further out fewer would do. */
const FRACTION_TERMS = 80;

/**
 * P(Z > z). The series of Marsaglia ("Evaluating the normal distribution", 2004) in the middle, Laplace's
 * continued fraction in the tails.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { normalTail } from "./normal.ts";
 *
 * assertAlmostEquals(normalTail(1.959963984540054), 0.025);
 * ```
 */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp(-z * z / 2) / SQRT_2PI;
  if (density === 0) return 0;
  if (z >= TAIL_FROM) {
    let fraction = z;
    for (let k = FRACTION_TERMS; k > 0; k--) fraction = z + k / fraction;
    return density / fraction;
  }
  let term = z;
  let sum = z;
  for (let k = 3; term > sum * 1e-17; k += 2) {
    term *= z * z / k;
    sum += term;
  }
  return 0.5 - density * sum;
}

/**
 * The z with P(Z > z) = `tail`: Newton's steps on the logarithm of the tail. It is concave, and the tail is at
 * most exp(-z^2 / 2) / 2: steps that begin where that bound is reached come down to z and never pass it.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { normalTailQuantile } from "./normal.ts";
 *
 * assertAlmostEquals(normalTailQuantile(0.025), 1.959963984540054);
 * ```
 *
 * @throws {RangeError} for a tail outside 0 to 1
 */
export function normalTailQuantile(tail: number): number {
  if (!(tail >= 0 && tail <= 1)) {
    throw new RangeError(`Cannot find where a normal tail begins: received ${tail}`);
  }
  if (tail > 0.5) return -normalTailQuantile(1 - tail);
  if (tail === 0) return Infinity;
  let z = Math.sqrt(-2 * Math.log(2 * tail));
  for (let step = 1, rounds = 0; Math.abs(step) > 1e-13 && rounds < 50; rounds++) {
    const reached = normalTail(z);
    step = Math.log(reached / tail) * reached * SQRT_2PI * Math.exp(z * z / 2);
    z += step;
  }
  return z;
}
