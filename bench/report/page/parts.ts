import { hypertext, type Markup, type MarkupValue } from "./markup.ts";
import type { Scale } from "./scale.ts";

/** A cell of a data table: words stand left, numbers right. */
export interface Cell {
  readonly text: string;
  readonly number: boolean;
  /** The number as it was measured, where `text` is rounded. */
  readonly value: number | undefined;
}

/** A cell of words. */
export function words(text: string): Cell {
  return { text, number: false, value: undefined };
}

/** A cell of a number, written as `text`; empty where there is none. */
export function number(value: number | undefined, format: (value: number) => string): Cell {
  return { text: value === undefined ? "" : format(value), number: true, value };
}

/** A number that is text already, such as one with an interval. */
export function numberText(text: string): Cell {
  return { text, number: true, value: undefined };
}

/** A table that can be scrolled sideways, also by keyboard. The first cell of a row is its head. */
export function dataTable(
  name: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
): Markup {
  const heads = head.map((text, at) => {
    const isNumber = rows.some((row) => row[at]?.number === true);
    return hypertext`<th scope="col"${isNumber && NUMBER}>${text}</th>`;
  });
  const body = rows.map((row) => hypertext`<tr>${row.map(cellMarkup)}</tr>`);
  return hypertext`
    <div class="scroll" tabindex="0" role="region" aria-label="${name}">
      <table>
        <caption class="unseen">${name}</caption>
        <thead><tr>${heads}</tr></thead>
        <tbody>${body}</tbody>
      </table>
    </div>
  `;
}

const NUMBER = hypertext` class="n"`;

function cellMarkup({ text, number, value }: Cell, at: number): Markup {
  if (at === 0) return hypertext`<th scope="row">${text}</th>`;
  const exact = value === undefined ? null : hypertext` data-value="${value}"`;
  return hypertext`<td${number && NUMBER}${exact}>${text}</td>`;
}

/** A chart with its name, its legend, and its numbers under it. */
export function chartFigure(
  name: string,
  chart: MarkupValue,
  table: Markup,
  options: { readonly legend?: MarkupValue } = {},
): Markup {
  return hypertext`
    <figure>
      <figcaption>${name}</figcaption>
      ${options.legend}
      ${chart}
      <details>
        <summary>Numbers<span class="unseen"> of ${name}</span></summary>
        ${table}
      </details>
    </figure>
  `;
}

/** What a `<details>` has that is open from the start. */
export const OPEN = hypertext` open`;

/** What the colours, or the shapes, of a chart mean. */
export function legendList(
  entries: readonly { readonly name: string; readonly key: Markup }[],
): Markup {
  return hypertext`<ul class="legend">${
    entries.map(({ name, key }) => hypertext`<li>${key} ${name}</li>`)
  }</ul>`;
}

/** A field of colour for a legend: series `n`, from 0. */
export function swatch(n: number): Markup {
  return hypertext`<span class="swatch b${n % SERIES_COLORS}"></span>`;
}

/** A line for a legend, as {@linkcode line} draws it. */
export function lineKey(series: number, dashed: boolean): Markup {
  return hypertext`<span class="key s${series % SERIES_COLORS}${dashed && " dashed"}"></span>`;
}

/** How many colours there are; further series begin again. */
export const SERIES_COLORS = 10;

/** Labels that are nearer to each other, in per cent of the axis, do not both fit a narrow page. */
const TIGHT = 13;

/** Vertical lines and numbers of an x axis, under the drawing. */
export function xAxis(scale: Scale, format: (value: number) => string): Markup {
  let free = -TIGHT;
  const places = scale.ticks.map((tick) => {
    const x = scale.at(tick);
    const isTight = x - free < TIGHT;
    if (!isTight) free = x;
    return { x, text: format(tick), isTight };
  });
  const lines = places.map(({ x }) => hypertext`<line x1="${x}%" x2="${x}%" y1="0" y2="100%"/>`);
  const texts = places.map(({ x, text, isTight }) =>
    hypertext`<text x="${x}%" y="100%" dy="1.3em"${tickClass(x, isTight)}>${text}</text>`
  );
  return hypertext`<g class="grid">${lines}</g><g class="tick x">${texts}</g>`;
}

/** Numbers at the ends of an axis do not stick out of it; those that are tight give way where there is little room. */
function tickClass(x: number, isTight: boolean): Markup | null {
  const names = [x < 2 ? "first" : x > 98 ? "last" : "", isTight ? "tight" : ""].filter(Boolean);
  return names.length === 0 ? null : hypertext` class="${names.join(" ")}"`;
}

/** Horizontal lines and numbers of a y axis, left of the drawing. */
export function yAxis(scale: Scale, format: (value: number) => string): Markup {
  const places = scale.ticks.map((tick) => ({
    y: round(100 - scale.at(tick)),
    text: format(tick),
  }));
  const lines = places.map(({ y }) => hypertext`<line x1="0" x2="100%" y1="${y}%" y2="${y}%"/>`);
  const texts = places.map(({ y, text }) =>
    hypertext`<text x="0" y="${y}%" dx="-6" dy="0.35em">${text}</text>`
  );
  return hypertext`<g class="grid">${lines}</g><g class="tick y">${texts}</g>`;
}

/** A line through points given in per cent, that keeps its width however the drawing is stretched. */
export function line(
  points: readonly (readonly [x: number, y: number])[],
  series: number,
  dashed: boolean,
): Markup {
  const path = points.map(([x, y]) => `${x},${round(100 - y)}`).join(" ");
  return hypertext`
    <svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%" overflow="visible">
      <polyline class="line s${series % SERIES_COLORS}${dashed && " dashed"}" points="${path}" />
    </svg>
  `;
}

/** To a thousandth of a per cent. */
export function round(percent: number): number {
  return Math.round(percent * 1000) / 1000;
}
