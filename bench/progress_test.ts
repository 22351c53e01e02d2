import { assertEquals } from "@std/assert";
import { progressLine } from "./progress.ts";

Deno.test("the time left is that of the trials left, as long as the ones that were played", () => {
  assertEquals(progressLine({ done: 0, total: 4 }, 100, "a"), "0/4 trials: a");
  assertEquals(progressLine({ done: 1, total: 4 }, 1500, "a"), "1/4 trials, 5 s left: a");
});

Deno.test("trials that were there before took no time of this session", () => {
  const state = { done: 6, doneBefore: 5, total: 8 };
  assertEquals(progressLine(state, 1000, "a"), "6/8 trials, 2 s left: a");
  assertEquals(progressLine({ ...state, done: 5 }, 1000, "a"), "5/8 trials: a");
});

Deno.test("no more time is left than the run may take", () => {
  const state = { done: 1, total: 1000, isGuess: true, atMost_ms: 30_000 };
  assertEquals(progressLine(state, 1000, "a"), "1/~1000 trials, 30 s left: a");
  assertEquals(progressLine({ ...state, done: 0 }, 0, "a"), "0/~1000 trials, 30 s left: a");
});
