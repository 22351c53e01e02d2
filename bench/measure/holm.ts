/**
 * Holm's correction (Holm 1979): with many metrics held side by side, some p is small by chance. The
 * adjusted ones can each be held against the same level, and the chance of any false alarm at all stays
 * at that level, however the metrics hang together. The smallest of m is multiplied by m, the next by
 * m - 1, and none may be below the one before.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { holm } from "./holm.ts";
 *
 * assertEquals(holm([0.25, 0.125, 0.75]), [0.5, 0.375, 0.75]);
 * ```
 *
 * @param ps One p for each metric
 * @returns The adjusted ones in the same order, at most 1
 * @throws {RangeError} for a p outside 0 to 1
 */
export function holm(ps: readonly number[]): number[] {
  const wrong = ps.find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) throw new RangeError(`Cannot correct a p-value: received ${wrong}`);
  const adjusted = new Array<number>(ps.length).fill(1);
  let largest = 0;
  const ascending = ps.map((p, at) => ({ p, at })).sort((a, b) => a.p - b.p);
  for (const [i, { p, at }] of ascending.entries()) {
    largest = Math.max(largest, Math.min(1, p * (ps.length - i)));
    adjusted[at] = largest;
  }
  return adjusted;
}
