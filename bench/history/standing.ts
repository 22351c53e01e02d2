/**
 * What a history says against its newest run: levels that got worse and have not come back.
 *
 * ```text
 *                  the baseline
 *                       v          ------ tonight        step: all at once
 *     ------        ---------------
 *           --------                                     (what came back is no matter)
 *
 *                       v        ,--´ tonight            drift: each night within the tolerance of the one before,
 *     --------------,--´--,--´                           and in the end beyond it
 * ```
 *
 * Changes for the worse that follow each other are one, so that a level that is lost little by little, in
 * steps of which none is beyond the tolerance, counts from where it began. What the history told already when the
 * baseline was set was accepted with it; what it could not tell yet was not.
 *
 * @module
 */
import { changesOf, type History, type HistoryChange, type HistorySeries } from "./history.ts";

/** A series whose level is worse than it was, by more than the tolerance. */
export interface StandingLoss {
  readonly series: HistorySeries;
  /** The changes that made it so, the oldest first; all for the worse. */
  readonly changes: readonly HistoryChange[];
  /** The level that was lost. */
  readonly before: number;
  /** The level now. */
  readonly after: number;
  /** Now over then; null where that was 0. */
  readonly ratio: number | null;
  /** The last run with the level that was lost, which the newest one can be held against. */
  readonly since: string;
}

/** What counts as lost. */
export interface StandingOptions {
  /** The newest run: only series that end with it are looked at. */
  readonly run: string;
  /** Up to which relative change a level is the same. On the virtual clock, which has no noise, any change is one. */
  readonly tolerance: number;
  /** When the baseline's run was started; null where there is none. */
  readonly acceptedAt: string | null;
}

/** The standing losses of a history, in the order of its series. Pure. */
export function standingLosses(history: History, options: StandingOptions): StandingLoss[] {
  return history.series.flatMap((series) => lossOf(series, options) ?? []);
}

function lossOf(
  series: HistorySeries,
  { run, tolerance, acceptedAt }: StandingOptions,
): StandingLoss | undefined {
  const { points, clock, better } = series;
  if (points.at(-1)?.run !== run) return undefined;
  const changes = lastForTheWorse(series.changes);
  const [first] = changes;
  const last = changes.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const accepted = acceptedLevel(series, first, acceptedAt);
  const before = accepted?.level ?? first.before;
  const since = accepted?.run ?? points[first.from]?.run;
  const { after } = last;
  const factor = better === "lower" ? after / before : before / after;
  const isLost = factor > (clock === "virtual" ? 1 : 1 + tolerance);
  if (!isLost || since === undefined) return undefined;
  return { series, changes, before, after, ratio: before === 0 ? null : after / before, since };
}

/** The changes for the worse after the last one for the better. */
function lastForTheWorse(changes: readonly HistoryChange[]): readonly HistoryChange[] {
  const better = changes.findLastIndex(({ verdict }) => verdict === "improved");
  return changes.slice(better + 1);
}

/**
 * The level of the baseline's run, where that was known to be a worse one when the baseline was set: `first`, the change
 * that began it, was there by then, and could be told.
 */
function acceptedLevel(
  series: HistorySeries,
  first: HistoryChange,
  acceptedAt: string | null,
): { readonly level: number; readonly run: string } | undefined {
  if (acceptedAt === null) return undefined;
  const points = series.points.filter(({ started_at }) => started_at <= acceptedAt);
  const last = points.length - 1;
  const run = points[last]?.run;
  if (run === undefined || first.from >= last) return undefined;
  const told = lastForTheWorse(changesOf(series, points)).at(-1);
  return told === undefined ? undefined : { level: told.after, run };
}
