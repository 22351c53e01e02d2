/**
 * One comparison as a user makes it: two sides of the same scenario, their trials interleaved, `compare --by` with
 * `--confirm`. The sides are alike, or one has a slowdown planted.
 *
 * @module
 */
import {
  compareWithin,
  type Comparison,
  confirm,
  type NamedRun,
  planRerun,
} from "../compare/mod.ts";
import type { Case } from "../scenario/mod.ts";
import { captureEnvironment, type CaseMeta, type RunMeta } from "../store/mod.ts";
import type { TrialRecord } from "../trial/mod.ts";

/** What tells the sides apart: `before` is the base. */
export const SIDE = "side";

/** How a comparison is made, the same for those that are alike and those that are not. */
export interface Rule {
  readonly metrics: readonly string[];
  readonly tolerance: number;
}

/** Plays cases with their trials interleaved, and gives all trials that count. */
export type Play = (cases: readonly Case[]) => Promise<readonly TrialRecord[]>;

/** What a comparison came to. */
export interface Outcome {
  /** Before anything was played again. */
  readonly regressed_first: readonly string[];
  /** And again: an alarm. */
  readonly regressed: readonly string[];
  /** An alarm of the other kind, which nobody confirms. */
  readonly improved: readonly string[];
  /** Candidate to base, of each metric, of the first run. */
  readonly ratios: Readonly<Record<string, number | null>>;
  readonly failed_trials: number;
}

/** The two sides of a case, of which the second takes so much longer for every read and write. */
export function sidesOf(one: Case, slowdown_ratio: number): Case[] {
  const side = (name: string, ratio: number): Case => ({
    ...one,
    label: `${SIDE}=${name}`,
    varies: { [SIDE]: name },
    devices: one.devices.map((device) =>
      device.kind === "simulated" && ratio > 0
        ? { ...device, profile: { ...device.profile, slowdown_ratio: ratio } }
        : device
    ),
  });
  return [side("before", 0), side("after", slowdown_ratio)];
}

/** Plays a comparison, and what regressed once more. */
export async function compareOnce(
  sides: readonly Case[],
  rule: Rule,
  play: Play,
): Promise<Outcome> {
  const run = runOf(sides, await play(sides));
  const first = compareWithin(run, SIDE, rule);
  const options = { ...rule, base: run, candidate: run, anyway: false };
  const rerun = planRerun(first, options);
  const played = [...run.trials];
  let last = first;
  if (rerun !== null) {
    const again = rerun.cases.flatMap(({ index }) => sides[index] ?? []);
    const rerunRun = runOf(again, await play(again));
    played.push(...rerunRun.trials);
    last = confirm(first, rerun, rerunRun, options);
  }
  return {
    regressed_first: namesOf(first, "regressed"),
    regressed: namesOf(last, "regressed"),
    improved: namesOf(first, "improved"),
    ratios: Object.fromEntries(first.rows.map(({ metric, ratio }) => [metric, ratio])),
    failed_trials: played.filter(({ outcome }) => outcome !== "completed").length,
  };
}

function namesOf({ rows }: Comparison, word: "regressed" | "improved"): string[] {
  return rows.filter(({ verdict }) => verdict === word).map(({ metric }) => metric);
}

/** A run that is in no folder. */
function runOf(cases: readonly Case[], trials: readonly TrialRecord[]): NamedRun {
  const metas = cases.map((one, index): CaseMeta => ({
    scenario: one.scenario,
    index,
    label: one.label,
    varies: one.varies,
    // Not the settings: those of the sides differ where a slowdown is planted, and what varies is the side.
    params: one.params,
    clock: one.clock,
    trials: one.trials,
    shows: one.shows,
  }));
  const meta: RunMeta = {
    schema: "vfio-migbench/run@1",
    complete: true,
    name: "false-alarms",
    seed: cases[0]?.seed ?? 1,
    started_at: new Date().toISOString(),
    finished_at: null,
    environment: captureEnvironment(),
    cases: metas,
    expect: [],
  };
  return { run: "false-alarms", meta, trials, tornLines: 0 };
}
