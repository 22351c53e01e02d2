import type { Summary } from "../../measure/mod.ts";
import { formatRate, formatSize } from "../../scenario/mod.ts";
import { adviceText, tailText } from "../buffer_size_advice.ts";
import { summaryOf } from "../case_cells.ts";
import { hypertext, type Markup } from "./markup.ts";
import { msText } from "../number_text.ts";
import type { PageRow, ScenarioRows } from "./page_rows.ts";
import type { PageRun } from "./page_run.ts";
import {
  chartFigure,
  dataTable,
  legendList,
  line,
  lineKey,
  number,
  numberText,
  SERIES_COLORS,
  words,
  xAxis,
  yAxis,
} from "./parts.ts";
import { sideOf } from "./summary_section.ts";
import { inBinaryUnit, linearScale, logScale, type Scale } from "./scale.ts";

/** What is drawn against the size of a buffer. */
const METRICS = [
  { key: "throughput_stopcopy_bytes_per_s", name: "stop-copy throughput", format: formatRate },
  { key: "throughput_precopy_bytes_per_s", name: "precopy throughput", format: formatRate },
  { key: "downtime_ms", name: "downtime", format: msText },
] as const;

/** A line: the cases that differ in nothing but the size of their buffers. */
export interface Curve {
  readonly name: string;
  readonly side: PageRow["side"];
  /** Ascending. */
  readonly points: readonly { readonly buffer_size: number; readonly summary: Summary }[];
}

/** What the size of a buffer does, for the scenarios that vary it. */
export function curveSection(
  runs: readonly PageRun[],
  scenarios: readonly ScenarioRows[],
): Markup | null {
  const figures = scenarios.flatMap(({ scenario, rows }) =>
    METRICS.flatMap((metric) => {
      const lines = curves(rows, metric.key);
      const longest = Math.max(0, ...lines.map(({ points }) => points.length));
      return longest < 2 ? [] : [curveFigure(scenario, metric, lines)];
    })
  );
  if (figures.length === 0) return null;
  return hypertext`
    <section id="buffers" aria-labelledby="buffers-h">
      <h2 id="buffers-h">What the size of a buffer does</h2>
      <p
        class="note">Medians; the upright strokes are their 95 % intervals, or the ranges of fewer than 6 trials.</p>
      ${advicePart(runs)}
      <div class="charts">${figures}</div>
    </section>
  `;
}

/** Which size to take, in words and with what each costs. */
function advicePart(runs: readonly PageRun[]): Markup | null {
  const all = runs.flatMap(({ document }, at) =>
    document.buffer_size_advice.map((advice) => ({ advice, side: sideOf(at, runs) }))
  );
  if (all.length === 0) return null;
  const rows = all.flatMap(({ advice, side }) =>
    advice.sizes.map((one) => [
      words(`${side}${advice.case}`),
      number(one.buffer_size_bytes, formatSize),
      words(one.buffer_size_bytes === advice.smallest_buffer_size_bytes ? "take this" : ""),
      number(one.median, formatRate),
      number(one.cost_ratio, (ratio) => `${(ratio * 100).toFixed(1)} %`),
      number(one.tail_us ?? undefined, tailText),
      number(one.memory_bytes, formatSize),
    ])
  );
  return hypertext`<h3>Which size to take</h3>
    <ul class="advice">${
    all.map(({ advice, side }) =>
      hypertext`<li>${side !== "" && hypertext`<b>${side}</b>`}${adviceText(advice)}</li>`
    )
  }</ul>
    <details><summary>Numbers<span class="unseen"> of which size to take</span></summary>${
    dataTable(
      "What each size of a buffer costs",
      ["case", "buffer_size", "", "stop-copy", "less than the best", "p99 of a call", "buffers"],
      rows,
    )
  }</details>`;
}

/** The curves of a metric, in the order of the cases. */
export function curves(rows: readonly PageRow[], metric: string): Curve[] {
  const found = new Map<
    string,
    { name: string; side: PageRow["side"]; points: Curve["points"][number][] }
  >();
  for (const { result, side } of rows) {
    const { buffer_size, ...others } = result.varies;
    const summary = summaryOf(result, metric);
    if (typeof buffer_size !== "number" || summary === undefined) continue;
    const name = Object.entries(others).map(([key, value]) => `${key}=${value}`).join(" ");
    const key = JSON.stringify([name, side, result.clock]);
    const curve = found.get(key) ?? { name: name === "" ? "all" : name, side, points: [] };
    found.set(key, curve);
    curve.points.push({ buffer_size, summary });
  }
  return [...found.values()].map((curve) => ({
    ...curve,
    points: curve.points.sort((a, b) => a.buffer_size - b.buffer_size),
  }));
}

function curveFigure(
  scenario: string,
  metric: typeof METRICS[number],
  lines: readonly Curve[],
): Markup {
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map((p) => p.buffer_size)))]
    .sort((a, b) => a - b);
  const x = logScale(sizes[0] ?? 1, sizes.at(-1) ?? 2, 2, 5);
  const top = Math.max(...lines.flatMap(({ points }) => points.map((p) => p.summary.ci95[1])));
  const y = metric.key === "downtime_ms"
    ? linearScale(top)
    : inBinaryUnit(top, (unit) => linearScale(top / unit));
  const names = [...new Set(lines.map(({ name }) => name))];
  const label = `${metric.name} of ${scenario} against the size of a buffer, a line each for ${
    names.join(", ")
  }. The same numbers are in the table under it.`;
  const drawn = lines.map((curve) =>
    curveMarkup(curve, names.indexOf(curve.name), x, y, metric.format)
  );
  return chartFigure(
    `${scenario}: ${metric.name} against buffer_size`,
    hypertext`<svg class="plot" role="img" aria-label="${label}">${yAxis(y, metric.format)}${
      xAxis(x, formatSize)
    }${drawn}</svg>`,
    dataTable(
      `${metric.name} of ${scenario} by buffer_size`,
      ["", "buffer_size", "median", "interval", "trials"],
      lines.flatMap((curve) =>
        curve.points.map(({ buffer_size, summary }) => [
          words(curve.side === "" ? curve.name : `${curve.side}: ${curve.name}`),
          number(buffer_size, formatSize),
          number(summary.median, metric.format),
          numberText(summary.ci95.map(metric.format).join(" to ")),
          number(summary.n, String),
        ])
      ),
    ),
    {
      legend: [
        legendList(names.map((name, at) => ({ name, key: lineKey(at, false) }))),
        lines.some(({ side }) => side === "B") &&
        hypertext`<p class="note">Solid: A. Dashed: B.</p>`,
      ],
    },
  );
}

function curveMarkup(
  { name, side, points }: Curve,
  series: number,
  x: Scale,
  y: Scale,
  format: (value: number) => string,
): Markup {
  const color = series % SERIES_COLORS;
  return hypertext`<g class="curve">${
    line(points.map((p) => [x.at(p.buffer_size), y.at(p.summary.median)]), series, side === "B")
  }${
    points.map(({ buffer_size, summary: { median, ci95: [low, high] } }) =>
      hypertext`
        <line class="interval s${color}" x1="${x.at(buffer_size)}%" x2="${
        x.at(
          buffer_size,
        )
      }%" y1="${100 - y.at(low)}%"
          y2="${100 - y.at(high)}%" />
        <circle class="b${color}" cx="${x.at(buffer_size)}%" cy="${
        100 -
        y.at(median)
      }%" r="4" data-size="${buffer_size}">
          <title>${name}, ${formatSize(buffer_size)}: ${format(median)}</title>
        </circle>
      `
    )
  }</g>`;
}
