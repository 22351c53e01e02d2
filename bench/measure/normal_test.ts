import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { normalTail, normalTailQuantile } from "./normal.ts";

function assertRelative(actual: number, expected: number): void {
  assertAlmostEquals(actual, expected, Math.abs(expected) * 1e-12);
}

Deno.test("the tail is scipy's to 12 digits, in the middle and far out", () => {
  // scipy.stats.norm.sf(z), scipy 1.10.1
  const table: [z: number, tail: number][] = [
    [0, 0.5],
    [0.5, 0.3085375387259869],
    [1, 0.15865525393145707],
    [2.5, 0.006209665325776132],
    [2.999, 0.0013543365337271057],
    [3, 0.0013498980316300933],
    [6, 9.865876450376946e-10],
    [30, 4.906713927147908e-198],
    [-1, 0.8413447460685429],
    [-4, 0.9999683287581669],
  ];
  for (const [z, tail] of table) assertRelative(normalTail(z), tail);
  assertEquals(normalTail(Infinity), 0);
  assertEquals(normalTail(-Infinity), 1);
});

Deno.test("the quantile is scipy's", () => {
  // scipy.stats.norm.isf(tail)
  const table: [tail: number, z: number][] = [
    [0.4, 0.2533471031357997],
    [0.1, 1.2815515655446004],
    [0.005, 2.575829303548901],
    [1e-15, 7.941345326170998],
    [1e-100, 21.273453560965322],
    [0.9, -1.2815515655446004],
    [0.999, -3.090232306167813],
  ];
  for (const [tail, z] of table) assertRelative(normalTailQuantile(tail), z);
  assertEquals(normalTailQuantile(0.5), 0);
  assertEquals(normalTailQuantile(0), Infinity);
  assert(normalTailQuantile(1) === -Infinity);
});

Deno.test("a tail that is no probability is refused", () => {
  for (const tail of [-0.1, 1.1, NaN]) {
    assertThrows(() => normalTailQuantile(tail), RangeError, `received ${tail}`);
  }
});
