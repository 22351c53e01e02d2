/** A trial to be run: which case, and its number there; negative numbers warm up and are not kept. */
export interface Turn {
  readonly caseNumber: number;
  readonly trial: number;
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
export function schedule(
  cases: readonly { readonly trials: number; readonly warmup: number }[],
): Turn[] {
  const turns: Turn[] = [];
  const rounds = Math.max(0, ...cases.map(({ trials, warmup }) => trials + warmup));
  for (let round = 0; round < rounds; round++) {
    const order = [...cases.keys()];
    if (round % 2 === 1) order.reverse();
    for (const caseNumber of order) {
      const one = cases[caseNumber];
      // Everybody's last round is the last round, so that all are still interleaved at the end.
      if (one === undefined || round < rounds - one.trials - one.warmup) continue;
      turns.push({ caseNumber, trial: round - (rounds - one.trials) });
    }
  }
  return turns;
}
