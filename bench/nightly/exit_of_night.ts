import { exitOfComparison } from "../compare/mod.ts";
import { EXIT } from "../exit_code.ts";
import type { NightlyDocument } from "./nightly_document.ts";

/**
 * The exit code of a night.
 *
 * ```text
 *   what the run says itself     4 a trial failed, 1 an expectation was missed
 *   the baseline                 1 a metric regressed
 *   the history                  1 a level was lost, and tonight says so too
 *   the baseline                 3 there is none, or nothing can be told; 0 fine
 * ```
 *
 * @param own What the run says itself
 */
export function exitOfNight(
  own: number,
  { comparison, not_compared, history }: Pick<
    NightlyDocument,
    "comparison" | "not_compared" | "history"
  >,
): number {
  if (own !== EXIT.FINE) return own;
  if (history.some(({ verdict }) => verdict === "regressed")) return EXIT.REGRESSED;
  return comparison === null || not_compared !== null
    ? EXIT.INCONCLUSIVE
    : exitOfComparison(comparison);
}
