import { hypertext, type Markup } from "./markup.ts";
import { type PageRow, rowName, type ScenarioRows } from "./page_rows.ts";
import { OPEN } from "./parts.ts";
import type { CaseTimeline } from "./timeline_shape.ts";

/** What is on the page for its script: the timelines by their number. */
export interface TimelineSection {
  readonly markup: Markup | null;
  readonly timelines: readonly CaseTimeline[];
}

/**
 * A place for the timeline of one trial of every case; the page's script draws where the user opens one. The first is
 * open. The two runs of a case are in one place, so that their cursors move together.
 */
export function timelineSection(scenarios: readonly ScenarioRows[]): TimelineSection {
  const timelines: CaseTimeline[] = [];
  const places = scenarios.flatMap(({ rows }) => {
    const byCase = Map.groupBy(rows, ({ label }) => label);
    return [...byCase.values()].flatMap((ofCase) => {
      const shown = ofCase.filter(({ timeline }) => timeline !== undefined);
      if (shown.length === 0) return [];
      const sides = shown.map((row) => sideMarkup(row, timelines));
      const isFirst = timelines.length === shown.length;
      return [
        hypertext`
          <details class="timeline-case"${isFirst && OPEN}>
            <summary>${nameOf(shown[0])}</summary>
            <div class="sides">${sides}</div>
          </details>
        `,
      ];
    });
  });
  if (places.length === 0) return { markup: null, timelines };
  const markup = hypertext`
    <section id="timelines" aria-labelledby="timelines-h"><h2 id="timelines-h">How a trial went</h2>
    <p class="note">The trial with the median downtime of every case. Move over a chart, or give it the focus and use the arrow keys, to read its values; the charts of a case move together. The shaded part is the downtime.</p>
    <noscript><p class="note">These charts need the script that is in this page.</p></noscript>
    ${places}</section>
  `;
  return { markup, timelines };
}

function nameOf(row: PageRow | undefined): string {
  if (row === undefined) return "";
  return row.label === "" ? row.scenario : `${row.scenario} ${rowName(row)}`;
}

function sideMarkup(row: PageRow, timelines: CaseTimeline[]): Markup {
  const { timeline, side } = row;
  if (timeline === undefined) return hypertext``;
  const at = timelines.push(timeline) - 1;
  const name = side === "" ? nameOf(row) : `${side}: ${nameOf(row)}`;
  const trial = `${side === "" ? "" : `${side}, `}trial ${timeline.trial}, ${timeline.outcome}`;
  return hypertext`
    <div class="timeline" data-timeline="${at}" data-name="${name}">
      <h4>${trial}</h4>
    </div>
  `;
}
