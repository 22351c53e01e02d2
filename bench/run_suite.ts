import type { Progress } from "./progress.ts";
import { type Case, caseSettings } from "./scenario/mod.ts";
import {
  appendTrial,
  captureEnvironment,
  createRun,
  type ExpectationMeta,
  finishRun,
} from "./store/mod.ts";
import { traceFiles, writeTrace } from "./trace/mod.ts";
import { destinationOf, playTurns, schedule, type Trial } from "./trial/mod.ts";

/** Where a run's results go, and who hears of it. */
export interface SuiteOptions {
  readonly root: string;
  readonly out: string | undefined;
  readonly name: string;
  /** What the scenarios are expected to say. */
  readonly expect: readonly ExpectationMeta[];
  /** Where the streams of file channels are kept. */
  readonly keepStreams: string | undefined;
  /** A folder for the logs of every trial, as QEMU would have traced it. */
  readonly trace: string | undefined;
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
  const { progress, jobs, keepStreams, trace, signal } = options;
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
  const traced = trace !== undefined;
  const played = playTurns(cases, turns, { jobs, keepStreams, traced, signal });
  for await (const { turn, trial } of played) {
    if (signal.aborted) break;
    if (turn.trial >= 0) {
      appendTrial(run, trial.record, trial.timeline);
      if (trace !== undefined) await keepTrace(trace, cases[turn.caseNumber], trial);
    }
    done++;
    announce();
  }
  progress.end();
  finishRun(run, !signal.aborted);
  return run.path;
}

async function keepTrace(
  folder: string,
  one: Case | undefined,
  { record, traced }: Trial,
): Promise<void> {
  if (one === undefined || traced === undefined) return;
  const { scenario, case: caseNumber, trial, started_at_ms } = record;
  const there = destinationOf(one);
  await writeTrace(traceFiles(folder, { scenario, caseNumber, trial }), traced, {
    policy: one.params.policy,
    destinationPolicy: there.policy,
    destinationAckLegacy: there.options.switchoverAckLegacy,
    ...(started_at_ms === undefined ? {} : { startedAtMs: started_at_ms }),
  });
}
