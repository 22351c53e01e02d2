/// <reference lib="dom" />
/**
 * The script of the page: draws the timelines. All else on the page is there without it.
 * @module
 */
import type { CaseTimeline } from "../timeline_shape.ts";
import { type DrawnTimeline, drawTimeline } from "./draw_timeline.ts";

const drawn = new Map<HTMLElement, DrawnTimeline>();

function start(): void {
  const timelines: CaseTimeline[] = JSON.parse(
    document.getElementById("timeline-data")?.textContent ?? "[]",
  );
  const cases = [...document.querySelectorAll<HTMLDetailsElement>("details.timeline-case")];
  for (const [at, one] of cases.entries()) {
    const draw = () => {
      if (one.open) drawCase(one, `case-${at}`, timelines);
    };
    one.addEventListener("toggle", draw);
    draw();
  }
  // Canvases do not follow the style sheet by themselves.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
  matchMedia("print").addEventListener("change", redrawAll);
  openForPrint();
}

function drawCase(one: HTMLDetailsElement, key: string, timelines: readonly CaseTimeline[]): void {
  for (const place of one.querySelectorAll<HTMLElement>(".timeline")) {
    const timeline = timelines[Number(place.dataset.timeline)];
    if (timeline === undefined || drawn.has(place)) continue;
    drawn.set(place, drawTimeline(place, place.dataset.name ?? "", timeline, key));
  }
}

function redrawAll(): void {
  for (const one of drawn.values()) one.redraw();
}

/** So wide a page of A4 or Letter is with ordinary margins, in CSS pixels. A canvas does not follow the paper by itself. */
const PAPER_WIDTH = 690;

/** More timelines than these fill a ream: then those are printed that the reader has opened. */
const MOST_PRINTED = 8;

/** What is closed is not printed: it is open while it prints, and drawn for paper. */
function openForPrint(): void {
  let opened: HTMLDetailsElement[] = [];
  const { classList } = document.documentElement;
  addEventListener("beforeprint", () => {
    classList.add("printing");
    const cases = document.querySelectorAll(".timeline-case").length;
    const also = cases > MOST_PRINTED ? "" : ", .timeline-case";
    // Drawing a timeline adds the table of its numbers, which is closed at first.
    for (let closed = closedDetails(also); closed.length > 0; closed = closedDetails(also)) {
      for (const one of closed) {
        one.open = true;
        // The browser's own event comes too late for what is drawn by it.
        one.dispatchEvent(new Event("toggle"));
      }
      opened = [...opened, ...closed];
    }
    for (const one of drawn.values()) one.resize(PAPER_WIDTH);
    redrawAll();
  });
  addEventListener("afterprint", () => {
    classList.remove("printing");
    for (const one of opened) one.open = false;
    opened = [];
    for (const one of drawn.values()) one.resize(null);
    redrawAll();
  });
}

/** Those that are to be printed: none in a timeline that is not. */
function closedDetails(also: string): HTMLDetailsElement[] {
  const all = document.querySelectorAll<HTMLDetailsElement>(
    `details:not(.timeline-case)${also}`,
  );
  return [...all].filter((one) => {
    const around = one.closest<HTMLDetailsElement>(".timeline-case");
    return !one.open && (around === null || around === one || around.open);
  });
}

start();
