import type { Bundle } from "./bundle.ts";
import type { Comparison } from "../../compare/mod.ts";
import type { History } from "../../history/mod.ts";
import type { CeilingRow } from "../../ceiling/ceiling_rows.ts";
import { ceilingSection } from "./ceiling_section.ts";
import { comparisonSection } from "./comparison_section.ts";
import { curveSection } from "./curve_section.ts";
import { downtimeSection } from "./downtime_section.ts";
import { estimateSection } from "./estimate_section.ts";
import { historySection } from "./history_section.ts";
import { hypertext, jsonMarkup, type Markup, raw } from "./markup.ts";
import { scenarioRows } from "./page_rows.ts";
import type { PageRun } from "./page_run.ts";
import { percentileSection } from "./percentile_section.ts";
import { summarySection } from "./summary_section.ts";
import { switchSection } from "./switch_section.ts";
import { timelineSection } from "./timeline_section.ts";

/** What is made of more than the runs that the page lays side by side. */
export interface PageExtras {
  /** Of two runs; or why they are not compared. */
  readonly comparison?: Comparison | string;
  readonly history?: History;
  /** Of a run that was held against what the machine can do. */
  readonly ceiling?: readonly CeilingRow[];
}

/**
 * The page of one run, or of two side by side, as one HTML document that loads nothing. Pure but for the hash of its
 * script: the same runs give the same bytes.
 *
 * The document's policy allows its own script, by its hash, and its own style; whatever else should get in neither runs nor
 * loads anything.
 */
export async function renderPage(
  runs: readonly PageRun[],
  bundle: Bundle,
  { comparison, history, ceiling = [] }: PageExtras = {},
): Promise<string> {
  const scenarios = scenarioRows(runs);
  const timelines = timelineSection(scenarios);
  const sections: readonly [id: string, name: string, markup: Markup | null][] = [
    ["summary", "Summary", summarySection(runs, scenarios)],
    ["ceiling", "The machine", ceilingSection(ceiling)],
    ["verdicts", "A against B", comparisonSection(comparison)],
    ["switches", "Off and on", switchSection(runs, scenarios)],
    ["downtime", "Downtime", downtimeSection(scenarios)],
    ["buffers", "Buffer size", curveSection(runs, scenarios)],
    ["timelines", "Timelines", timelines.markup],
    ["durations", "Durations", percentileSection(scenarios)],
    ["estimates", "Estimates", estimateSection(scenarios)],
    ["history", "History", historySection(history)],
  ];
  const shown = sections.filter(([, , markup]) => markup !== null);
  const title = runs.map(({ name }) => name).join(" and ");
  const policy = `default-src 'none'; script-src 'sha256-${await sha256(
    bundle.script,
  )}'; style-src 'unsafe-inline'`;
  const sides = runs.map(({ name }, at) => hypertext`<b>${at === 0 ? "A" : "B"}</b> is ${name}. `);
  const links = shown.map(([id, name]) => hypertext`<li><a href="#${id}">${name}</a></li>`);
  const data = jsonMarkup(timelines.timelines);
  return hypertext`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${policy}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title} - vfio-migbench</title>
        <style>${raw(bundle.style)}</style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          ${runs.length > 1 && hypertext`<p class="note">${sides}</p>`}
          <nav aria-label="Sections"><ul>${links}</ul></nav>
        </header>
        <main>${shown.map(([, , markup]) => markup)}</main>
        <script type="application/json" id="timeline-data">${data}</script>
        <script>${raw(bundle.script)}</script>
      </body>
    </html>
  `.text;
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toBase64();
}
