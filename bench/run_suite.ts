import type { Progress } from "./progress.ts";
import { type Case, caseSettings } from "./scenario/mod.ts";
import {
  appendTrial,
  captureEnvironment,
  createRun,
  type ExpectationMeta,
  finishRun,
} from "./store/mod.ts";
import { type KeptOfTrial, playTurns, schedule } from "./trial/mod.ts";

/** Where a run's results go, and who hears of it. */
export interface SuiteOptions {
  readonly root: string;
  readonly out: string | undefined;
  readonly name: string;
  /** What the scenarios are expected to say. */
  readonly expect: readonly ExpectationMeta[];
  /** What is kept of wall-clock trials besides their numbers, and where. */
  readonly keep: KeptOfTrial;
  /** How many Workers play virtual trials side by side. */
  readonly jobs: number;
  readonly progress: Progress;
  /** Aborted by Ctrl-C: the trial that is running is cancelled and not kept. */
  readonly signal: AbortSignal;
}

/**
 * Plays every trial of every case, each written down as it ends. Returns the run folder, which says
 * whether it is complete.
 */
export async function runSuite(cases: readonly Case[], options: SuiteOptions): Promise<string> {
  const { progress, jobs, keep, signal } = options;
  const run = createRun({
    root: options.root,
    ...(options.out === undefined ? {} : { out: options.out }),
    name: options.name,
    seed: cases[0]?.seed ?? 1,
    environment: captureEnvironment(),
    cases: cases.map((one, index) => ({
      scenario: one.scenario,
      index,
      label: one.label,
      varies: one.varies,
      params: one.params,
      settings: caseSettings(one),
      clock: one.clock,
      trials: one.trials,
      shows: one.shows,
    })),
    expect: options.expect,
  });
  const turns = schedule(cases);
  let done = 0;
  const announce = () => {
    const one = cases[turns[done]?.caseNumber ?? -1];
    if (one === undefined) return;
    progress.turn(done, turns.length, `${one.scenario} ${one.label}`.trimEnd());
  };
  announce();
  for await (const { turn, trial } of playTurns(cases, turns, { jobs, keep, signal })) {
    if (signal.aborted) break;
    if (turn.trial >= 0) appendTrial(run, trial.record, trial.timeline);
    done++;
    announce();
  }
  progress.end();
  finishRun(run, !signal.aborted);
  return run.path;
}
