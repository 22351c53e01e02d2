import { assertEquals, assertStringIncludes } from "@std/assert";
import { caseOf, runOf, trialsOf } from "../compare/testdata/synthetic.ts";
import { compareRuns, type Comparison, type NamedRun } from "../compare/mod.ts";
import { historyOf, historyRun, standingLosses } from "../history/mod.ts";
import { RunError } from "../store/mod.ts";
import { againstHistory, findingText, type HistoryFinding } from "./against_history.ts";
import { exitOfNight } from "./exit_of_night.ts";

const METRICS = ["downtime_ms"];
const CASES = [0, 1].map((a) => caseOf(a, { a }));

/** A night of two cases, with downtimes so many times 100 ms. */
function nightOf(at: number, times: readonly [number, number]): NamedRun {
  const trials = CASES.flatMap((one, i) => trialsOf(one, (times[i] ?? 1) * (1 + at % 3 / 1000)));
  const started_at = new Date(Date.UTC(2026, 0, at + 1)).toISOString();
  return { ...runOf(CASES, trials, { started_at }), run: `night-${at}` };
}

/** Ten nights of one level, five of another; of the second case the level stays. */
const NIGHTS = Array.from({ length: 15 }, (_, at) => nightOf(at, [at < 10 ? 1 : 1.2, 1]));

interface Given {
  readonly before?: NamedRun;
  readonly comparison?: Comparison;
  readonly confirm?: (first: Comparison) => Comparison | string;
}

async function findings(
  { before, comparison, confirm = (first) => first }: Given = {},
): Promise<HistoryFinding[]> {
  const history = historyOf(
    NIGHTS.map((night) => historyRun(night.run, night, METRICS)),
    METRICS,
  );
  const night = NIGHTS[14] ?? nightOf(14, [1, 1]);
  const losses = standingLosses(history, { run: night.run, tolerance: 0.05, acceptedAt: null });
  return await againstHistory(losses, night, {
    machines: 1,
    tolerance: 0.05,
    comparison: comparison ?? null,
    readRun: (run) => {
      const found = before ?? NIGHTS.find((one) => one.run === run);
      return found === undefined ? Promise.reject(new RunError("gone")) : Promise.resolve(found);
    },
    confirm: (first) => Promise.resolve(confirm(first)),
  });
}

function exit(history: readonly HistoryFinding[], comparison: Comparison | null = null): number {
  return exitOfNight(0, { comparison, not_compared: null, history });
}

Deno.test("a lost level is held against the last run that had it, and counts", async () => {
  const found = await findings();
  assertEquals(found.map((one) => [one.case, one.held_against, one.verdict]), [
    ["s a=0", "night-9", "regressed"],
  ]);
  assertEquals(found[0]?.measured_ratio?.toFixed(1), "1.2");
  assertStringIncludes(findingText(found[0] as HistoryFinding), "regressed against night-9 (x1.2");
  assertEquals(exit(found), 1);
});

Deno.test("where tonight is no slower than that run, nothing counts", async () => {
  const found = await findings({ before: { ...nightOf(9, [1.2, 1]), run: "night-9" } });
  assertEquals(found.map(({ verdict }) => verdict), ["same"]);
  assertEquals(exit(found), 3);
});

Deno.test("what does not regress again when it is played again does not count", async () => {
  const found = await findings({
    confirm: (first) => ({
      ...first,
      rows: first.rows.map((row) => ({ ...row, verdict: "inconclusive" as const })),
    }),
  });
  assertEquals(found.map(({ verdict }) => verdict), ["inconclusive"]);
  // Where it cannot be played again, what was measured stands.
  assertEquals((await findings({ confirm: () => "no" }))[0]?.verdict, "regressed");
});

Deno.test("what regressed against the baseline needs no second opinion", async () => {
  const [base, night] = [NIGHTS[2], NIGHTS[14]];
  if (base === undefined || night === undefined) throw new Error("there are 15");
  const comparison = compareRuns(base, night, { metrics: METRICS, tolerance: 0.05, anyway: false });
  if (typeof comparison === "string") throw new Error(comparison);
  const never = () => {
    throw new Error("it is held against nothing");
  };
  const found = await findings({ comparison, confirm: never });
  assertEquals(found.map(({ held_against, verdict }) => [held_against, verdict]), [
    ["night-2", "regressed"],
  ]);
});

Deno.test("a run that is gone leaves the loss told, and uncounted", async () => {
  const history = historyOf(
    NIGHTS.map((night) => historyRun(night.run, night, METRICS)),
    METRICS,
  );
  const night = NIGHTS[14] ?? nightOf(14, [1, 1]);
  const losses = standingLosses(history, { run: night.run, tolerance: 0.05, acceptedAt: null });
  const found = await againstHistory(losses, night, {
    machines: 1,
    tolerance: 0.05,
    comparison: null,
    readRun: () => Promise.reject(new RunError("gone")),
    confirm: (first) => Promise.resolve(first),
  });
  assertEquals(found.map(({ verdict }) => verdict), [null]);
  assertEquals(findingText(found[0] as HistoryFinding), "cannot be held against night-9");
  assertEquals(exit(found), 3);
});

Deno.test("what is wrong with the run itself comes first", async () => {
  const history = await findings();
  assertEquals(exitOfNight(4, { comparison: null, not_compared: null, history }), 4);
});
