/// <reference lib="dom" />
import type uPlot from "uplot";
import { type CaseTimeline, type Mark, MARKS } from "../timeline_shape.ts";

/** How much room a letter has, in CSS pixels. */
const LETTER_WIDTH = 11;

/** The marks that a chart is about; the others are drawn fainter. */
const STRONG: ReadonlySet<Mark["event"]> = new Set(["switchover", "reinit", "running", "failed"]);

/**
 * Draws the marks of a trial over its whole height, each with its letter above, and shades the time from the decision
 * until the guest runs. Letters that would cover one another are drawn once where they are the same.
 */
export function drawMarks(
  plot: uPlot,
  { marks }: CaseTimeline,
  color: (property: string) => string,
): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const at = (t_ms: number) => Math.round(plot.valToPos(t_ms, "x", true));
  ctx.save();
  const switchover = marks.find(({ event }) => event === "switchover");
  const running = marks.find(({ event }) => event === "running");
  if (switchover !== undefined && running !== undefined) {
    ctx.fillStyle = color("--shade");
    const from = at(switchover.t_ms);
    ctx.fillRect(from, bbox.top, at(running.t_ms) - from, bbox.height);
  }
  ctx.font = `600 ${11 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "bottom";
  const letters: { letter: string; x: number }[] = [];
  for (const { t_ms, event } of marks) {
    const x = at(t_ms);
    const { letter } = MARKS[event];
    ctx.strokeStyle = color(STRONG.has(event) ? "--text" : "--mark");
    ctx.lineWidth = ratio;
    ctx.setLineDash(STRONG.has(event) ? [] : [2 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    // The same letter again says nothing new; another one moves to the right of it.
    const last = letters.at(-1);
    const free = last === undefined ? x : last.x + LETTER_WIDTH * ratio;
    if (x < free && letter === last?.letter) continue;
    letters.push({ letter, x: Math.max(x, free) });
  }
  ctx.fillStyle = color("--text");
  // At the right end there is no more room to move to: there they move back.
  let most = ctx.canvas.width - LETTER_WIDTH * ratio / 2;
  for (const { letter, x } of letters.reverse()) {
    const place = Math.min(x, most);
    ctx.fillText(letter, place, bbox.top - 2 * ratio);
    most = place - LETTER_WIDTH * ratio;
  }
  ctx.restore();
}
