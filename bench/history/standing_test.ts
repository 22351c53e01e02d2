import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { caseOf } from "../compare/testdata/synthetic.ts";
import type { CaseMeta } from "../store/mod.ts";
import { historyOf } from "./history.ts";
import { lossText } from "./history_text.ts";
import { type StandingLoss, standingLosses } from "./standing.ts";
import { METRICS, night, startOf } from "./testdata/nights.ts";

/** What stands of nights with these downtimes, with the baseline of night `accepted`. */
function losses(
  downtimes: readonly number[],
  accepted: number | null = null,
  one: CaseMeta = caseOf(0),
): StandingLoss[] {
  const history = historyOf(downtimes.map((ms, at) => night(at, ms, one)), METRICS);
  return standingLosses(history, {
    run: `night-${downtimes.length - 1}`,
    tolerance: 0.05,
    acceptedAt: accepted === null ? null : startOf(accepted),
  });
}

function nights(...stretches: readonly (readonly [count: number, ms: number])[]): number[] {
  return stretches.flatMap(([count, ms]) => Array<number>(count).fill(ms));
}

function rounded(all: readonly StandingLoss[]) {
  return all.map(({ before, after, since }) => [Math.round(before), Math.round(after), since]);
}

Deno.test("a step for the worse stands, whenever it was, until the level comes back", () => {
  for (const after of [3, 6, 20]) {
    assertEquals(rounded(losses(nights([24, 100], [after, 110]))), [[100, 110, "night-23"]]);
  }
  assertEquals(losses(nights([12, 100], [8, 110], [8, 100])), []);
  assertEquals(losses(nights([20, 100])), []);
  assertEquals(losses(nights([10, 110], [10, 100])), []);
});

Deno.test("a level that was won and is lost again is a loss, though it is no worse than the baseline", () => {
  const downtimes = nights([10, 100], [10, 80], [5, 100]);
  assertEquals(rounded(losses(downtimes, 3)), [[80, 100, "night-19"]]);
});

Deno.test("a step within the tolerance is none, several that follow each other are one", () => {
  assertEquals(losses(nights([12, 100], [8, 104])), []);
  const [loss, ...more] = losses(nights([12, 100], [12, 104], [12, 108]));
  assertEquals(more, []);
  assertEquals(rounded(loss === undefined ? [] : [loss]), [[100, 108, "night-11"]]);
  assertEquals(loss?.changes.length, 2);
});

Deno.test("a drift that no night shows stands when it has come beyond the tolerance", () => {
  const drift = (count: number) => Array.from({ length: count }, (_, at) => 100 * 1.003 ** at);
  assertEquals(losses(drift(12)), []);
  const [loss] = losses(drift(40));
  assert(loss !== undefined && (loss.ratio ?? 0) > 1.08);
  assertEquals(new Set(loss.changes.map(({ kind }) => kind)), new Set(["drift"]));
});

Deno.test("what could be told when the baseline was set is accepted with it, what could not is not", () => {
  const downtimes = nights([12, 100], [10, 110]);
  // Ten nights have it when the baseline is set; one night has it, which is too few to tell; none has.
  assertEquals(losses(downtimes, 21), []);
  assertEquals(rounded(losses(downtimes, 12)), [[100, 110, "night-11"]]);
  assertEquals(rounded(losses(downtimes, 5)), [[100, 110, "night-11"]]);
  // What is lost after it counts from the accepted level, not from the first one.
  const [loss] = losses(nights([12, 100], [10, 110], [10, 130]), 21);
  assertEquals(rounded(loss === undefined ? [] : [loss]), [[110, 130, "night-21"]]);
});

Deno.test("a level that was accepted, won back and lost again is not accepted for ever", () => {
  const downtimes = nights([15, 100], [15, 120], [15, 100], [15, 120]);
  assertEquals(rounded(losses(downtimes, 29)), [[100, 120, "night-44"]]);
});

Deno.test("on the virtual clock the smallest change of the last night stands", () => {
  const one = caseOf(0, {}, { clock: "virtual" });
  assertEquals(losses([100, 100, 100.001], null, one).length, 1);
  assertEquals(losses([100, 100, 99.999], null, one), []);
  assertEquals(losses([100, 100, 100.001], 2, one), []);
});

Deno.test("a series that the newest run is not of says nothing of it", () => {
  const history = historyOf(nights([12, 100], [8, 120]).map((ms, at) => night(at, ms)), METRICS);
  const options = { run: "another", tolerance: 0.05, acceptedAt: null };
  assertEquals(standingLosses(history, options), []);
});

Deno.test("a hundred histories of 40 nights of mere noise have no more than two losses", () => {
  let found = 0;
  for (let i = 0; i < 100; i++) {
    // Other nights each time: the noise of a night is of its number.
    const runs = Array.from({ length: 40 }, (_, at) => {
      const run = night(i * 40 + at, 100);
      return { ...run, meta: { ...run.meta, started_at: startOf(at) } };
    });
    const run = `night-${i * 40 + 39}`;
    const history = historyOf(runs, METRICS);
    found += standingLosses(history, { run, tolerance: 0, acceptedAt: null }).length;
  }
  assert(found <= 2, `${found}`);
});

Deno.test("a loss is told with its levels, since when, and what made it", () => {
  const [loss] = losses(nights([12, 100], [8, 110]));
  assert(loss !== undefined);
  const text = lossText(loss, 1);
  assertStringIncludes(text, "s, downtime_ms: ");
  assertStringIncludes(text, " since night-11 (step at night-12)");
});
