/// <reference lib="dom" />
import { formatMs } from "../../../scenario/units.ts";
import { type CaseTimeline, type Mark, MARKS } from "../timeline_shape.ts";
import { createChart, type TimelineChart } from "./timeline_chart.ts";
import { timelineTable } from "./timeline_table.ts";

/** The charts of a trial. */
export interface DrawnTimeline {
  /** After the colours or the width have changed. */
  redraw(): void;
  /** Gives all of its charts that width; null gives it back to their place. */
  resize(width: number | null): void;
}

/**
 * Draws the charts of a trial into its place: pending and threshold, the bytes transferred, the legend of the
 * marks, and the table of both.
 *
 * @param key Charts with the same one have their cursor at the same time
 */
export function drawTimeline(
  place: HTMLElement,
  name: string,
  timeline: CaseTimeline,
  key: string,
): DrawnTimeline {
  const charts: TimelineChart[] = [];
  const { pending, transferred } = timeline;
  const values = [...pending.pending_bytes, ...pending.threshold_bytes];
  if (values.some((bytes) => bytes > 0)) {
    charts.push(createChart(place, {
      name: `${name}: pending bytes and threshold`,
      key,
      logarithmic: true,
      timeline,
      t_ms: pending.t_ms,
      series: [
        { name: "pending", color: "--s0", dash: [], bytes: pending.pending_bytes, stepped: false },
        {
          name: "threshold",
          color: "--s5",
          dash: [6, 4],
          bytes: pending.threshold_bytes,
          stepped: true,
        },
      ],
    }));
  }
  charts.push(createChart(place, {
    name: `${name}: bytes transferred`,
    key,
    logarithmic: false,
    timeline,
    t_ms: transferred.t_ms,
    series: [
      { name: "transferred", color: "--s1", dash: [], bytes: transferred.bytes, stepped: false },
    ],
  }));
  place.append(markLegend(timeline), timelineTable(name, timeline));
  return {
    redraw: () => {
      for (const chart of charts) chart.redraw();
    },
    resize: (width) => {
      for (const chart of charts) chart.resize(width);
    },
  };
}

/** What the letters in the charts mean, and when they were. */
function markLegend({ marks }: CaseTimeline): HTMLElement {
  const list = document.createElement("ul");
  list.className = "legend marks";
  for (const event of Object.keys(MARKS)) {
    const of = marks.filter((mark) => mark.event === event);
    const [first] = of;
    if (first === undefined) continue;
    const item = document.createElement("li");
    const letter = document.createElement("span");
    letter.className = "mark";
    letter.textContent = MARKS[first.event].letter;
    item.append(letter, ` ${MARKS[first.event].name} ${timesText(of)}`);
    list.append(item);
  }
  return list;
}

function timesText(marks: readonly Mark[]): string {
  const [first] = marks;
  if (first === undefined) return "";
  const at = `at ${formatMs(first.t_ms)}`;
  return marks.length === 1 ? at : `${marks.length}x, first ${at}`;
}
