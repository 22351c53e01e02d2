import { hypertext, type Markup } from "./markup.ts";
import { summaryOf } from "../case_cells.ts";
import { msText } from "../number_text.ts";
import { type PageRow, rowName, type ScenarioRows } from "./page_rows.ts";
import {
  chartFigure,
  dataTable,
  legendList,
  number,
  round,
  SERIES_COLORS,
  swatch,
  words,
  xAxis,
} from "./parts.ts";
import { linearScale, type Scale } from "./scale.ts";

/** Where the downtime went: a stacked bar for every case, a chart for every scenario. */
export function downtimeSection(scenarios: readonly ScenarioRows[]): Markup | null {
  const figures = scenarios.flatMap((one) => {
    const rows = one.rows.filter(({ result }) => partsOf(result).length > 0);
    return rows.length === 0 ? [] : [scenarioFigure(one.scenario, rows, one.rows.length)];
  });
  if (figures.length === 0) return null;
  return hypertext`
    <section id="downtime" aria-labelledby="downtime-h"><h2 id="downtime-h">Where the downtime went</h2>
    <p class="note">Medians of the parts, in the order they are spent. The text at a bar is the median of the downtime as a whole; medians of parts need not add up to it.</p>
    ${figures}</section>
  `;
}

type Part = readonly [name: string, ms: number];

function partsOf({ downtime_breakdown_ms }: PageRow["result"]): Part[] {
  return Object.entries(downtime_breakdown_ms).map(([name, { median }]) => [name, median]);
}

function scenarioFigure(scenario: string, rows: readonly PageRow[], all: number): Markup {
  const parts = rows.map(({ result }) => partsOf(result));
  const names = inOrder(parts.map((list) => list.map(([name]) => name)));
  const sums = parts.map((list) => list.reduce((sum, [, ms]) => sum + ms, 0));
  const totals = rows.map(({ result }) => summaryOf(result, "downtime_ms")?.median);
  const scale = linearScale(Math.max(...sums, ...totals.map((ms) => ms ?? 0)));
  const bars = rows.map((row, at) => {
    const total = totals[at];
    const side = row.side !== "" && hypertext`<b>${row.side}</b>`;
    const median = total === undefined ? "" : msText(total);
    return hypertext`
      <div class="bar-row">
        <div class="bar-name">
          ${side} ${rowName(row)} <span class="bar-value">${median}</span>
        </div>
        ${stackedBar(parts[at] ?? [], names, scale)}
      </div>
    `;
  });
  const label = `Stacked bars of the downtime of ${rows.length} cases of ${scenario}: ${
    names.join(", ")
  }. The same numbers are in the table under it.`;
  const failed = all - rows.length;
  return chartFigure(
    scenario,
    hypertext`<div class="bars" role="img" aria-label="${label}">${bars}
<svg class="axis" height="20" aria-hidden="true">${xAxis(scale, tickText)}</svg></div>${
      failed > 0 &&
      hypertext`<p class="note">${failed} more without numbers: no trial of them completed.</p>`
    }`,
    breakdownTable(scenario, rows, names),
    { legend: legendList(names.map((name, at) => ({ name, key: swatch(at) }))) },
  );
}

function tickText(ms: number): string {
  return ms === 0 ? "0 ms" : `${ms}`;
}

function stackedBar(parts: readonly Part[], names: readonly string[], scale: Scale): Markup {
  let from_ms = 0;
  const rects = parts.map(([name, ms]) => {
    const x = scale.at(from_ms);
    from_ms += ms;
    const color = names.indexOf(name) % SERIES_COLORS;
    return hypertext`
      <rect class="b${color}" x="${x}%" y="0" width="${round(scale.at(from_ms) - x)}%" height="100%"
        data-part="${name}">
        <title>${name}: ${msText(ms)}</title>
      </rect>
    `;
  });
  return hypertext`<svg class="bar" height="18">${rects}</svg>`;
}

/** All names, each after those that stand before it in any list. */
export function inOrder(lists: readonly (readonly string[])[]): string[] {
  const names: string[] = [];
  for (const list of lists) {
    let after = -1;
    for (const name of list) {
      const at = names.indexOf(name);
      if (at < 0) names.splice(++after, 0, name);
      else after = at;
    }
  }
  return names;
}

function breakdownTable(
  scenario: string,
  rows: readonly PageRow[],
  names: readonly string[],
): Markup {
  return dataTable(
    `Where the downtime of ${scenario} went, in milliseconds`,
    ["case", "downtime", ...names],
    rows.map((row) => [
      words(row.side === "" ? rowName(row) : `${row.side}: ${rowName(row)}`),
      number(summaryOf(row.result, "downtime_ms")?.median, msText),
      ...names.map((name) => number(row.result.downtime_breakdown_ms[name]?.median, msText)),
    ]),
  );
}
