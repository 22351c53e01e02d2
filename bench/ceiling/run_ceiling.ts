/**
 * Plays the harness and its rivals in turn and keeps what each measured.
 *
 * ```text
 *   round 0   ring 4 KiB:  harness  c-twin  qemu-path  pipe-to      ring 16 KiB:  c-twin  qemu-path  ...
 *   round 1   ring 4 KiB:  c-twin  qemu-path  pipe-to  harness      ...
 * ```
 *
 * Each of them moves its state twice, and what counts is the last time. Whatever the machine does for a while, it does to
 * all of a round; and none of them is always the first.
 *
 * @module
 */
import type { Progress } from "../progress.ts";
import { caseMeta } from "../run_suite.ts";
import type { Case } from "../scenario/mod.ts";
import {
  appendTrial,
  captureEnvironment,
  createRun,
  finishRun,
  leaveRun,
  type Run,
} from "../store/mod.ts";
import { createSpares, runWallTrial, type Spares, startWarnings } from "../trial/mod.ts";
import type { TrialPlace } from "../trial/trial_record.ts";
import { ceilingCases, type CeilingPlan } from "./ceiling_cases.ts";
import { appendCeiling } from "./ceiling_file.ts";
import { measureRival, type Rival, RivalError } from "./rival.ts";
import { type FoundRivals, TIMES } from "./rivals.ts";

/** Where the run goes, and who hears of it. */
export interface CeilingOptions {
  readonly root: string;
  readonly out: string | undefined;
  readonly progress: Progress;
  /** Aborted by Ctrl-C: what was measured until then is kept. */
  readonly signal: AbortSignal;
}

/** Plays all rounds. Returns the run folder, which says whether it is complete. */
export async function runCeiling(
  plan: CeilingPlan,
  { rivals, notCompared }: FoundRivals,
  { root, out, progress, signal }: CeilingOptions,
): Promise<string> {
  const cases = ceilingCases(plan);
  const environment = captureEnvironment();
  const warnings = [
    ...startWarnings(environment, cases),
    ...notCompared.map((one) => `Not compared with ${one.against}: ${one.not_compared}`),
  ];
  const run = createRun({
    root,
    ...(out === undefined ? {} : { out }),
    name: "ceiling",
    seed: cases[0]?.seed ?? 1,
    environment,
    cases: cases.map((one, index) => caseMeta(index, one, null)),
    expect: [],
    warnings,
  });
  for (const line of warnings) progress.warn(line);
  for (const one of notCompared) appendCeiling(run.path, one);
  const failures = new Set<string>();
  const spares = createSpares();
  try {
    await playRounds(run, cases, rivals, plan, {
      progress,
      signal,
      spares,
      onFailure(line) {
        if (!failures.has(line)) progress.warn(line);
        failures.add(line);
      },
    });
    progress.end();
    finishRun(run, !signal.aborted, [...failures]);
  } finally {
    spares.close();
    leaveRun(run);
  }
  return run.path;
}

/** How a round is played, and who hears of it. */
interface Rounds extends Pick<CeilingOptions, "progress" | "signal"> {
  /** What the harness's trials hand on to each other. */
  readonly spares: Spares;
  /** A rival that did not come to its end makes no pair in that round. */
  onFailure(line: string): void;
}

async function playRounds(
  run: Run,
  cases: readonly Case[],
  rivals: readonly Rival[],
  { pairs, bytes }: CeilingPlan,
  rounds: Rounds,
): Promise<void> {
  const total = pairs * cases.length;
  for (let trial = 0; trial < pairs; trial++) {
    for (const [caseNumber, one] of cases.entries()) {
      rounds.progress.turn({ done: trial * cases.length + caseNumber, total }, one.label);
      const plays = [
        () => playHarness(run, one, { caseNumber, trial, seed: one.seed }, rounds),
        ...rivals.map((rival) => () =>
          playRival(run, rival, one, { caseNumber, trial, bytes }, rounds)
        ),
      ];
      for (const play of rotated(plays, trial + caseNumber)) {
        if (rounds.signal.aborted) return;
        await play();
      }
    }
  }
}

async function playHarness(
  run: Run,
  one: Case,
  place: TrialPlace,
  { signal, spares }: Rounds,
): Promise<void> {
  for (let time = 1; time <= TIMES && !signal.aborted; time++) {
    const startedAtMs = Date.now();
    const { record, timeline } = await runWallTrial(one, { ...place, startedAtMs }, signal, spares);
    if (time === TIMES && !signal.aborted) appendTrial(run, record, timeline);
  }
  // Where the pages of a state lie makes up to a fifth of the speed. Who kept his would have the same all the time, and the
  // rivals, which are new processes, would have the others.
  spares.memories.close();
}

async function playRival(
  run: Run,
  rival: Rival,
  { params }: Case,
  { caseNumber, trial, bytes }: { caseNumber: number; trial: number; bytes: number },
  { signal, onFailure }: Rounds,
): Promise<void> {
  const channel = rival.channels.find((name) => name === params.channel);
  if (channel === undefined) return;
  try {
    const bytes_per_s = await measureRival(
      rival,
      { channel, buffer_size: params.buffer_size },
      bytes,
      signal,
    );
    appendCeiling(run.path, { case: caseNumber, trial, against: rival.name, bytes_per_s });
  } catch (error) {
    if (!(error instanceof RivalError)) throw error;
    // Ctrl-C ends the program as well.
    if (!signal.aborted) onFailure(error.message);
  }
}

/** The same list, begun at another place. */
export function rotated<T>(list: readonly T[], by: number): T[] {
  const at = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}
