import { assert, assertEquals, assertThrows } from "@std/assert";
import { mannWhitney } from "./mann_whitney.ts";
import { fewestTrials, neededTrials } from "./needed_trials.ts";
import { wilcoxonSignedRank } from "./wilcoxon_signed_rank.ts";

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

Deno.test("the fewest trials are the first whose clearest result is below alpha", () => {
  for (const alpha of [0.05, 0.01, 0.001]) {
    for (const metrics of [1, 4, 30]) {
      const clearest = (n: number) =>
        metrics * mannWhitney(upTo(n), upTo(n).map((value) => value + n)).p;
      const n = fewestTrials(alpha, metrics, false);
      assert(clearest(n) <= alpha && clearest(n - 1) > alpha, `${alpha}, ${metrics}: ${n}`);
      const clearestPairs = (n: number) => metrics * wilcoxonSignedRank(upTo(n)).p;
      const pairs = fewestTrials(alpha, metrics, true);
      assert(clearestPairs(pairs) <= alpha && clearestPairs(pairs - 1) > alpha);
    }
  }
});

const UNDECIDED = { n: 10, change: 0, halfWidth: 0.1, tolerance: 0.05, p: 0.5, alpha: 0.01 };

Deno.test("rule: an interval narrows with the square root of the trials", () => {
  // Around no change it must fit into the tolerance: half as wide, four times the trials.
  assertEquals(neededTrials(UNDECIDED), 40);
  assertEquals(neededTrials({ ...UNDECIDED, halfWidth: 0.06 }), 15); // 14.4
  // 0.01 off the middle, 0.04 are left: 2.5 times as narrow.
  assertEquals(neededTrials({ ...UNDECIDED, change: 0.01 }), 63); // 62.5
  // Beyond, it must leave out 1: 0.1 down to 0.08.
  assertEquals(neededTrials({ ...UNDECIDED, change: 0.08, p: 0.001 }), 16); // 15.625
});

Deno.test("rule: close to the tolerance, half of it is what the interval must fit into", () => {
  const close = { ...UNDECIDED, halfWidth: 0.05 };
  assertEquals(neededTrials({ ...close, change: 0.049 }), 40);
  assertEquals(neededTrials({ ...close, change: 0.03 }), 40);
});

Deno.test("rule: a test's z grows with the square root of the trials", () => {
  // p 0.05 is z 1.96, alpha 0.01 is 2.576: (2.576 / 1.96)^2 = 1.727.
  assertEquals(neededTrials({ ...UNDECIDED, change: 0.2, p: 0.05 }), 18);
});

Deno.test("it is always more than there are, and at most ten times as many", () => {
  assertEquals(neededTrials({ ...UNDECIDED, halfWidth: 0.01 }), 11);
  assertEquals(neededTrials({ ...UNDECIDED, halfWidth: 9 }), 100);
  assertEquals(neededTrials({ ...UNDECIDED, halfWidth: Infinity }), 100);
  assertEquals(neededTrials({ ...UNDECIDED, halfWidth: NaN, change: Infinity }), 100);
  assertEquals(neededTrials({ ...UNDECIDED, tolerance: 0 }), 100);
  assertEquals(neededTrials({ ...UNDECIDED, change: 0.2, p: 1 }), 100);
});

Deno.test("no alpha and no metrics are refused", () => {
  assertThrows(() => fewestTrials(0, 1, true), RangeError, "alpha 0");
  assertThrows(() => fewestTrials(0.01, 0, true), RangeError, "metrics 0");
});
