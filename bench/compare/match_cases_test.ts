import { assertEquals, assertMatch } from "@std/assert";
import { differingParams, matchCases, type Matched } from "./match_cases.ts";
import { caseOf } from "./testdata/synthetic.ts";

function indices({ pairs }: Matched): [number, number][] {
  return pairs.map(({ base, candidate }) => [base.index, candidate.index]);
}

Deno.test("cases are matched by what they ask, wherever they stand and in whatever order keys are written", () => {
  const base = [caseOf(0, { a: 1, b: 2 }), caseOf(1, { a: 2, b: 2 })];
  const candidate = [caseOf(0, { b: 2, a: 2 }), caseOf(1, { b: 2, a: 1 })];
  assertEquals(indices(matchCases(base, candidate)), [[0, 1], [1, 0]]);
});

Deno.test("another scenario, clock, value or parameter is another case", () => {
  const base = [caseOf(0, { a: 1 })];
  const others = [
    caseOf(0, { a: 1 }, { scenario: "t" }),
    caseOf(0, { a: 1 }, { clock: "virtual" }),
    caseOf(0, { a: 2 }),
    caseOf(0, { a: "1" }),
    caseOf(0, { a: 1 }, { params: { a: 1, channel: "unix", buffer_size: 4096 } }),
  ];
  for (const other of others) {
    const matched = matchCases(base, [other]);
    assertEquals(matched.pairs, [], JSON.stringify(other));
    assertEquals(matched.unmatched.map(({ run }) => run), ["base", "candidate"]);
  }
});

Deno.test("a parameter that one of the runs does not know yet makes no difference", () => {
  const later = caseOf(0, {}, { params: { channel: "ring", buffer_size: 4096, multifd: false } });
  assertEquals(indices(matchCases([caseOf(0)], [later])), [[0, 0]]);
});

Deno.test("of cases that are the same the first goes with the first", () => {
  const twice = [caseOf(0), caseOf(1)];
  assertEquals(indices(matchCases(twice, twice)), [[0, 0], [1, 1]]);
  const { unmatched } = matchCases(twice, [caseOf(0)]);
  assertEquals(unmatched, [{ run: "base", case: "s", reason: "not in the candidate" }]);
});

Deno.test("anyway, what is left over is matched by what varies, and what differs is told", () => {
  const base = [caseOf(0, { a: 1 }), caseOf(1, { a: 2 })];
  const candidate = [
    caseOf(0, { a: 1 }, { params: { a: 1, channel: "unix", buffer_size: 4096 } }),
    caseOf(1, { a: 2 }, { scenario: "t" }),
  ];
  const matched = matchCases(base, candidate, true);
  assertEquals(indices(matched), [[0, 0], [1, 1]]);
  const [params = "", scenario = ""] = matched.warnings;
  assertMatch(params, /channel is "ring" and "unix"/);
  assertMatch(scenario, /base is of scenario s/);
});

Deno.test("anyway, nothing is guessed where two could be meant", () => {
  const base = [caseOf(0, {}, { scenario: "t" })];
  const candidate = [caseOf(0, {}, { scenario: "u" }), caseOf(1, {}, { scenario: "v" })];
  assertEquals(matchCases(base, candidate, true).pairs, []);
});

Deno.test("the parameters in which cases of one scenario differ are named", () => {
  const other = caseOf(0, {}, { params: { channel: "unix", buffer_size: 8192, more: 1 } });
  assertEquals(differingParams([caseOf(0)], [other]), ["channel", "buffer_size"]);
});
