import type { ExpectationResult } from "../mod.ts";
import { hypertext, type Markup } from "./markup.ts";
import { msText, numberText as plainText } from "../number_text.ts";
import type { PageRow, ScenarioRows } from "./page_rows.ts";
import type { PageRun } from "./page_run.ts";
import {
  chartFigure,
  dataTable,
  legendList,
  number,
  numberText,
  round,
  swatch,
  words,
  xAxis,
} from "./parts.ts";
import { linearScale, type Scale } from "./scale.ts";
import { expectationName, limitsText } from "./summary_section.ts";
import { type SwitchBar, type SwitchChart, switchCharts, type SwitchPair } from "./switch_pairs.ts";

/** What switching a key on does, such as `reinit`, with what the scenarios expect of it. */
export function switchSection(
  runs: readonly PageRun[],
  scenarios: readonly ScenarioRows[],
): Markup | null {
  const figures = scenarios.flatMap(({ scenario, rows }) =>
    switchCharts(rows, (row) => expectationsOf(runs, row)).map((chart) =>
      switchFigure(scenario, chart, relativeExpectations(runs, scenario, chart))
    )
  );
  if (figures.length === 0) return null;
  return hypertext`
    <section id="switches" aria-labelledby="switches-h">
      <h2 id="switches-h">Off and on, side by side</h2>
      <p
        class="note">Medians. A bracket is the range that the scenario expects; its name says where the numbers come from.</p>
      <div class="charts">${figures}</div>
    </section>
  `;
}

/** The run that a row is of. */
function runOf(runs: readonly PageRun[], { side }: PageRow): PageRun | undefined {
  return runs[side === "B" ? 1 : 0];
}

/** What is expected of a row's case by itself. */
function expectationsOf(runs: readonly PageRun[], row: PageRow): ExpectationResult[] {
  const all = runOf(runs, row)?.document.expectations ?? [];
  return all.filter((one) =>
    one.scenario === row.scenario && one.relative_to === undefined &&
    Object.entries(one.case).every(([key, value]) => row.result.varies[key] === value)
  );
}

/** What is expected of cases in relation to each other. */
function relativeExpectations(
  runs: readonly PageRun[],
  scenario: string,
  { metric }: SwitchChart,
): ExpectationResult[] {
  return runs.flatMap(({ document }) =>
    document.expectations.filter((one) =>
      one.scenario === scenario && one.metric === metric && one.relative_to !== undefined
    )
  );
}

function switchFigure(
  scenario: string,
  { key, metric, pairs }: SwitchChart,
  relative: readonly ExpectationResult[],
): Markup {
  const bars = pairs.flatMap((pair) => pair.bars);
  const ends = bars.flatMap(({ summary, expectations }) => [
    summary?.median ?? 0,
    ...expectations.flatMap(({ min, max }) => max < Number.MAX_VALUE ? [max] : [min]),
  ]);
  const scale = linearScale(Math.max(...ends));
  const label = `${metric} of ${scenario} with ${key} off and on, ${pairs.length} ${
    pairs.length === 1 ? "pair" : "pairs"
  } of bars. The same numbers are in the table under it.`;
  const notes = relative.map((one) =>
    hypertext`<p class="note">${expectationName(one)}: ${
      one.actual === null ? "not measured" : plainText(one.actual)
    }, expected ${limitsText(one)} (${one.basis}): ${one.met ? "met" : "MISSED"}.</p>`
  );
  return chartFigure(
    `${scenario}: ${metric}, ${key} off and on`,
    hypertext`<div class="bars" role="img" aria-label="${label}">${
      pairs.map((pair) => pairMarkup(pair, key, scale))
    }
<svg class="axis" height="20" aria-hidden="true">${
      xAxis(scale, (ms) => ms === 0 ? "0 ms" : String(ms))
    }</svg></div>${notes}`,
    switchTable(scenario, metric, key, pairs),
    {
      legend: legendList([
        { name: `${key} off`, key: swatch(0) },
        { name: `${key} on`, key: swatch(1) },
        ...(bars.some(({ expectations }) => expectations.length > 0)
          ? [{ name: "expected", key: hypertext`<span class="swatch expected"></span>` }]
          : []),
      ]),
    },
  );
}

function pairName({ name, side }: SwitchPair): string {
  return side === "" ? name : `${side}: ${name}`;
}

function pairMarkup(pair: SwitchPair, key: string, scale: Scale): Markup {
  const name = pairName(pair);
  return hypertext`${name !== "" && hypertext`<h4>${name}</h4>`}${
    pair.bars.map((bar) => barMarkup(bar, key, scale))
  }`;
}

function barMarkup({ value, summary, expectations }: SwitchBar, key: string, scale: Scale): Markup {
  const words = expectations.map((one) => {
    const text = `${one.basis} ${limitsText(one)}${one.met ? "" : ": MISSED"}`;
    return hypertext`<span class="chip${!one.met && " bad"}">${text}</span>`;
  });
  const name = `${key} ${value ? "on" : "off"}`;
  const median = summary === undefined ? "no numbers" : msText(summary.median);
  const width = summary === undefined ? 0 : scale.at(summary.median);
  return hypertext`
    <div class="bar-row">
      <div class="bar-name">
        ${name} <span class="bar-value">${median}</span> <span class="chips">${words}</span>
      </div>
      <svg class="bar" height="18">
        <rect class="b${value ? 1 : 0}" x="0" y="2" width="${width}%" height="14" />
        ${expectations.map((one) => bracket(one, scale))}
      </svg>
    </div>
  `;
}

/** From the least to the most that is expected. */
function bracket({ min, max, basis }: ExpectationResult, scale: Scale): Markup {
  const low = scale.at(min);
  const high = scale.at(max);
  return hypertext`
    <g class="bracket">
      <title>expected (${basis})</title>
      <rect x="${low}%" y="0" width="${round(high - low)}%" height="18" />
      <line x1="${low}%" x2="${low}%" y1="0" y2="18" />
      <line x1="${high}%" x2="${high}%" y1="0" y2="18" />
    </g>
  `;
}

function switchTable(
  scenario: string,
  metric: string,
  key: string,
  pairs: readonly SwitchPair[],
): Markup {
  return dataTable(
    `${metric} of ${scenario}, ${key} off and on`,
    ["case", "median", "interval", "expected", "basis", ""],
    pairs.flatMap((pair) =>
      pair.bars.map(({ value, summary, expectations }) => [
        words(`${pairName(pair)} ${key}=${value ? "on" : "off"}`.trimStart()),
        number(summary?.median, msText),
        numberText(summary === undefined ? "" : summary.ci95.map(msText).join(" to ")),
        numberText(expectations.map(limitsText).join("; ")),
        words(expectations.map(({ basis }) => basis).join("; ")),
        words(expectations.map(({ met }) => met ? "met" : "MISSED").join("; ")),
      ])
    ),
  );
}
