/** A trial to be run: which case, and its number there; negative numbers warm up and are not kept. */
export interface Turn {
  readonly caseNumber: number;
  readonly trial: number;
}

/** What is asked for of a case. */
export interface Ask {
  /** Its place in the list, unless given. */
  readonly caseNumber?: number;
  readonly trials: number;
  readonly warmup: number;
}

/**
 * The order of trials: cases interleaved, so that a machine that drifts drifts for all of them alike, and
 * every other round backwards (ABBA), so that none always follows the same one.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { schedule } from "./schedule.ts";
 *
 * const turns = schedule([{ trials: 2, warmup: 0 }, { trials: 2, warmup: 0 }]);
 * assertEquals(turns.map((turn) => turn.caseNumber), [0, 1, 1, 0]);
 * ```
 */
export function schedule(asks: readonly Ask[]): Turn[] {
  const turns: Turn[] = [];
  const rounds = Math.max(0, ...asks.map(({ trials, warmup }) => trials + warmup));
  for (let round = 0; round < rounds; round++) {
    for (
      const [place, { caseNumber = place, trials, warmup }] of abba([...asks.entries()], round)
    ) {
      // Everybody's last round is the last round, so that all are still interleaved at the end.
      if (round < rounds - trials - warmup) continue;
      turns.push({ caseNumber, trial: round - (rounds - trials) });
    }
  }
  return turns;
}

/** In order, or backwards in every other round. */
export function abba<T>(all: readonly T[], round: number): readonly T[] {
  return round % 2 === 1 ? all.toReversed() : all;
}
