import { metricText, plainText } from "../compare/mod.ts";
import type { History, HistoryChange, HistorySeries } from "./history.ts";
import type { StandingLoss } from "./standing.ts";

/** As many entries as a step can be told of, and one more. */
const FEWEST_POINTS = 7;

const BARS = "▁▂▃▄▅▆▇█";
const MOST_BARS = 40;

/** The history for a terminal: the series that changed with what changed, and how many did not. */
export function historyText(history: History): string {
  const { series, runs, machines } = history;
  if (series.length === 0) {
    return `Nothing to follow in ${runs} runs: it takes two with a case in common.`;
  }
  const changed = series.filter(({ changes }) => changes.length > 0);
  const short = series.filter((one) => one.clock === "wall" && one.points.length < FEWEST_POINTS);
  return [
    ...changed.flatMap((one) => seriesLines(one, machines.length)),
    ...(changed.length === 0 ? [] : [""]),
    `${runs} runs, ${series.length} series; ${countText(changed.length)}.`,
    ...(short.length === 0 ? [] : [
      `${short.length} of them have fewer than ${FEWEST_POINTS} points: a change is told when three runs on either side have it.`,
    ]),
  ].join("\n");
}

function countText(changed: number): string {
  return changed === 0 ? "none has a step or a drift" : `${changed} changed their level`;
}

function seriesLines(one: HistorySeries, machines: number): string[] {
  return [
    `${seriesText(one, machines)}  ${sparkline(one.points.map(({ median }) => median))}`,
    ...one.changes.map((change) => `  ${changeText(one, change)}`),
  ];
}

/** `smoke, downtime_ms`, with the machine where there are several. */
export function seriesText(
  { case: name, metric, machine }: HistorySeries,
  machines: number,
): string {
  const text = `${name}, ${plainText(metric)}`;
  return machine === null || machines < 2 ? text : `${text} (machine ${machine})`;
}

/** `regressed: step at 20260105T020000Z-nightly, 50.0 ms -> 60.0 ms (x1.2)`. */
export function changeText(series: HistorySeries, change: HistoryChange): string {
  return `${change.verdict}: ${placeText(series, change)}, ${levelText(series.metric, change)}`;
}

/** `smoke, downtime_ms: 50.0 ms -> 60.0 ms (x1.2) since 20260104T020000Z-nightly (step at 20260105T020000Z-nightly)`. */
export function lossText(loss: StandingLoss, machines: number): string {
  const { series, changes, since } = loss;
  const places = changes.map((change) => placeText(series, change)).join(", ");
  return `${seriesText(series, machines)}: ${levelText(series.metric, loss)} since ${
    plainText(since)
  } (${places})`;
}

function placeText({ points }: HistorySeries, { kind, from, to }: HistoryChange): string {
  const runOf = (at: number) => plainText(points[at]?.run ?? "");
  return kind === "step" ? `step at ${runOf(to)}` : `drift from ${runOf(from)} to ${runOf(to)}`;
}

function levelText(
  metric: string,
  { before, after, ratio }: Pick<HistoryChange, "before" | "after" | "ratio">,
): string {
  const size = ratio === null ? "" : ` (x${Number(ratio.toPrecision(4))})`;
  return `${metricText(metric, before)} -> ${metricText(metric, after)}${size}`;
}

/** From the least to the largest value, the newest right; of a long history its end. */
export function sparkline(values: readonly number[]): string {
  const shown = values.slice(-MOST_BARS);
  const low = Math.min(...shown);
  const high = Math.max(...shown);
  return shown.map((value) => {
    const place = high > low ? (value - low) / (high - low) : 0.5;
    return BARS[Math.min(BARS.length - 1, Math.floor(place * BARS.length))];
  }).join("");
}
