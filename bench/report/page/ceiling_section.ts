import type { CeilingRow } from "../../ceiling/ceiling_rows.ts";
import { ratioText } from "../../ceiling/ceiling_table.ts";
import type { RivalName } from "../../ceiling/point.ts";
import { formatRate, formatSize } from "../../scenario/mod.ts";
import { hypertext, type Markup } from "./markup.ts";
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
import { linearScale, logScale, type Scale } from "./scale.ts";

/** What a rival is, in the words of a reader who has not read the manual. */
const MEANINGS: Readonly<Record<RivalName, string>> = {
  "c-twin": "two threads of C that make the same system calls",
  "qemu-path": "two threads of C that move the bytes as QEMU does, through 32 KiB",
  "pipe-to": "Deno's ReadableStream.pipeTo",
  ringbuf: "ringbuf.js",
};

/** How close the harness comes to the machine, channel by channel; null where no run was held against anything. */
export function ceilingSection(rows: readonly CeilingRow[]): Markup | null {
  if (rows.length === 0) return null;
  const channels = Map.groupBy(rows, ({ channel }) => channel);
  const rivals = rivalsOf(rows);
  return hypertext`
    <section id="ceiling" aria-labelledby="ceiling-h">
      <h2 id="ceiling-h">How close to the machine</h2>
      <p class="note">The harness's throughput over that of programs that move the same bytes another way: ${
    rivals.map((name) => `${name}, ${MEANINGS[name]}`).join("; ")
  }. Above 1 the harness is faster. Medians of interleaved pairs; the upright strokes are their 95 % intervals, or the ranges of fewer than 6 pairs.</p>
      <div class="charts">${
    [...channels].map(([channel, ofChannel]) => channelFigure(channel, ofChannel))
  }</div>
    </section>
  `;
}

function channelFigure(channel: string, rows: readonly CeilingRow[]): Markup {
  const rivals = rivalsOf(rows);
  const sizes = rows.map(({ buffer_size }) => buffer_size).sort((a, b) => a - b);
  const x = logScale(sizes[0] ?? 1, sizes.at(-1) ?? 2, 2, 5);
  const y = linearScale(Math.max(1, ...rows.map(({ ci95 }) => ci95[1])));
  const name = `${channel}: throughput against that of others`;
  const label = `Ratio of throughputs on ${channel} against the size of a buffer, a line each for ${
    rivals.join(", ")
  }. The same numbers are in the table under it.`;
  return chartFigure(
    name,
    hypertext`<svg class="plot" role="img" aria-label="${label}">${yAxis(y, String)}${
      xAxis(x, formatSize)
    }${
      rivals.map((rival, series) =>
        curve(rows.filter(({ against }) => against === rival), series, x, y)
      )
    }</svg>`,
    dataTable(
      name,
      ["against", "buffer_size", "ratio", "interval", "harness", "the other", "pairs"],
      rows.map((row) => [
        words(row.against),
        number(row.buffer_size, formatSize),
        number(row.ratio, (ratio) => ratio.toFixed(3)),
        numberText(row.ci95.map((end) => end.toFixed(3)).join(" to ")),
        number(row.ours_bytes_per_s, formatRate),
        number(row.theirs_bytes_per_s, formatRate),
        number(row.pairs, String),
      ]),
    ),
    { legend: legendList(rivals.map((rival, at) => ({ name: rival, key: lineKey(at, false) }))) },
  );
}

function curve(rows: readonly CeilingRow[], series: number, x: Scale, y: Scale): Markup {
  const points = rows.toSorted((a, b) => a.buffer_size - b.buffer_size);
  const color = series % SERIES_COLORS;
  return hypertext`<g class="curve">${
    line(points.map((row) => [x.at(row.buffer_size), y.at(row.ratio)]), series, false)
  }${
    points.map((row) => {
      const at = x.at(row.buffer_size);
      const [low, high] = row.ci95;
      return hypertext`
        <line class="interval s${color}" x1="${at}%" x2="${at}%" y1="${100 - y.at(low)}%" y2="${
        100 - y.at(high)
      }%" />
        <circle class="b${color}" cx="${at}%" cy="${100 - y.at(row.ratio)}%" r="4">
          <title>${row.against}, ${formatSize(row.buffer_size)}: ${ratioText(row)}</title>
        </circle>
      `;
    })
  }</g>`;
}

function rivalsOf(rows: readonly CeilingRow[]): RivalName[] {
  return [...new Set(rows.map(({ against }) => against))];
}
