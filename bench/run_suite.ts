import type { Progress } from "./progress.ts";
import type { Case } from "./scenario/mod.ts";
import { appendTrial, captureEnvironment, createRun, finishRun } from "./store/mod.ts";
import { runVirtualTrial, runWallTrial, schedule } from "./trial/mod.ts";

/** Where a run's results go, and who hears of it. */
export interface SuiteOptions {
  readonly root: string;
  readonly out: string | undefined;
  readonly name: string;
  readonly progress: Progress;
  /** Aborted by Ctrl-C: the trial that is running is cancelled and not kept. */
  readonly signal: AbortSignal;
}

/**
 * Plays every trial of every case, each written down as it ends. Returns the run folder, which says
 * whether it is complete.
 */
export async function runSuite(cases: readonly Case[], options: SuiteOptions): Promise<string> {
  const { progress, signal } = options;
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
      clock: one.clock,
      trials: one.trials,
    })),
  });
  const turns = schedule(cases);
  for (const [done, { caseNumber, trial }] of turns.entries()) {
    const one = cases[caseNumber];
    if (one === undefined || signal.aborted) break;
    progress.turn(
      done,
      turns.length,
      one.label === "" ? one.scenario : `${one.scenario} ${one.label}`,
    );
    const place = { caseNumber, trial, seed: one.seed + Math.max(trial, 0) };
    const { record, timeline } = one.clock === "virtual"
      ? runVirtualTrial(one, place)
      : await runWallTrial(one, { ...place, startedAtMs: Date.now() }, signal);
    if (signal.aborted) break;
    if (trial >= 0) appendTrial(run, record, timeline);
  }
  progress.end();
  finishRun(run, !signal.aborted);
  return run.path;
}
