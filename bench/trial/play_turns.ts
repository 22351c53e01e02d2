import type { Case } from "../scenario/mod.ts";
import type { PeerMeta } from "../store/run_schema.ts";
import type { Turn } from "./schedule.ts";
import type { TrialPlace } from "./trial_record.ts";
import type { Spares } from "./spares.ts";
import { startVirtualPool } from "./virtual_pool.ts";
import { playVirtualTurn, trialSeed } from "./virtual_turn.ts";
import type { KeptOfTrial } from "./kept_of_trial.ts";
import { runWallTrial, type Trial } from "./wall_trial.ts";

/** Who plays wall-clock trials, where both sides are not in this process. */
export interface TrialPlayer {
  play(one: Case, place: TrialPlace, signal: AbortSignal, keep: KeptOfTrial): Promise<Trial>;
  /** Where the other side is, as the run says it. */
  readonly meta: PeerMeta;
  /** Why no further trial can be played; null while they can. */
  why(): string | null;
  /** What makes the numbers of its trials less than they look. */
  warnings(): readonly string[];
}

export interface PlayOptions {
  /** What is kept of wall-clock trials besides their numbers. */
  readonly keep?: KeptOfTrial;
  /** Who plays wall-clock trials; this process unless given. */
  readonly player?: TrialPlayer | undefined;
  /** Whether every step of every trial is kept. */
  readonly traced?: boolean | undefined;
  /** What wall-clock trials hand on to each other; nothing unless given. */
  readonly spares?: Spares | undefined;
  /** How many Workers play virtual trials side by side. Wall-clock trials always have the machine to themselves. */
  readonly jobs: number;
  /** Aborted by Ctrl-C: a wall-clock trial that is running is cancelled. */
  readonly signal: AbortSignal;
}

/** The cases of a run, by their numbers in it. */
export type Cases = ReadonlyMap<number, Case>;

/** A turn and what came of it. */
export interface PlayedTurn {
  readonly turn: Turn;
  readonly trial: Trial;
}

/** How many virtual turns a Worker is given at a time. */
const CHUNK = 32;

/** How long virtual trials may keep the event loop, and with it Ctrl-C, waiting. */
const BREATH_MS = 50;

/**
 * Plays turns and gives their trials in the turns' order, however many Workers there are: the same for one
 * and for several.
 */
export async function* playTurns(
  cases: Cases,
  turns: readonly Turn[],
  options: PlayOptions,
): AsyncGenerator<PlayedTurn> {
  for (let at = 0; at < turns.length && !options.signal.aborted;) {
    const isVirtual = clockOf(cases, turns[at]) === "virtual";
    let end = at + 1;
    while (end < turns.length && (clockOf(cases, turns[end]) === "virtual") === isVirtual) end++;
    const stretch = turns.slice(at, end);
    if (!isVirtual) yield* playWall(cases, stretch, options);
    // A few turns are played sooner than Workers are started.
    else if (options.jobs > 1 && stretch.length > CHUNK) {
      yield* playSideBySide(cases, stretch, options);
    } else yield* playHere(cases, stretch, options);
    at = end;
  }
}

async function* playWall(
  cases: Cases,
  turns: readonly Turn[],
  { signal, keep, traced, player, spares }: PlayOptions,
): AsyncGenerator<PlayedTurn> {
  for (const turn of turns) {
    const { caseNumber, trial } = turn;
    const one = cases.get(caseNumber);
    if (one === undefined || signal.aborted || (player && player.why() !== null)) return;
    const place = { caseNumber, trial, seed: trialSeed(one, trial), startedAtMs: Date.now() };
    // Warm-up trials are not kept, nor is anything of them.
    const kept = trial < 0 ? { ...spares } : { ...keep, traced, ...spares };
    const play = player?.play ?? runWallTrial;
    yield { turn, trial: await play(one, place, signal, kept) };
  }
}

async function* playHere(
  cases: Cases,
  turns: readonly Turn[],
  { signal, traced = false }: PlayOptions,
): AsyncGenerator<PlayedTurn> {
  let breathed = performance.now();
  for (const turn of turns) {
    if (performance.now() - breathed > BREATH_MS) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      breathed = performance.now();
    }
    if (signal.aborted) return;
    yield { turn, trial: playVirtualTurn(cases, turn, traced) };
  }
}

async function* playSideBySide(
  cases: Cases,
  turns: readonly Turn[],
  { jobs, signal, traced = false }: PlayOptions,
): AsyncGenerator<PlayedTurn> {
  const pool = startVirtualPool(cases, jobs, traced);
  try {
    const underWay: { turns: readonly Turn[]; trials: Promise<readonly Trial[]> }[] = [];
    let at = 0;
    const hand = () => {
      const chunk = turns.slice(at, at + CHUNK);
      at += CHUNK;
      if (chunk.length > 0) underWay.push({ turns: chunk, trials: pool.play(chunk) });
    };
    for (let i = 0; i < 2 * jobs; i++) hand();
    for (let first = underWay.shift(); first !== undefined; first = underWay.shift()) {
      const trials = await first.trials;
      if (signal.aborted) return;
      hand();
      for (const [i, turn] of first.turns.entries()) {
        const trial = trials[i];
        if (trial !== undefined) yield { turn, trial };
      }
    }
  } finally {
    pool.end();
  }
}

function clockOf(cases: Cases, turn: Turn | undefined): "wall" | "virtual" | undefined {
  return turn === undefined ? undefined : cases.get(turn.caseNumber)?.clock;
}
