import { summarize } from "../measure/mod.ts";
import type { CaseMeta } from "../store/mod.ts";
import type { TrialRecord } from "../trial/mod.ts";
import { isGood } from "../trial/is_good.ts";
import type { RivalTrial } from "./ceiling_file.ts";
import { CHANNELS, type Point, RIVAL_NAMES, type RivalName } from "./point.ts";

/** How the harness did against one rival on one channel with buffers of one size. */
export interface CeilingRow extends Point {
  readonly against: RivalName;
  /** The median of the pairs' ratios of throughput: the harness's over the rival's. */
  readonly ratio: number;
  /** The 95 % interval of that median; of fewer than 6 pairs their range. */
  readonly ci95: readonly [low: number, high: number];
  readonly pairs: number;
  /** The medians of both throughputs. */
  readonly ours_bytes_per_s: number;
  readonly theirs_bytes_per_s: number;
}

const METRIC = "throughput_stopcopy_bytes_per_s";

/** The ratios of a run, in the order of its cases. A pair is a trial that went well and a rival's measurement beside it. */
export function ceilingRows(
  cases: readonly CaseMeta[],
  trials: readonly TrialRecord[],
  rivals: readonly RivalTrial[],
): CeilingRow[] {
  const ours = new Map(
    trials.filter(isGood).map((one) => [key(one), one.metrics[METRIC]]),
  );
  return cases.flatMap(({ index, params }) => {
    const point = pointOf(params);
    if (point === undefined) return [];
    return RIVAL_NAMES.flatMap((against) => {
      const pairs = rivals.filter((one) => one.case === index && one.against === against)
        .flatMap((one) => {
          const own = ours.get(key(one));
          return own === undefined ? [] : [{ ours: own, theirs: one.bytes_per_s }];
        });
      if (pairs.length === 0) return [];
      const { median, ci95 } = summarize(pairs.map((pair) => pair.ours / pair.theirs));
      return [{
        ...point,
        against,
        ratio: median,
        ci95,
        pairs: pairs.length,
        ours_bytes_per_s: summarize(pairs.map((pair) => pair.ours)).median,
        theirs_bytes_per_s: summarize(pairs.map((pair) => pair.theirs)).median,
      }];
    });
  });
}

function key(one: { readonly case: number; readonly trial: number }): string {
  return `${one.case}/${one.trial}`;
}

function pointOf(params: CaseMeta["params"]): Point | undefined {
  const channel = CHANNELS.find((name) => name === params["channel"]);
  const bufferSize = params["buffer_size"];
  if (channel === undefined || typeof bufferSize !== "number") return undefined;
  return { channel, buffer_size: bufferSize };
}
