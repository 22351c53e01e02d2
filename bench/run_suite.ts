import { SCENARIOS_DIR } from "./paths.ts";
import type { Progress } from "./progress.ts";
import { type Case, caseDefinition, caseSettings } from "./scenario/mod.ts";
import {
  appendTrial,
  captureEnvironment,
  type CaseMeta,
  createRun,
  type ExpectationMeta,
  finishRun,
  leaveRun,
  reopenRun,
  type Run,
  type ShardMeta,
} from "./store/mod.ts";
import { traceFiles, writeTrace } from "./trace/mod.ts";
import {
  type Cases,
  createRounds,
  createSpares,
  destinationOf,
  fewestForRule,
  type KeptOfTrial,
  openRecordings,
  playTurns,
  type Rounds,
  startWarnings,
  type StopRule,
  stopWarnings,
  type Trial,
  type TrialPlayer,
  type TrialRecord,
} from "./trial/mod.ts";

/** How a run is played, new or gone on with, and who hears of it. */
export interface PlayOptions {
  /** What is kept of wall-clock trials besides their numbers, and where. */
  readonly keep?: KeptOfTrial;
  /** A folder for the logs of every trial, as QEMU would have traced it. */
  readonly trace?: string | undefined;
  /** Who plays wall-clock trials; this process unless given. */
  readonly player?: TrialPlayer | undefined;
  /** How many Workers play virtual trials side by side. */
  readonly jobs: number;
  /** After this no further trial is begun. */
  readonly maxTime_ms?: number | undefined;
  readonly progress: Progress;
  /** Aborted by Ctrl-C: the trial that is running is cancelled and not kept. */
  readonly signal: AbortSignal;
}

/** Where a run's results go, and what is asked for beside its cases. */
export interface SuiteOptions extends PlayOptions {
  readonly root: string;
  readonly out: string | undefined;
  readonly name: string;
  /** What the scenarios are expected to say. */
  readonly expect: readonly ExpectationMeta[];
  /** Where trials go on until their medians are precise. */
  readonly stop?: StopRule | undefined;
  /** The part of the cases that is played, where not all are. */
  readonly shard?: Shard | undefined;
}

/** One of several parts of a run. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/**
 * Plays every trial of every case, each written down as it ends. Returns the run folder, which says
 * whether it is complete.
 */
export async function runSuite(cases: readonly Case[], options: SuiteOptions): Promise<string> {
  const { shard, stop } = options;
  const own = casesOfShard(cases, shard);
  return await withRecordings(own, async (opened) => {
    const environment = captureEnvironment();
    const warnings = startWarnings(environment, own.values());
    const run = createRun({
      root: options.root,
      ...(options.out === undefined ? {} : { out: options.out }),
      name: options.name,
      seed: cases[0]?.seed ?? 1,
      environment,
      cases: [...own].map(([index, one]) => caseMeta(index, one, stop ?? null)),
      expect: options.expect,
      ...(stop === undefined ? {} : { stop: { ...stop, metrics: [...stop.metrics] } }),
      ...(shard === undefined ? {} : { shard: shardMeta(shard, cases.length) }),
      ...(options.player === undefined ? {} : { peer: options.player.meta }),
      warnings,
    });
    for (const line of warnings) options.progress.warn(line);
    return await play(run, opened, [], options);
  });
}

/**
 * Goes on with a run that was stopped, where it stopped, with the cases that it began with.
 *
 * @param cases What {@linkcode casesOfRun} made of it
 * @throws {RunError} where it cannot be gone on with
 */
export async function resumeSuite(
  path: string,
  cases: Cases,
  options: PlayOptions,
): Promise<string> {
  return await withRecordings(cases, async (opened) => {
    const { run, trials } = await reopenRun(path);
    return await play(run, opened, trials, options);
  });
}

/** What is wrong with a recording is told before anything is written. */
async function withRecordings(
  cases: Cases,
  play: (opened: Cases) => Promise<string>,
): Promise<string> {
  const recordings = await openRecordings(cases);
  try {
    return await play(recordings.cases);
  } finally {
    recordings.close();
  }
}

/** The cases that a part plays, by their numbers in the whole: every so many-th, as neighbours in a matrix take about as long, so that the parts do too. */
export function casesOfShard(cases: readonly Case[], shard: Shard | undefined): Cases {
  const numbered = [...cases.entries()];
  if (shard === undefined) return new Map(numbered);
  return new Map(numbered.filter(([number]) => number % shard.count === shard.index - 1));
}

function shardMeta({ index, count }: Shard, cases: number): ShardMeta {
  return { index, count, cases };
}

/** A case as `run.json` has it. */
export function caseMeta(index: number, one: Case, stop: StopRule | null): CaseMeta {
  return {
    scenario: one.scenario,
    index,
    label: one.label,
    varies: one.varies,
    params: one.params,
    settings: caseSettings(one),
    definition: caseDefinition(one, SCENARIOS_DIR),
    clock: one.clock,
    trials: fewestForRule(one.trials, stop),
    shows: one.shows,
  };
}

async function play(
  run: Run,
  cases: Cases,
  before: readonly TrialRecord[],
  options: PlayOptions,
): Promise<string> {
  const { progress, signal, trace, maxTime_ms = Infinity } = options;
  const stop = run.meta.stop ?? null;
  const rounds = createRounds(cases, stop, before);
  const began = performance.now();
  const left_ms = () => maxTime_ms - (performance.now() - began);
  let done = before.length;
  const announce = (caseNumber: number | undefined) => {
    const one = cases.get(caseNumber ?? -1);
    if (one === undefined) return;
    const { trials, isGuess } = rounds.left();
    progress.turn(
      { done, doneBefore: before.length, total: done + trials, isGuess, atMost_ms: left_ms() },
      `${one.scenario} ${one.label}`.trimEnd(),
    );
  };
  const spares = createSpares();
  const canGoOn = () => (options.player?.why() ?? null) === null;
  const isOver = () => signal.aborted || left_ms() <= 0 || !canGoOn();
  try {
    for (let turns = rounds.next(); turns.length > 0 && !isOver(); turns = rounds.next()) {
      announce(turns[0]?.caseNumber);
      let played = 0;
      for await (
        const { turn, trial } of playTurns(cases, turns, {
          ...options,
          traced: trace !== undefined,
          spares,
        })
      ) {
        if (signal.aborted) break;
        if (turn.trial >= 0) {
          appendTrial(run, trial.record, trial.timeline);
          if (trace !== undefined) await keepTrace(trace, cases.get(turn.caseNumber), trial);
        }
        rounds.take(turn, trial.record);
        done++;
        announce(turns[++played]?.caseNumber);
        if (isOver()) break;
      }
    }
    progress.end();
    const warnings = [
      ...stopWarnings(cases, rounds, stop, left_ms() <= 0),
      ...options.player?.warnings() ?? [],
    ];
    for (const line of warnings) progress.warn(line);
    finishRun(run, !signal.aborted && canGoOn() && hasAll(run, rounds), warnings);
  } finally {
    spares.close();
    leaveRun(run);
  }
  return run.path;
}

/** Whether every case has what was asked for at least: time may have been up before. */
function hasAll({ meta }: Run, rounds: Rounds): boolean {
  return meta.cases.every(({ index, trials }) => rounds.trialsOf(index).length >= trials);
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
