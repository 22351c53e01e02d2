import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { createRandom } from "../random.ts";
import { detectSteps, type LevelChange } from "./step_detection.ts";
import { logNormals } from "./testdata/log_normals.ts";

/** What is found in histories of noise with a shape. */
function findings(
  { histories, sigma, shape, seed, nights = 60 }: {
    histories: number;
    sigma: number;
    shape: (night: number) => number;
    seed: number;
    nights?: number;
  },
): LevelChange[][] {
  const random = createRandom(seed);
  return Array.from(
    { length: histories },
    () => detectSteps(logNormals(random, nights, 100, sigma).map((value, i) => value * shape(i))),
  );
}

function kinds(changes: readonly LevelChange[]): string {
  return changes.map(({ kind }) => kind).join(" ");
}

Deno.test("at most 2 % of 500 histories of noise have a change, whatever the noise and the length", () => {
  for (const [nights, sigma] of [[60, 0.03], [60, 0.5], [20, 0.03], [120, 0.1]] as const) {
    const all = findings({ histories: 500, sigma, shape: () => 1, seed: nights, nights });
    const alarms = all.filter((changes) => changes.length > 0).length;
    assert(alarms <= 10, `${nights} nights, noise ${sigma}: ${alarms} of 500`);
  }
});

Deno.test("a step of 10 % in noise of 3 % is found in 95 %, within a night or two of where it is", () => {
  const all = findings({ histories: 100, sigma: 0.03, shape: (i) => i < 30 ? 1 : 1.1, seed: 1 });
  const right = all.filter((changes) =>
    kinds(changes) === "step" &&
    changes.every(({ from, to, before, after }) =>
      to - from === 1 && Math.abs(to - 30) <= 2 && Math.abs(after / before - 1.1) < 0.04
    )
  );
  assert(right.length >= 90, `${right.length} of 100`);
  assert(all.filter((changes) => changes.length > 0).length >= 95);
});

Deno.test("a step that is five nights old is found in 90 %", () => {
  const all = findings({ histories: 100, sigma: 0.03, shape: (i) => i < 55 ? 1 : 1.1, seed: 2 });
  const found = all.filter((changes) => kinds(changes) === "step").length;
  assert(found >= 90, `${found} of 100`);
});

Deno.test("a drift of 20 % over 60 nights is found always, and as a drift in 85 %", () => {
  const all = findings({ histories: 100, sigma: 0.03, shape: (i) => 1 + 0.2 * i / 59, seed: 3 });
  assert(all.every((changes) => changes.length > 0));
  const right = all.filter(([change, ...more]) =>
    change?.kind === "drift" && more.length === 0 && change.from === 0 && change.to === 59 &&
    Math.abs(change.after / change.before - 1.2) < 0.08
  );
  assert(right.length >= 85, `${right.length} of 100`);
});

Deno.test("two steps up are two steps, and no drift, in 85 %", () => {
  const shape = (i: number) => i < 20 ? 1 : i < 40 ? 1.1 : 1.2;
  const all = findings({ histories: 100, sigma: 0.03, shape, seed: 4 });
  const right = all.filter((changes) => kinds(changes) === "step step").length;
  assert(right >= 85, `${right} of 100`);
});

Deno.test("a step that was taken back is two steps, in 85 %", () => {
  const shape = (i: number) => i >= 30 && i < 36 ? 1.2 : 1;
  const all = findings({ histories: 100, sigma: 0.03, shape, seed: 5 });
  const right = all.filter((changes) => kinds(changes) === "step step").length;
  assert(right >= 85, `${right} of 100`);
});

Deno.test("a drift after a step is told from it, in 80 %", () => {
  const shape = (i: number) => i < 30 ? 1 : 1.3 - 0.2 * (i - 30) / 29;
  const all = findings({ histories: 100, sigma: 0.03, shape, seed: 6 });
  const right = all.filter((changes) => kinds(changes) === "step drift").length;
  assert(right >= 80, `${right} of 100`);
});

Deno.test("a drift that turns is two drifts and no staircase, in 75 %", () => {
  const shape = (i: number) => 1 + 0.3 * (i < 40 ? i : 79 - i) / 39;
  const all = findings({ histories: 100, sigma: 0.02, shape, seed: 7, nights: 80 });
  const right = all.filter((changes) => kinds(changes) === "drift drift").length;
  assert(right >= 75, `${right} of 100`);
});

Deno.test("the smallest p is one of all orders that were tried", () => {
  const noise = [0, 1, -1, 0, 2, 0, -1, 1, 0];
  const history = [...noise.map((value) => 50 + value), ...noise.map((value) => 60 + value)];
  const changes = detectSteps(history);
  assertEquals(changes, [{ kind: "step", from: 8, to: 9, before: 50, after: 60, p: 0.0005 }]);
});

Deno.test("histories without noise have the steps and drifts that they have", () => {
  const levels = (...runs: [value: number, times: number][]) =>
    runs.flatMap(([value, times]) => Array<number>(times).fill(value));
  assertEquals(detectSteps(levels([7, 40])), []);
  assertEquals(detectSteps(levels([0, 40])), []);
  const [step, ...more] = detectSteps(levels([5, 20], [8, 20]));
  assertEquals(more, []);
  assertEquals([step?.kind, step?.from, step?.to, step?.before, step?.after], [
    "step",
    19,
    20,
    5,
    8,
  ]);
  const [drift, ...others] = detectSteps(Array.from({ length: 40 }, (_, i) => 100 - i));
  assertEquals(others, []);
  assertEquals([drift?.kind, drift?.from, drift?.to], ["drift", 0, 39]);
  assertAlmostEquals(drift?.after ?? NaN, 61, 1e-9);
});

Deno.test("the same history gives the same changes; its scale does not matter", () => {
  const random = createRandom(7);
  const history = [...logNormals(random, 30, 64, 0.05), ...logNormals(random, 30, 80, 0.05)];
  const changes = detectSteps(history);
  assertEquals(changes.length, 1);
  assertEquals(detectSteps(history), changes);
  const scaled = detectSteps(history.map((value) => value * 1024));
  assertEquals(
    scaled,
    changes.map((one) => ({ ...one, before: one.before * 1024, after: one.after * 1024 })),
  );
});

Deno.test("short histories have no changes, and holes are refused", () => {
  for (const history of [[], [1], [1, 9], [1, 1, 9, 9, 9]]) assertEquals(detectSteps(history), []);
  assertThrows(() => detectSteps([1, NaN, 2]), RangeError, "received NaN");
});
