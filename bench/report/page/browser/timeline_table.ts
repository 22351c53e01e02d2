/// <reference lib="dom" />
import { formatSize } from "../../../scenario/units.ts";
import { type CaseTimeline, MARKS } from "../timeline_shape.ts";

/** The numbers of a trial's charts, made when they are asked for. Texts are put in as text, never as HTML. */
export function timelineTable(name: string, timeline: CaseTimeline): HTMLElement {
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = "Numbers";
  const of = document.createElement("span");
  of.className = "unseen";
  of.textContent = ` of ${name}`;
  summary.append(of);
  details.append(summary);
  let isMade = false;
  details.addEventListener("toggle", () => {
    if (isMade || !details.open) return;
    isMade = true;
    for (const made of makeTables(name, timeline)) details.append(made);
  });
  return details;
}

function makeTables(name: string, timeline: CaseTimeline): HTMLElement[] {
  const { pending, transferred, marks, points_left_out, marks_left_out } = timeline;
  const size = (bytes: number) => ({ text: formatSize(Math.round(bytes)), value: bytes });
  const time = (ms: number) => ({ text: ms.toFixed(3), value: ms });
  const made = [
    table(
      `Pending bytes and threshold of ${name}`,
      ["t, ms", "pending", "threshold"],
      pending.t_ms.map((ms, i) => [
        time(ms),
        size(pending.pending_bytes[i] ?? 0),
        size(pending.threshold_bytes[i] ?? 0),
      ]),
    ),
    table(
      `Bytes transferred of ${name}`,
      ["t, ms", "transferred"],
      transferred.t_ms.map((ms, i) => [time(ms), size(transferred.bytes[i] ?? 0)]),
    ),
    table(
      `Marks of ${name}`,
      ["t, ms", "", "what", "device"],
      marks.map(({ t_ms, event, device }) => [
        time(t_ms),
        { text: MARKS[event].letter },
        { text: MARKS[event].name },
        { text: device },
      ]),
    ),
  ];
  if (points_left_out + marks_left_out === 0) return made;
  const note = document.createElement("p");
  note.className = "note";
  note.textContent =
    `Left out, as there are too many to draw: ${points_left_out} points, ${marks_left_out} marks.`;
  return [...made, note];
}

interface TableCell {
  readonly text: string;
  /** Unrounded. */
  readonly value?: number;
}

function table(
  name: string,
  head: readonly string[],
  rows: readonly (readonly TableCell[])[],
): HTMLElement {
  const box = document.createElement("div");
  box.className = "scroll short";
  box.tabIndex = 0;
  box.role = "region";
  box.ariaLabel = name;
  const made = document.createElement("table");
  made.createCaption().textContent = name;
  const headRow = made.createTHead().insertRow();
  for (const text of head) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = text;
    headRow.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const { text, value } of row) {
      const cell = line.insertCell();
      cell.textContent = text;
      if (value === undefined) continue;
      cell.className = "n";
      cell.dataset.value = String(value);
    }
  }
  box.append(made);
  return box;
}
