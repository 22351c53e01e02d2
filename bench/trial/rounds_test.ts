import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SCENARIOS_DIR } from "../paths.ts";
import { applyOverrides, type Case, expandCases, loadScenario } from "../scenario/mod.ts";
import type { TrialRecord } from "./record.ts";
import { createRounds } from "./rounds.ts";
import type { Turn } from "./schedule.ts";
import type { StopRule } from "./stop_rule.ts";
import { record } from "./testdata/records.ts";
import { MOST_WARM_UPS } from "./warm_up.ts";

const [SMOKE] = expandCases(
  applyOverrides(await loadScenario("smoke", SCENARIOS_DIR), ["trials=3", "warmup=1"]),
);
assert(SMOKE !== undefined);

function casesOf(...changes: readonly Partial<Case>[]): Map<number, Case> {
  assert(SMOKE !== undefined);
  const one = SMOKE;
  return new Map(changes.map((change, i) => [i, { ...one, ...change }]));
}

const RULE: StopRule = { precision_ratio: 0.02, metrics: ["downtime_ms"], most_trials: 50 };

/** What a turn of a case measures, by its how many-th it is; undefined for one that fails. */
type Measure = (caseNumber: number, nth: number) => number | undefined;

/** Plays until the rounds are over, or so many turns. */
function playAll(
  rounds: ReturnType<typeof createRounds>,
  measure: Measure,
  most = Infinity,
): { turns: Turn[]; records: TrialRecord[] } {
  const turns: Turn[] = [];
  const records: TrialRecord[] = [];
  for (let next = rounds.next(); next.length > 0; next = rounds.next()) {
    for (const turn of next) {
      if (turns.length >= most) return { turns, records };
      const nth = turn.trial >= 0
        ? turn.trial
        : turns.filter((one) => one.caseNumber === turn.caseNumber && one.trial < 0).length;
      const played = record(turn.caseNumber, turn.trial, measure(turn.caseNumber, nth));
      turns.push(turn);
      if (turn.trial >= 0) records.push(played);
      rounds.take(turn, played);
    }
  }
  return { turns, records };
}

function textOf(turns: readonly Turn[]): string {
  return turns.map(({ caseNumber, trial }) => `${caseNumber}:${trial}`).join(" ");
}

const NOISY: Measure = (caseNumber, nth) => 100 + caseNumber + (nth * 7919 % 21 - 10);
const LEVEL: Measure = (_, nth) => 100 + nth % 2;

Deno.test("without a rule every case has its warm-up and its trials, interleaved", () => {
  const { turns } = playAll(createRounds(casesOf({}, {}), null), LEVEL);
  assertEquals(textOf(turns), "0:-1 1:-1 1:0 0:0 0:1 1:1 1:2 0:2");
});

Deno.test("on the virtual clock there is no warm-up", () => {
  const cases = casesOf({ clock: "virtual" }, { clock: "virtual", warmup: "auto" });
  assertEquals(textOf(playAll(createRounds(cases, null), LEVEL).turns), "0:0 1:0 1:1 0:1 0:2 1:2");
});

Deno.test("with a rule trials go on until each median is as precise as asked, and no further", () => {
  const cases = casesOf({}, {});
  const { turns, records } = playAll(
    createRounds(cases, RULE),
    (one, nth) => one === 0 ? LEVEL(one, nth) : NOISY(one, nth),
  );
  const counts = [0, 1].map((one) => records.filter((trial) => trial.case === one).length);
  assertEquals(counts[0], 6); // the fewest of which there is an interval
  assert((counts[1] ?? 0) > 6 && (counts[1] ?? 0) <= 50, `${counts}`);
  // What is left of the one case comes after all of the other.
  assertEquals(turns.at(-1), { caseNumber: 1, trial: (counts[1] ?? 0) - 1 });
});

Deno.test("a median that never is precise stops at the most trials", () => {
  const { records } = playAll(createRounds(casesOf({}), RULE), (_, nth) => nth % 2 ? 100 : 200);
  assertEquals(records.length, 50);
});

Deno.test("a case whose trials fail has had enough", () => {
  const { records } = playAll(createRounds(casesOf({}), RULE), () => undefined);
  assertEquals(records.length, 6);
});

Deno.test("more trials are asked for one round after the other, and every other one backwards", () => {
  const { turns } = playAll(createRounds(casesOf({}, {}, {}), RULE), NOISY, 40);
  const later = textOf(turns.filter(({ trial }) => trial >= 6).slice(0, 9));
  assertEquals(later, "0:6 1:6 2:6 2:7 1:7 0:7 0:8 1:8 2:8");
});

Deno.test("an automatic warm-up ends when it is steady, and is given up where it never is", () => {
  const falling: Measure = (one, nth) => one === 0 ? 100 : 1000 / (1 + nth);
  const cases = casesOf({ warmup: "auto" }, { warmup: "auto" });
  const rounds = createRounds(cases, null);
  const { turns } = playAll(rounds, (one, nth) => one === 0 ? 100 : 100 * (1 + nth));
  const warmUps = [0, 1].map((one) =>
    turns.filter(({ caseNumber, trial }) => caseNumber === one && trial < 0).length
  );
  assertEquals(warmUps, [5, MOST_WARM_UPS]);
  assertEquals(rounds.unsteady(), [1]);
  assertEquals(playAll(createRounds(cases, null), falling).records.length, 6);
});

Deno.test("a run that was stopped goes on as it would have gone, wherever it was stopped", () => {
  const cases = casesOf({ clock: "virtual" }, { clock: "virtual", trials: 8 });
  for (const rule of [null, RULE]) {
    const whole = playAll(createRounds(cases, rule), NOISY).records;
    fc.assert(
      fc.property(fc.nat(whole.length), (stoppedAfter) => {
        const before = playAll(createRounds(cases, rule), NOISY, stoppedAfter).records;
        const after = playAll(createRounds(cases, rule, before), NOISY).records;
        assertEquals([...before, ...after], whole);
      }),
      { numRuns: 30 },
    );
  }
});

Deno.test("a wall-clock run that is gone on with warms up again, but only what it still plays", () => {
  const cases = casesOf({}, {});
  const before = [0, 1, 2].map((trial) => record(0, trial, 100));
  const { turns } = playAll(createRounds(cases, null, before), LEVEL);
  assertEquals(textOf(turns), "1:-1 1:0 1:1 1:2");
});

Deno.test("what is left is exact without a rule, and reaches 0 in any case", () => {
  for (const rule of [null, RULE]) {
    const rounds = createRounds(casesOf({}, {}), rule);
    assertEquals(rounds.left().isGuess, rule !== null);
    let left = rounds.left().trials;
    for (let next = rounds.next(); next.length > 0; next = rounds.next()) {
      for (const turn of next) {
        if (rule === null) assertEquals(rounds.left().trials, left--);
        rounds.take(turn, record(turn.caseNumber, turn.trial, NOISY(turn.caseNumber, turn.trial)));
      }
    }
    assertEquals(rounds.left(), { trials: 0, isGuess: false });
  }
});
