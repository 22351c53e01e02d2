import { metricText } from "../../compare/mod.ts";
import {
  changeText,
  type History,
  type HistoryChange,
  type HistorySeries,
  seriesText,
} from "../../history/mod.ts";
import { hypertext, type Markup } from "./markup.ts";
import { chartFigure, dataTable, line, number, numberText, words, yAxis } from "./parts.ts";
import { inBinaryUnit, rangeScale, type Scale } from "./scale.ts";

/** So many series that did not change are drawn. */
const MOST_CHARTS = 40;

/** How the cases did over many runs; null where no history was asked for. */
export function historySection(history: History | undefined): Markup | null {
  if (history === undefined) return null;
  const { series, runs, machines } = history;
  const changed = series.filter(({ changes }) => changes.length > 0);
  const rest = series.filter(({ changes }) => changes.length === 0);
  const left = Math.max(0, rest.length - MOST_CHARTS);
  const figures = (of: readonly HistorySeries[]) =>
    hypertext`<div class="charts">${of.map((one) => seriesFigure(one, machines.length))}</div>`;
  return hypertext`
    <section id="history" aria-labelledby="history-h"><h2 id="history-h">History</h2>
    <p class="note">Medians of ${runs} runs, the oldest left; on the wall clock each machine has series of its own. The upright strokes are 95 % intervals, or ranges of fewer than 6 trials. A level changes all at once (step) or little by little (drift).</p>
    ${
    series.length === 0
      ? hypertext`<p>There are no two runs with these cases.</p>`
      : changed.length === 0
      ? hypertext`<p>None of ${series.length} series has a step or a drift.</p>`
      : changeList(changed, machines.length)
  }
    ${figures(changed)}
    ${
    rest.length > 0 && hypertext`
      <details class="group"><summary>${rest.length} series that did not change</summary>${
      figures(rest.slice(0, MOST_CHARTS))
    }${
      left > 0 &&
      hypertext`<p class="note">${left} more are in deno task history --json.</p>`
    }</details>
    `
  }</section>
  `;
}

function changeList(changed: readonly HistorySeries[], machines: number): Markup {
  const lines = changed.flatMap((one) =>
    one.changes.map((change) =>
      hypertext`<li><b>${seriesText(one, machines)}</b>, ${changeText(one, change)}</li>`
    )
  );
  return hypertext`<ul class="changes">${lines}</ul>`;
}

function seriesFigure(one: HistorySeries, machines: number): Markup {
  const { points, metric, changes } = one;
  const format = (value: number) => metricText(metric, value);
  const low = Math.min(...points.map(({ ci95 }) => ci95[0]));
  const high = Math.max(...points.map(({ ci95 }) => ci95[1]));
  const y = metric.endsWith("_bytes_per_s")
    ? inBinaryUnit(high, (unit) => rangeScale(low / unit, high / unit))
    : rangeScale(low, high);
  const x = placesOf(points.length);
  const name = seriesText(one, machines);
  const label = `${name} over ${points.length} runs: ${
    changes.length === 0
      ? "no change of level"
      : changes.map((change) => changeText(one, change)).join("; ")
  }. The same numbers are in the table under it.`;
  return chartFigure(
    name,
    hypertext`<svg class="plot" role="img" aria-label="${label}">${yAxis(y, format)}${
      points.map(({ ci95: [low, high] }, at) =>
        hypertext`
          <line class="interval s0" x1="${x(at)}%" x2="${x(at)}%" y1="${100 - y.at(low)}%" y2="${
          100 - y.at(high)
        }%" />
        `
      )
    }${line(points.map(({ median }, at) => [x(at), y.at(median)]), 0, false)}${
      points.map(({ run, median }, at) =>
        hypertext`
          <circle class="b0" cx="${x(at)}%" cy="${100 - y.at(median)}%" r="3" data-run="${run}">
            <title>${run}: ${format(median)}</title>
          </circle>
        `
      )
    }${changes.map((change) => changeMarkup(change, x, y))}${timeAxis(one)}</svg>`,
    dataTable(
      `${name}, run by run`,
      ["run", "began", "median", "interval", "trials", ""],
      points.map(({ run, started_at, median, ci95, trials }, at) => [
        words(run),
        words(started_at.slice(0, 16).replace("T", " ")),
        number(median, format),
        numberText(ci95.map(format).join(" to ")),
        number(trials, String),
        words(
          changes.filter(({ to }) => to === at)
            .map(({ kind, verdict }) => `${kind}: ${verdict}`).join(", "),
        ),
      ]),
    ),
  );
}

/** Evenly over the width, with room at the ends for the dots. */
function placesOf(count: number): (at: number) => number {
  return (at) => Math.round((2 + 96 * (count < 2 ? 0.5 : at / (count - 1))) * 1000) / 1000;
}

/** The levels before and after as lines, and where it changed: the colour is the verdict's. */
function changeMarkup(
  { kind, from, to, before, after, verdict }: HistoryChange,
  x: (at: number) => number,
  y: Scale,
): Markup {
  const at = kind === "step" ? (x(from) + x(to)) / 2 : x(to);
  const upright = hypertext`<line x1="${at}%" x2="${at}%" y1="0" y2="100%"/>`;
  const sloping = hypertext`
    <line class="slope" x1="${x(from)}%" x2="${x(to)}%" y1="${100 - y.at(before)}%" y2="${
    100 - y.at(after)
  }%" />
  `;
  return hypertext`<g class="change ${verdict}">${kind === "step" ? upright : sloping}</g>`;
}

/** When the first run and the last began. */
function timeAxis({ points }: HistorySeries): Markup {
  const ends = [[0, "first"], [points.length - 1, "last"]] as const;
  const texts = ends.map(([at, side]) =>
    hypertext`<text x="${at === 0 ? 0 : 100}%" y="100%" dy="1.3em" class="${side}">${
      points[at]?.started_at.slice(0, 10) ?? ""
    }</text>`
  );
  return hypertext`<g class="tick x ends">${texts}</g>`;
}
