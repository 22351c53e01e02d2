import { assertEquals, assertThrows } from "@std/assert";
import { judgeExact } from "./exact_verdict.ts";

Deno.test("virtual clock: the smallest change of one trial is told", () => {
  const baseline = [100, 200, 300, 400, 500];
  const changed = (at: number, by: number) => baseline.map((v, i) => i === at ? v + by : v);
  assertEquals(judgeExact(baseline, baseline, "lower"), { verdict: "same", changed: 0 });
  assertEquals(judgeExact(baseline, changed(2, 1e-9), "lower"), {
    verdict: "regressed",
    changed: 1,
  });
  assertEquals(judgeExact(baseline, changed(2, 1e-9), "higher"), {
    verdict: "improved",
    changed: 1,
  });
  // Not the median's trial: the sums say it.
  assertEquals(judgeExact(baseline, changed(4, -1), "lower"), { verdict: "improved", changed: 1 });
});

Deno.test("the medians go before the sums, and what evens out is told as changed", () => {
  assertEquals(judgeExact([1, 5, 9], [1, 4, 99], "lower"), { verdict: "improved", changed: 2 });
  assertEquals(judgeExact([1, 5, 9], [2, 5, 8], "lower"), { verdict: "same", changed: 2 });
});

Deno.test("trials that do not match are refused", () => {
  assertThrows(() => judgeExact([1, 2], [1], "lower"), RangeError, "2 trials with 1");
  assertThrows(() => judgeExact([], [], "lower"), RangeError, "0 trials");
});
