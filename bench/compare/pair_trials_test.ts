import { assertEquals } from "@std/assert";
import { schedule } from "../trial/mod.ts";
import { pairTrials } from "./pair_trials.ts";
import { caseOf, trialsOf } from "./testdata/synthetic.ts";

Deno.test("trials are paired by number, and one without a partner is in no pair", () => {
  const [one, other] = [caseOf(0, {}, { trials: 3 }), caseOf(1, {}, { trials: 3 })];
  const base = trialsOf(one, 1).slice(1);
  const candidate = trialsOf(other, 1).toReversed();
  const pairs = pairTrials({ base: one, candidate: other }, { base, candidate });
  assertEquals(pairs.map((pair) => [pair.base.trial, pair.candidate.trial]), [[1, 1], [2, 2]]);
});

Deno.test("on the wall clock a pair is of one round of the schedule, also with fewer trials in one case", () => {
  const counts = [{ trials: 2, warmup: 0 }, { trials: 5, warmup: 0 }];
  const rounds = Map.groupBy(schedule(counts), ({ trial, caseNumber }) => `${caseNumber} ${trial}`);
  assertEquals(rounds.size, 7);
  const [few, many] = [caseOf(0, {}, { trials: 2 }), caseOf(1, {}, { trials: 5 })];
  const pairs = pairTrials({ base: few, candidate: many }, {
    base: trialsOf(few, 1),
    candidate: trialsOf(many, 1),
  });
  // The last of one is played beside the last of the other.
  const turns = schedule(counts).slice(-2).map(({ caseNumber, trial }) => [caseNumber, trial]);
  assertEquals(turns.toSorted(), [[0, 1], [1, 4]]);
  assertEquals(pairs.map((pair) => [pair.base.trial, pair.candidate.trial]), [[0, 3], [1, 4]]);
});

Deno.test("on the virtual clock a pair is of one seed", () => {
  const [few, many] = [2, 5].map((trials, i) => caseOf(i, {}, { trials, clock: "virtual" }));
  if (few === undefined || many === undefined) throw new Error("unreachable");
  const pairs = pairTrials({ base: few, candidate: many }, {
    base: trialsOf(few, 1),
    candidate: trialsOf(many, 1),
  });
  assertEquals(pairs.map((pair) => [pair.base.seed, pair.candidate.seed]), [[1, 1], [2, 2]]);
});
