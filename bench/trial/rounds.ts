/**
 * What is played when: fixed turns first, then round by round as the results ask for more.
 *
 * ```text
 *   warm-up, auto    A B B A A B ...      each until it is steady
 *   asked for        A B B A A B          warm-up of a fixed number, then the trials of each case
 *   more             B B ...              each until its medians are precise enough
 * ```
 *
 * Pure: the next turns follow from what was played. So a run that was stopped goes on as it would have gone.
 *
 * @module
 */
import type { Case } from "../scenario/mod.ts";
import type { TrialRecord } from "./record.ts";
import { abba, schedule, type Turn } from "./schedule.ts";
import {
  DEFAULT_PRECISION_METRIC,
  fewestForRule,
  type StopRule,
  trialsNeeded,
  valuesOf,
} from "./stop_rule.ts";
import { type WarmUp, warmUpOf } from "./warm_up.ts";

/** A run's turns, as they come to be. */
export interface Rounds {
  /** The next turns, to be played in this order; none where all is played. */
  next(): Turn[];
  /** What came of a turn. */
  take(turn: Turn, record: TrialRecord): void;
  /** About how many trials are still to be played, and whether that is only a guess. */
  left(): { readonly trials: number; readonly isGuess: boolean };
  /** The trials of a case that are kept. */
  trialsOf(caseNumber: number): readonly TrialRecord[];
  /** The cases that were measured though their warm-up did not become steady. */
  unsteady(): number[];
}

interface CaseState {
  readonly caseNumber: number;
  readonly fewest: number;
  readonly fixedWarmup: number;
  readonly kept: TrialRecord[];
  readonly played: Set<number>;
  /** The metric of the trials of an automatic warm-up. */
  readonly warmups: (number | undefined)[];
  warmUp: WarmUp;
}

/**
 * @param cases By their numbers in the run
 * @param played What the run has of them, where it is gone on with
 */
export function createRounds(
  cases: ReadonlyMap<number, Case>,
  rule: StopRule | null,
  played: readonly TrialRecord[] = [],
): Rounds {
  const [steadyMetric = DEFAULT_PRECISION_METRIC] = rule?.metrics ?? [];
  const states = new Map<number, CaseState>();
  for (const [caseNumber, one] of cases) {
    const kept = played.filter((record) => record.case === caseNumber);
    const fewest = fewestForRule(one.trials, rule);
    // On the virtual clock there is nothing to warm, and what is all there needs no more.
    const isCold = one.clock === "wall" && kept.length < fewest;
    states.set(caseNumber, {
      caseNumber,
      fewest,
      fixedWarmup: isCold && one.warmup !== "auto" ? one.warmup : 0,
      kept,
      played: new Set(kept.map(({ trial }) => trial)),
      warmups: [],
      warmUp: isCold && one.warmup === "auto" ? "going on" : "steady",
    });
  }
  const all = [...states.values()];
  let warmUpRound = 0;
  let isFixedDone = false;
  let pending = 0;

  const nextWarmUps = () => {
    const cold = all.filter(({ warmUp }) => warmUp === "going on");
    return abba(cold, warmUpRound++).map(({ caseNumber }) => ({ caseNumber, trial: -1 }));
  };
  const nextFixed = () => {
    isFixedDone = true;
    return schedule(all.map(({ caseNumber, fewest, fixedWarmup }) => ({
      caseNumber,
      trials: fewest,
      warmup: fixedWarmup,
    }))).filter(({ caseNumber, trial }) =>
      trial < 0 || states.get(caseNumber)?.played.has(trial) === false
    );
  };
  const nextMore = (stop: StopRule) => {
    const wanting = all.filter(({ kept }) => trialsNeeded(kept, stop) > kept.length);
    // Cases are as far as the least of them, so that they stay interleaved where a run is gone on with.
    const round = Math.min(...wanting.map(({ kept }) => kept.length));
    return abba(wanting.filter(({ kept }) => kept.length === round), round)
      .map(({ caseNumber }) => ({ caseNumber, trial: round }));
  };

  return {
    next() {
      let turns = nextWarmUps();
      if (turns.length === 0 && !isFixedDone) turns = nextFixed();
      if (turns.length === 0 && rule !== null) turns = nextMore(rule);
      pending = turns.length;
      return turns;
    },
    take({ caseNumber, trial }, record) {
      const state = states.get(caseNumber);
      if (state === undefined) throw new RangeError(`Cannot take a trial of case ${caseNumber}`);
      pending--;
      if (trial >= 0) {
        state.kept.push(record);
        state.played.add(trial);
      } else if (state.warmUp === "going on") {
        state.warmups.push(valuesOf([record], steadyMetric)[0]);
        state.warmUp = warmUpOf(state.warmups);
      }
    },
    left() {
      const isCold = all.some(({ warmUp }) => warmUp === "going on");
      const fixed = isFixedDone
        ? 0
        : all.reduce((sum, one) => sum + one.fixedWarmup + one.fewest - one.kept.length, 0);
      const more = rule === null ? 0 : all.reduce((sum, { kept, fewest }) => {
        const needed = kept.length < fewest ? fewest : trialsNeeded(kept, rule);
        return sum + Math.max(0, needed - Math.max(kept.length, fewest));
      }, 0);
      const isPrecise = rule === null || (isFixedDone && pending === 0 && more === 0);
      return { trials: pending + fixed + more, isGuess: isCold || !isPrecise };
    },
    trialsOf: (caseNumber) => states.get(caseNumber)?.kept ?? [],
    unsteady: () =>
      all.filter(({ warmUp }) => warmUp === "not steady").map(({ caseNumber }) => caseNumber),
  };
}
