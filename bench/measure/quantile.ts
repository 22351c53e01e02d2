/**
 * The p-quantile of values in ascending order, linear between neighbours (R's type 7).
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { quantile } from "./quantile.ts";
 *
 * assertEquals(quantile([1, 2, 3, 4], 0.5), 2.5);
 * ```
 *
 * @throws {RangeError} for no values, or a p outside 0 to 1
 */
export function quantile(ascending: readonly number[], p: number): number {
  const h = (ascending.length - 1) * p;
  const low = ascending[Math.floor(h)];
  const high = ascending[Math.ceil(h)];
  if (low === undefined || high === undefined) {
    throw new RangeError(`Cannot take the ${p}-quantile of ${ascending.length} values`);
  }
  return low + (high - low) * (h - Math.floor(h));
}
