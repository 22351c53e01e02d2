import { assertEquals } from "@std/assert";
import { compareFailures } from "./compare_failures.ts";
import { caseOf, failedTrial, trialsOf } from "./testdata/synthetic.ts";

function verdict(before: number, after: number, clock: "wall" | "virtual"): string | undefined {
  const one = caseOf(0, {}, { clock });
  const trials = (failed: number) =>
    trialsOf(one, 1, 4).map((trial, i) => i < failed ? failedTrial(trial) : trial);
  return compareFailures({ base: one, candidate: one, text: "s" }, trials(before), trials(after))
    ?.verdict;
}

Deno.test("where no trial failed there is nothing to say", () => {
  assertEquals(verdict(0, 0, "wall"), undefined);
});

Deno.test("failures where there were none are a regression, none where there were an improvement", () => {
  for (const clock of ["wall", "virtual"] as const) {
    assertEquals(verdict(0, 1, clock), "regressed");
    assertEquals(verdict(1, 0, clock), "improved");
    assertEquals(verdict(4, 4, clock), "same");
  }
});

Deno.test("some and some more may be chance on the wall clock, and is none on the virtual", () => {
  assertEquals(verdict(1, 2, "wall"), "inconclusive");
  assertEquals(verdict(1, 2, "virtual"), "regressed");
  assertEquals(verdict(3, 2, "virtual"), "improved");
});

Deno.test("a trial that moved the wrong bytes has failed", () => {
  const one = caseOf(0);
  const wrong = trialsOf(one, 1, 2).map((trial) => ({ ...trial, state_verified: false }));
  const row = compareFailures({ base: one, candidate: one, text: "s" }, trialsOf(one, 1, 2), wrong);
  assertEquals([row?.candidate.median, row?.ratio], [1, null]);
});
