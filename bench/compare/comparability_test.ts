import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CaseMeta, Environment, RunMeta } from "../store/mod.ts";
import { matchCases } from "./match_cases.ts";
import { type Comparability, comparability } from "./comparability.ts";
import { caseOf, MACHINE, runOf } from "./testdata/synthetic.ts";

const OTHER: Environment = {
  ...MACHINE,
  comparable: { ...MACHINE.comparable, cpu_model: "two\x1b[2J", cpu_count: 4 },
};

function judged(
  base: Partial<RunMeta> & { cases: CaseMeta[] },
  candidate: Partial<RunMeta> & { cases: CaseMeta[] },
  anyway = false,
): Comparability {
  const [before, after] = [base, candidate].map((one) => runOf(one.cases, [], one).meta);
  if (before === undefined || after === undefined) throw new Error("unreachable");
  return comparability(
    { base: before, candidate: after, anyway },
    matchCases(before.cases, after.cases, anyway),
  );
}

Deno.test("runs of one machine are compared, whatever its load was", () => {
  const busy = { ...MACHINE, context: { ...MACHINE.context, load_average_1m: 9 } };
  assertEquals(judged({ cases: [caseOf(0)] }, { cases: [caseOf(0)], environment: busy }), {
    refusal: null,
    warnings: [],
  });
});

Deno.test("runs of different machines are refused with what differs, or compared with a warning", () => {
  const candidate = { cases: [caseOf(0)], environment: OTHER };
  const { refusal } = judged({ cases: [caseOf(0)] }, candidate);
  assertStringIncludes(refusal ?? "", 'cpu_model ("one", "two\\u001b[2J"), cpu_count (2, 4)');
  assertEquals(refusal?.includes("memory_total_bytes"), false);
  const anyway = judged({ cases: [caseOf(0)] }, candidate, true);
  assertEquals([anyway.refusal, anyway.warnings.length], [null, 1]);
});

Deno.test("a run with its destinations in another process is not like one of a single process", () => {
  const peer = { channel: "unix", one_machine: true, comparable: { cpu_count: 2 } } as const;
  const cases = [caseOf(0)];
  assertStringIncludes(
    judged({ cases }, { cases, peer }).refusal ?? "",
    'destination ("in the same process", {"channel":"unix"',
  );
  assertEquals(judged({ cases, peer }, { cases, peer }).refusal, null);
});

Deno.test("the virtual clock says the same on every machine", () => {
  const cases = [caseOf(0, {}, { clock: "virtual" })];
  assertEquals(judged({ cases }, { cases, environment: OTHER }).refusal, null);
  const mixed = [...cases, caseOf(1)];
  assertStringIncludes(
    judged({ cases: mixed }, { cases: mixed, environment: OTHER }).refusal ?? "",
    "cpu",
  );
});

Deno.test("a run that does not say where it was made is not taken for one of this machine", () => {
  const cases = [caseOf(0)];
  for (const environment of [null, {}, { comparable: null }, "x"]) {
    assertStringIncludes(judged({ cases }, { cases, environment }).refusal ?? "", "does not say");
  }
});

Deno.test("runs of different scenarios are refused, and compared anyway", () => {
  const base = { cases: [caseOf(0)] };
  const other = { cases: [caseOf(0, {}, { scenario: "t\n" })] };
  const { refusal } = judged(base, other);
  assertStringIncludes(refusal ?? "", "the base is of s, the candidate of t\ufffd");
  assertEquals(judged(base, other, true).refusal, null);
});

Deno.test("runs without a case in common say in which parameters they differ", () => {
  const base = { cases: [caseOf(0)] };
  const other = { cases: [caseOf(0, {}, { params: { channel: "tcp", buffer_size: 4096 } })] };
  assertStringIncludes(judged(base, other).refusal ?? "", "channel differ");
  const varied = { cases: [caseOf(0, { a: 1 })] };
  assertStringIncludes(judged(base, varied).refusal ?? "", "what varies is not the same");
  assertStringIncludes(judged(base, varied, true).refusal ?? "", "no cases vary alike either");
  assertStringIncludes(judged(base, { cases: [] }).refusal ?? "", "the candidate of nothing");
});
