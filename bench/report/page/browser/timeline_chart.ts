/// <reference lib="dom" />
import uPlot from "uplot";
import { formatSize } from "../../../scenario/units.ts";
import type { CaseTimeline } from "../timeline_shape.ts";
import { drawMarks } from "./draw_marks.ts";

/** A chart over the time of a trial. */
export interface ChartOptions {
  readonly name: string;
  /** Charts with the same one have their cursor at the same time. */
  readonly key: string;
  readonly logarithmic: boolean;
  readonly timeline: CaseTimeline;
  readonly t_ms: readonly number[];
  readonly series: readonly ChartSeries[];
}

export interface ChartSeries {
  readonly name: string;
  /** A custom property of the style sheet, which has a light and a dark value. */
  readonly color: string;
  readonly dash: readonly number[];
  readonly bytes: readonly number[];
  /** Whether a value holds until the next one. */
  readonly stepped: boolean;
}

export interface TimelineChart {
  redraw(): void;
  /** Takes that width, in CSS pixels, whatever its place has; null gives it back to its place. */
  resize(width: number | null): void;
}

const HEIGHT = 190;

/** Draws a chart at the end of `place`, which then follows its width. */
export function createChart(place: HTMLElement, options: ChartOptions): TimelineChart {
  const { name, series, t_ms } = options;
  const box = document.createElement("div");
  box.className = "chart";
  box.tabIndex = 0;
  box.role = "img";
  const legend = valueLegend(series);
  place.append(legend.list, box);
  const plot = new uPlot(
    { ...plotOptions(options, legend.show), width: widthOf(place), height: HEIGHT },
    [[...t_ms], ...drawnValues(options)],
    box,
  );
  box.ariaLabel = `${name}. ${
    series.map(({ bytes }, i) => rangeText(series[i]?.name ?? "", bytes)).join(", ")
  }. The arrow keys read the values.`;
  box.addEventListener("keydown", (event) => moveCursor(plot, event));
  new ResizeObserver(() => {
    const width = widthOf(place);
    if (width > 0 && width !== plot.width) plot.setSize({ width, height: HEIGHT });
  }).observe(place);
  return {
    redraw: () => plot.redraw(false, true),
    resize: (width) => plot.setSize({ width: width ?? widthOf(place), height: HEIGHT }),
  };
}

function widthOf(place: HTMLElement): number {
  return Math.floor(place.clientWidth);
}

function rangeText(name: string, bytes: readonly number[]): string {
  const low = bytes.reduce((a, b) => Math.min(a, b), Infinity);
  const high = bytes.reduce((a, b) => Math.max(a, b), 0);
  return `${name} ${sizeText(Math.min(low, high))} to ${sizeText(high)}`;
}

function sizeText(bytes: number): string {
  return formatSize(Math.round(bytes));
}

/** What is drawn: on a logarithmic axis, zeros stand at its low end, a tenth of the least that is not zero. */
function drawnValues({ series, logarithmic }: ChartOptions): number[][] {
  if (!logarithmic) return series.map(({ bytes }) => [...bytes]);
  const positive = series.flatMap(({ bytes }) => bytes.filter((one) => one > 0));
  const least = positive.reduce((a, b) => Math.min(a, b), Infinity);
  const floor = Math.max(1, least / 10);
  return series.map(({ bytes }) => bytes.map((one) => Math.max(one, floor)));
}

function plotOptions(
  { key, logarithmic, timeline, series, t_ms }: ChartOptions,
  showValues: (at: number | null | undefined) => void,
): Omit<uPlot.Options, "width" | "height"> {
  const axis = { stroke: () => color("--muted"), font: "12px system-ui, sans-serif" };
  const lines = { stroke: () => color("--grid"), width: 1 };
  const end_ms = timeline.end_ms > 0 ? timeline.end_ms : 1;
  return {
    legend: { show: false },
    cursor: {
      sync: { key, scales: ["x", null] },
      drag: { x: false, y: false },
      y: false,
      points: { size: 7 },
    },
    padding: [18, 26, 0, 0],
    scales: {
      x: { time: false, range: [0, end_ms] },
      y: logarithmic
        ? { distr: 3, log: 2 }
        : { range: (_, __, max) => [0, max > 0 ? max * 1.05 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: lines,
        ticks: lines,
        size: 34,
        incrs: TIME_STEPS_MS,
        values: (_, splits) => splits.map((ms) => timeText(ms, end_ms)),
      },
      {
        ...axis,
        grid: lines,
        ticks: lines,
        size: 76,
        ...(logarithmic ? {} : { incrs: SIZE_STEPS }),
        values: (_, splits) => splits.map((bytes) => bytes === null ? "" : sizeText(bytes)),
      },
    ],
    series: [
      {},
      ...series.map((one): uPlot.Series => ({
        label: one.name,
        stroke: () => color(one.color),
        width: 2,
        dash: [...one.dash],
        // One value makes no line.
        points: { show: t_ms.length < 2, size: 6 },
        ...(one.stepped && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
      })),
    ],
    hooks: {
      drawAxes: [(plot) => drawMarks(plot, timeline, color)],
      setCursor: [(plot) => showValues(plot.cursor.idx)],
    },
  };
}

/** Round in the unit they are written in. */
const SIZE_STEPS = [0, 1, 2, 3, 4, 5].flatMap((power) =>
  [1, 2, 5, 10, 20, 50, 100, 200, 500].map((one) => one * 1024 ** power)
);

/** Round in any unit of time. */
const TIME_STEPS_MS = [-3, -2, -1, 0, 1, 2, 3, 4, 5].flatMap((power) =>
  [1, 2, 5].map((one) => one * 10 ** power)
);

/** All of an axis in the same unit, so that neighbours differ. */
function timeText(ms: number, end_ms: number): string {
  if (ms === 0) return "0";
  const [value, unit] = end_ms >= 1000
    ? [ms / 1000, "s"]
    : end_ms >= 1
    ? [ms, "ms"]
    : [ms * 1000, "us"];
  return `${Number(value.toFixed(6))} ${unit}`;
}

function color(property: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(property).trim();
}

/** The names of the lines, with their values where the cursor is. */
function valueLegend(series: readonly ChartSeries[]) {
  const list = document.createElement("ul");
  list.className = "legend";
  const outputs = series.map(({ name, color, dash }) => {
    const item = document.createElement("li");
    const key = document.createElement("span");
    key.className = `key ${dash.length > 0 ? "dashed" : ""}`;
    key.style.borderTopColor = `var(${color})`;
    const output = document.createElement("output");
    item.append(key, ` ${name} `, output);
    list.append(item);
    return output;
  });
  const show = (at: number | null | undefined) => {
    for (const [i, output] of outputs.entries()) {
      const bytes = typeof at === "number" ? series[i]?.bytes[at] : undefined;
      output.textContent = bytes === undefined ? "" : sizeText(bytes);
    }
  };
  return { list, show };
}

/** The arrow keys go from point to point, as the pointer does; so do the other charts of the case. */
function moveCursor(plot: uPlot, event: KeyboardEvent): void {
  const times = plot.data[0];
  const last = times.length - 1;
  const at = plot.cursor.idx;
  const next = event.key === "Home"
    ? 0
    : event.key === "End"
    ? last
    : event.key === "ArrowRight"
    ? Math.min(last, (at ?? -1) + 1)
    : event.key === "ArrowLeft"
    ? Math.max(0, (at ?? last + 1) - 1)
    : undefined;
  const t_ms = next === undefined ? undefined : times[next];
  if (t_ms === undefined) return;
  event.preventDefault();
  // As a pointer would: uPlot's own setCursor does not move the other charts' cursors.
  const { left, top, height } = plot.over.getBoundingClientRect();
  const clientX = left + plot.valToPos(t_ms, "x");
  plot.over.dispatchEvent(
    new MouseEvent("mousemove", { clientX, clientY: top + height / 2, movementX: 1 }),
  );
}
