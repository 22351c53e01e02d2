import { hypertext, type Markup } from "./markup.ts";
import { threeDigits } from "../number_text.ts";
import { type PageRow, rowName, type ScenarioRows } from "./page_rows.ts";
import {
  chartFigure,
  dataTable,
  legendList,
  line,
  lineKey,
  number,
  words,
  xAxis,
  yAxis,
} from "./parts.ts";
import { logScale, percentileScale, type Scale } from "./scale.ts";

/** How long single buffers took: a small chart for every case, alike within a scenario. */
export function percentileSection(scenarios: readonly ScenarioRows[]): Markup | null {
  const groups = scenarios.flatMap(({ scenario, rows }) => {
    const measured = rows.filter((row) => Object.values(row.percentiles).some((p) => p.length > 0));
    return measured.length === 0 ? [] : [scenarioGroup(scenario, measured)];
  });
  if (groups.length === 0) return null;
  return hypertext`
    <section id="durations"
      aria-labelledby="durations-h"><h2 id="durations-h">How long single buffers took</h2>
    <p class="note">Durations of single read and write calls in microseconds by percentile, over all trials of a case: further right is rarer. Both axes are logarithmic, and the same within a scenario.</p>
    ${groups}</section>
  `;
}

function scenarioGroup(scenario: string, rows: readonly PageRow[]): Markup {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.percentiles)))];
  const points = rows.flatMap((row) => Object.values(row.percentiles).flat());
  const positive = points.map(({ us }) => us).filter((us) => us > 0);
  const y = logScale(min(positive), max(positive), 10, 5);
  const counts = rows.flatMap(({ result }) =>
    names.map((name) => {
      const summary = result.metrics[name];
      return summary === undefined ? 0 : summary.n;
    })
  );
  const x = percentileScale(max(counts));
  const legend = legendList(
    names.map((name, at) => ({ name: name.replace(/_us$/, ""), key: lineKey(at, isDashed(at)) })),
  );
  return hypertext`<h3>${scenario}</h3>${legend}<div class="small-charts">${
    rows.map((row) => caseFigure(row, names, x, y))
  }</div>`;
}

function min(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), values[0] ?? 1);
}

function max(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), values[0] ?? 1);
}

function caseFigure(row: PageRow, names: readonly string[], x: Scale, y: Scale): Markup {
  const name = row.side === "" ? rowName(row) : `${row.side}: ${rowName(row)}`;
  const lines = names.map((key, series) =>
    line(
      (row.percentiles[key] ?? []).map((p) => [
        x.at(placeOf(p.percentile, row.result.metrics[key]?.n ?? 1)),
        y.at(p.us),
      ]),
      series,
      isDashed(series),
    )
  );
  const label = `${name}: percentiles of ${
    names.join(" and ")
  }. The same numbers are in the table under it.`;
  return chartFigure(
    name,
    hypertext`<svg class="plot small" role="img" aria-label="${label}">${yAxis(y, durationText)}${
      xAxis(x, (percentile) => percentile === 0 ? "0 %" : String(percentile))
    }${lines}</svg>`,
    percentileTable(name, row, names),
  );
}

/** The largest of `count` values stands where there is one of so many, not at the end of an axis that goes on. */
function placeOf(percentile: number, count: number): number {
  return percentile < 100 ? percentile : 100 * (1 - 1 / Math.max(1, count));
}

/** Every other line, as colours alone do not tell them. */
function isDashed(series: number): boolean {
  return series % 2 === 1;
}

/** In the unit that is short: `10 us`, `1 ms`. */
function durationText(us: number): string {
  if (us >= 1e6) return `${us / 1e6} s`;
  if (us >= 1000) return `${us / 1000} ms`;
  return us >= 1 ? `${us} us` : `${Math.round(us * 1000)} ns`;
}

function percentileTable(name: string, row: PageRow, names: readonly string[]): Markup {
  const percentiles = [
    ...new Set(
      names.flatMap((key) => (row.percentiles[key] ?? []).map(({ percentile }) => percentile)),
    ),
  ].sort((a, b) => a - b);
  const byKey = names.map((key) =>
    new Map((row.percentiles[key] ?? []).map((p) => [p.percentile, p.us]))
  );
  return dataTable(
    `Percentiles of ${name}, in microseconds`,
    ["percentile", ...names.map((key) => key.replace(/_us$/, ""))],
    percentiles.map((percentile) => [
      words(String(percentile)),
      ...byKey.map((points) => number(points.get(percentile), threeDigits)),
    ]),
  );
}
