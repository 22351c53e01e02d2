import { createHash } from "node:crypto";
import { type Clock, drawTrial } from "./draw_trial.ts";
import { type CheckedTrial, playTrial } from "./play_trial.ts";
import { sweptFaults, type SweptTrial } from "./tally.ts";

/** One virtual trial in so many is played twice: the second must say what the first one said. */
const TWICE_EVERY = 10;

/** Draws, plays and checks the trial of a number. */
export async function sweepOne(
  sweepSeed: number,
  number: number,
  clock: Clock,
): Promise<SweptTrial> {
  const { system, one, seed } = drawTrial(sweepSeed, number, clock);
  const { trial, violations } = await playTrial(one, clock, seed);
  const digest = digestOf(trial);
  const more = clock === "virtual" && number % TWICE_EVERY === 0 &&
      digestOf((await playTrial(one, clock, seed)).trial) !== digest
    ? ["played again it says something else"]
    : [];
  const injections = trial?.aftermath.injections ?? [];
  return {
    number,
    system,
    outcome: trial?.record.outcome ?? "broken",
    faults: sweptFaults(
      one.faults,
      (fault) => injections.find((injection) => injection.fault === fault)?.times ?? 0,
    ),
    violations: [...violations, ...more],
    digest,
  };
}

function digestOf(trial: CheckedTrial["trial"]): string {
  const text = trial === null ? "" : JSON.stringify([trial.record, trial.timeline]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
