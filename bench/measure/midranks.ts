/** The ranks of values among each other. */
export interface Midranks {
  /** In the order of the values, from 1; tied values share the mean of their ranks. */
  readonly ranks: readonly number[];
  /** The sum of t^3 - t over the groups of t tied values, as rank tests correct with; 0 without ties. */
  readonly tieTerm: number;
}

/**
 * Ranks values from the smallest, 1, to the largest.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { midranks } from "./midranks.ts";
 *
 * assertEquals(midranks([30, 10, 20, 20]), { ranks: [4, 1, 2.5, 2.5], tieTerm: 6 });
 * ```
 *
 * @param values Any numbers but NaN
 */
export function midranks(values: readonly number[]): Midranks {
  const sorted = values.map((value, at) => ({ value, at })).sort((a, b) =>
    a.value < b.value ? -1 : a.value > b.value ? 1 : 0
  );
  const ranks = new Array<number>(values.length).fill(0);
  let tieTerm = 0;
  for (let start = 0; start < sorted.length;) {
    let end = start + 1;
    while (end < sorted.length && sorted[end]?.value === sorted[start]?.value) end++;
    for (const { at } of sorted.slice(start, end)) ranks[at] = (start + 1 + end) / 2;
    const tied = end - start;
    tieTerm += tied ** 3 - tied;
    start = end;
  }
  return { ranks, tieTerm };
}
