import type { EstimateSummary, Summary } from "../../measure/mod.ts";
import { hypertext, type Markup } from "./markup.ts";
import { bytesText, percentText } from "../number_text.ts";
import { type PageRow, rowName, type ScenarioRows } from "./page_rows.ts";
import {
  type Cell,
  chartFigure,
  dataTable,
  legendList,
  number,
  numberText,
  OPEN,
  round,
  words,
  xAxis,
} from "./parts.ts";
import { errorScale, type Scale } from "./scale.ts";

const KIND_NAMES: Readonly<Record<string, string>> = {
  precopy: "initial + dirty bytes",
  stop_copy: "stop_copy_length",
  stop_copy_less_precopied: "stop_copy_length less what was precopied",
};

/** The answers of one kind that a device of a case gave. */
interface Strip {
  readonly name: string;
  readonly device: string;
  readonly kind: string;
  readonly summary: EstimateSummary;
  /** Whether it is drawn; the table has all. */
  readonly shown: boolean;
}

/** How far the devices' answers were from what came. */
export function estimateSection(scenarios: readonly ScenarioRows[]): Markup | null {
  const groups = scenarios.flatMap(({ scenario, rows }) => {
    const strips = rows.flatMap(stripsOf);
    const shows = rows.some(({ result }) => result.shows === "estimates");
    return strips.length === 0 ? [] : [{ scenario, strips, shows }];
  });
  if (groups.length === 0) return null;
  // Where no scenario is about estimates, the first one's are shown.
  const open = groups.some(({ shows }) => shows)
    ? groups.filter(({ shows }) => shows)
    : groups.slice(0, 1);
  return hypertext`
    <section id="estimates"
      aria-labelledby="estimates-h"><h2 id="estimates-h">Estimate against actual</h2>
    <p class="note">The relative error of every answer, (estimate - actual) / actual: left of 0 % the device announced too little, right of it too much. A box is the middle half of the errors with their median, its line goes from the least to the largest. Logarithmic beyond 1 %; a grey dot at 0 stands for exact answers. Two kinds of answers have no error and stand beside it: where the query failed there was <i>no answer</i>, and a stand-in was used; where something was announced and nothing came it was <i>of nothing</i>.</p>
    ${LEGEND}
    ${
    groups.map((group) =>
      hypertext`
        <details class="group"${open.includes(group) && OPEN}><summary>${group.scenario}</summary>${
        stripFigure(
          group.scenario,
          group.strips,
        )
      }</details>
      `
    )
  }</section>
  `;
}

const LEGEND = legendList([
  { name: "under", key: hypertext`<span class="swatch under"></span>` },
  { name: "over", key: hypertext`<span class="swatch over"></span>` },
  { name: "exact", key: hypertext`<span class="chip exact">=</span>` },
  { name: "of nothing", key: hypertext`<span class="chip nothing">▲</span>` },
  { name: "no answer", key: hypertext`<span class="chip silent">?</span>` },
]);

function stripsOf(row: PageRow): Strip[] {
  const name = row.side === "" ? rowName(row) : `${row.side}: ${rowName(row)}`;
  return Object.entries(row.result.devices).flatMap(([device, { estimates }]) =>
    Object.entries(estimates).flatMap(([kind, summary]) =>
      summary.queries === 0 ? [] : [{
        name,
        device,
        kind: KIND_NAMES[kind] ?? kind,
        summary,
        shown: isWorthShowing(kind, estimates),
      }]
    )
  );
}

/** What is left of a size after the precopied is only of interest where it is right and the size is not. */
function isWorthShowing(
  kind: string,
  { stop_copy, stop_copy_less_precopied }: Readonly<Record<string, EstimateSummary>>,
): boolean {
  if (kind !== "stop_copy_less_precopied") return true;
  return (stop_copy_less_precopied?.exact ?? 0) > 0 && stop_copy?.exact === 0;
}

function stripFigure(scenario: string, strips: readonly Strip[]): Markup {
  const largest = strips.reduce(
    (max, { summary }) => Math.max(max, summary.over_ratio?.max ?? 0),
    0,
  );
  const scale = errorScale(largest);
  let last = "";
  const rows = strips.filter(({ shown }) => shown).map((strip) => {
    const head = strip.name === last ? null : hypertext`<h4>${strip.name}</h4>`;
    last = strip.name;
    return hypertext`${head}${stripRow(strip, scale)}`;
  });
  const label =
    `Relative errors of the answers of ${scenario}'s devices. The same numbers are in the table under it.`;
  return chartFigure(
    `${scenario}: relative errors of the answers`,
    hypertext`<div class="bars" role="img" aria-label="${label}">${rows}
<svg class="axis" height="20" aria-hidden="true">${xAxis(scale, tickText)}</svg></div>`,
    estimateTable(scenario, strips),
  );
}

function tickText(ratio: number): string {
  if (ratio === 0) return "0";
  const percent = Math.round(ratio * 100);
  if (ratio >= 1000) return `1e${Math.round(Math.log10(percent))} %`;
  return ratio < 0 ? `${percent} %` : `+${percent} %`;
}

function stripRow({ device, kind, summary }: Strip, scale: Scale): Markup {
  const { exact, queries, no_answer, unresolved, phantom_bytes, under_ratio, over_ratio } = summary;
  const chips = [
    exact > 0 && hypertext`<span class="chip exact">= ${exact} exact</span>`,
    under_ratio !== null &&
    hypertext`<span class="chip">${under_ratio.n} under: ${percentText(under_ratio.median)}</span>`,
    over_ratio !== null &&
    hypertext`<span class="chip">${over_ratio.n} over: ${percentText(over_ratio.median)}</span>`,
    phantom_bytes !== null &&
    hypertext`<span class="chip nothing">▲ ${phantom_bytes.n} of nothing: ${
      bytesText(phantom_bytes.median)
    }</span>`,
    no_answer > 0 && hypertext`<span class="chip silent">? ${no_answer} no answer</span>`,
    unresolved > 0 && hypertext`<span class="chip">${unresolved} unresolved</span>`,
  ];
  const zero = scale.at(0);
  const drawn = [
    hypertext`<line class="zero" x1="${zero}%" x2="${zero}%" y1="0" y2="100%"/>`,
    exact > 0 && hypertext`<circle class="exact" cx="${zero}%" cy="50%" r="3"/>`,
    under_ratio !== null && box(under_ratio, "under", scale),
    over_ratio !== null && box(over_ratio, "over", scale),
  ];
  const name = hypertext`${device}, ${kind}`;
  return hypertext`
    <div class="bar-row">
      <div class="bar-name">
        ${name} <span class="chips">${chips}</span><span class="unseen"> of ${queries}</span>
      </div>
      <svg class="bar strip" height="16">${drawn}</svg>
    </div>
  `;
}

/** Least to largest as a line, the middle half as a box, the median in it. */
function box(
  { min, p25, median, p75, max }: Summary,
  side: "under" | "over",
  scale: Scale,
): Markup {
  const [from, low, middle, high, to] = [min, p25, median, p75, max].map((value) =>
    scale.at(value)
  );
  const width = round((high ?? 0) - (low ?? 0));
  return hypertext`
    <g class="${side}">
      <line class="whisker" x1="${from}%" x2="${to}%" y1="50%" y2="50%" />
      <rect x="${low}%" width="${width}%" y="2" height="12" />
      <circle cx="${middle}%" cy="50%" r="4">
        <title>${percentText(median)}, ${percentText(min)} to ${percentText(max)}</title>
      </circle>
    </g>
  `;
}

function estimateTable(scenario: string, strips: readonly Strip[]): Markup {
  return dataTable(
    `The answers of ${scenario}'s devices, by what came of them`,
    [
      "case",
      "device",
      "answer",
      "asked",
      "exact",
      "under",
      "under: median",
      "least to largest",
      "over",
      "over: median",
      "least to largest",
      "of nothing",
      "announced: median",
      "no answer",
      "unresolved",
    ],
    strips.map(({ name, device, kind, summary: one }) => [
      words(name),
      words(device),
      words(kind),
      count(one.queries),
      count(one.exact),
      ...errorCells(one.under_ratio),
      ...errorCells(one.over_ratio),
      count(one.phantom_bytes?.n ?? 0),
      number(one.phantom_bytes?.median, bytesText),
      count(one.no_answer),
      count(one.unresolved),
    ]),
  );
}

function count(n: number): Cell {
  return number(n === 0 ? undefined : n, String);
}

function errorCells(summary: Summary | null): Cell[] {
  return [
    count(summary?.n ?? 0),
    number(summary?.median, percentText),
    numberText(
      summary === null ? "" : `${percentText(summary.min)} to ${percentText(summary.max)}`,
    ),
  ];
}
