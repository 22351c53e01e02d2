import type { Case } from "../scenario/mod.ts";
import type { Turn } from "./schedule.ts";
import { runVirtualTrial } from "./virtual_trial.ts";
import type { Trial } from "./wall_trial.ts";

/** What a Worker for virtual trials is told. */
export type VirtualWork =
  | {
    readonly type: "cases";
    readonly cases: ReadonlyMap<number, Case>;
    readonly traced: boolean;
  }
  | { readonly type: "turns"; readonly turns: readonly Turn[] };

/** Plays a turn on the virtual clock. */
export function playVirtualTurn(
  cases: ReadonlyMap<number, Case>,
  { caseNumber, trial }: Turn,
  traced: boolean,
): Trial {
  const one = cases.get(caseNumber);
  if (one === undefined) {
    throw new TypeError(`Cannot play case ${caseNumber}: there are ${cases.size}`);
  }
  return runVirtualTrial(one, { caseNumber, trial, seed: trialSeed(one, trial) }, traced);
}

/** Each trial has a seed of its own; those of warm-up trials do not matter. */
export function trialSeed(one: Case, trial: number): number {
  return one.seed + Math.max(trial, 0);
}
