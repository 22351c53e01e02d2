import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { caseOf, MACHINE, runOf, trialOf, writeRun } from "../compare/testdata/synthetic.ts";
import type { CaseMeta } from "../store/mod.ts";
import { readHistory } from "./find_runs.ts";
import { historyOf } from "./history.ts";
import { HistorySchema } from "./history_schema.ts";
import { historyText, sparkline } from "./history_text.ts";
import { METRICS, night } from "./testdata/nights.ts";

function changesIn(downtimes: readonly number[], one?: CaseMeta) {
  const history = historyOf(downtimes.map((ms, at) => night(at, ms, one)), METRICS);
  assertEquals(HistorySchema.parse(JSON.parse(JSON.stringify(history))), history);
  return history.series[0]?.changes ?? [];
}

Deno.test("a sudden step is found, with the night that has it first", () => {
  const [step, ...more] = changesIn([...Array(12).fill(100), ...Array(8).fill(110)]);
  assertEquals(more, []);
  assertEquals([step?.kind, step?.from, step?.run, step?.verdict], [
    "step",
    11,
    "night-12",
    "regressed",
  ]);
  assert(Math.abs((step?.ratio ?? 0) - 1.1) < 0.01);
});

Deno.test("the first night of a step is told also where the parts are of unequal length", () => {
  const steps = [4, 8, 12, 18, 22, 26].map((nights) => {
    const [step] = changesIn([...Array(nights).fill(100), ...Array(30 - nights).fill(120)]);
    return step?.to;
  });
  assertEquals(steps, [4, 8, 12, 18, 22, 26]);
});

Deno.test("a slow drift is found as one, and not as a staircase", () => {
  const changes = changesIn(Array.from({ length: 30 }, (_, at) => 100 * 1.005 ** at));
  assert(changes.length > 0);
  for (const { kind, verdict } of changes) assertEquals([kind, verdict], ["drift", "regressed"]);
});

Deno.test("nights that only differ by noise have no change, faster ones an improvement", () => {
  assertEquals(changesIn(Array(30).fill(100)), []);
  const faster = changesIn([...Array(9).fill(100), ...Array(9).fill(80)]);
  assertEquals(faster.map(({ verdict }) => verdict), ["improved"]);
});

Deno.test("on the virtual clock any other value is a step, also the last one", () => {
  const one = caseOf(0, {}, { clock: "virtual" });
  const changes = changesIn([100, 100, 100.001], one);
  assertEquals(changes.map(({ to, verdict }) => [to, verdict]), [[2, "regressed"]]);
});

Deno.test("other machines and other parameters are other series, whatever the order of the runs", () => {
  const other = { ...MACHINE, comparable: { ...MACHINE.comparable, cpu_count: 64 } };
  const changed = caseOf(0, {}, { params: { channel: "unix" } });
  const runs = [
    night(3, 50, caseOf(0), other),
    night(1, 100),
    night(2, 50, caseOf(0), other),
    night(0, 100),
    night(4, 70, changed),
    night(5, 70, changed),
    night(6, 1, caseOf(0, { a: 1 })),
  ];
  const { series, machines, runs: count } = historyOf(runs, METRICS);
  assertEquals([machines.length, count], [2, 7]);
  assertEquals(
    series.map(({ machine, points }) => [machine, points.map(({ run }) => run).join(" ")]),
    [[1, "night-0 night-1"], [2, "night-2 night-3"], [1, "night-4 night-5"]],
  );
  // The virtual clock is the same on all of them.
  const virtual = caseOf(0, {}, { clock: "virtual" });
  const both = historyOf([night(0, 1, virtual), night(1, 1, virtual, other)], METRICS);
  assertEquals(both.series.map(({ machine, points }) => [machine, points.length]), [[null, 2]]);
});

Deno.test("the text says what changed, where and by how much", () => {
  const downtimes = [...Array(10).fill(100), ...Array(10).fill(150)];
  const text = historyText(historyOf(downtimes.map((ms, at) => night(at, ms)), METRICS));
  assertStringIncludes(text, "s, downtime_ms  ▁");
  assertStringIncludes(text, "regressed: step at night-10, ");
  assertStringIncludes(text, "20 runs, 1 series; 1 changed their level.");
  assertStringIncludes(historyText(historyOf([night(0, 1)], METRICS)), "Nothing to follow");
  assertEquals([sparkline([1, 2, 3]), sparkline([2, 2])], ["▁▅█", "▅▅"]);
});

Deno.test("runs are read from folders of runs, and a damaged one hides no other", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const one = caseOf(0);
    for (const name of ["a", "b", "bad"]) {
      writeRun(`${folder}/${name}`, runOf([one], [trialOf(one, 0, { downtime_ms: 1 })]));
    }
    await Deno.writeTextFile(`${folder}/bad/trials.jsonl`, "no\n");
    await Deno.mkdir(`${folder}/other`);
    const { runs, warnings } = await readHistory([folder, `${folder}/a`], METRICS, folder);
    assertEquals(runs.map(({ run }) => run), ["a", "b"]);
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0] ?? "", "Left out: ");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
