import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { bestStretches, type Cut } from "./best_stretches.ts";
import { createRandom } from "../random.ts";
import { normal } from "./testdata/log_normals.ts";

const cut = (at: number, p = 0.001): Cut => ({ at, p, found: true });

/** A shape with noise of sigma 1. */
function noisy(n: number, shape: (i: number) => number): number[] {
  const random = createRandom(5);
  return Array.from({ length: n }, (_, i) => shape(i) + normal(random));
}

function shapes(history: readonly number[], cuts: readonly Cut[]): [string, number, number][] {
  return bestStretches(history, cuts, 1).map(({ kind, start, end }) => [kind, start.at, end.at]);
}

Deno.test("a cut that the history has is kept, one that it has not is dropped", () => {
  const history = noisy(40, (i) => i < 20 ? 0 : 6);
  assertEquals(shapes(history, [cut(8), cut(20), cut(33)]), [["level", 0, 20], ["level", 20, 40]]);
});

Deno.test("stairs that are a line are one line, with the p of the clearest of them", () => {
  const history = noisy(60, (i) => i / 4);
  const cuts = [cut(15, 0.003), cut(30, 0.0005), cut(45, 0.002)];
  assertEquals(shapes(history, cuts), [["line", 0, 60]]);
  const [line] = bestStretches(history, cuts, 1);
  assertEquals(line?.p, 0.0005);
  assertAlmostEquals(line?.last ?? NaN, 59 / 4, 1.5);
});

Deno.test("a line turns at the middle between two cuts", () => {
  const history = noisy(80, (i) => i < 40 ? i / 2 : (80 - i) / 2);
  const found = shapes(history, [cut(10), cut(20), cut(30), cut(50), cut(60), cut(70)]);
  assertEquals(found, [["line", 0, 40], ["line", 40, 80]]);
});

Deno.test("no level borders on a level where no cut was found", () => {
  // The step at 20 is in the middle of two cuts, and none itself: it must not become one without a p.
  const history = noisy(60, (i) => i < 20 ? 0 : 9);
  const stretches = bestStretches(history, [cut(10), cut(30)], 1);
  assert(stretches.length > 1);
  for (const [i, { kind, start }] of stretches.entries()) {
    const bordersOnLevel = kind === "level" && stretches[i - 1]?.kind === "level";
    assert(!bordersOnLevel || start.found, `level from ${start.at}`);
  }
});

Deno.test("without cuts a history is one level, whatever its shape", () => {
  assertEquals(shapes(noisy(30, (i) => i), []), [["level", 0, 30]]);
});
