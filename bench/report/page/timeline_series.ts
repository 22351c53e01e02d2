import type { TimelineEvent, TrialRecord } from "../../trial/mod.ts";
import { thinned } from "./thinned.ts";
import type { CaseTimeline, Mark } from "./timeline_shape.ts";

/** Marks of one trial beyond these are left out, and counted. */
const MAX_MARKS = 120;

/** Events that are marked in the charts; the others only move a line. */
const MARKED: ReadonlySet<string> = new Set<Mark["event"]>([
  "init_data_sent",
  "switchover_acked",
  "reinit",
  "paused",
  "switchover",
  "pre-switchover",
  "running",
  "failed",
  "reset",
]);

function isMarked(event: string): event is Mark["event"] {
  return MARKED.has(event);
}

/**
 * What the charts of a trial show, of its events in their order.
 *
 * * pending and threshold: at every window's end and at the switchover
 * * transferred: the sum of the windows, of what each device then gave, and at the end all there was
 *
 * @param points How many points a line has at most
 */
export function timelineSeries(
  trial: TrialRecord,
  events: readonly TimelineEvent[],
  points: number,
): CaseTimeline {
  const pending: Record<"t_ms" | "pending_bytes" | "threshold_bytes", number[]> = {
    t_ms: [],
    pending_bytes: [],
    threshold_bytes: [],
  };
  const transferred = { t_ms: [0], bytes: [0] };
  const marks: Mark[] = [];
  let sum = 0, end_ms = 0;
  const addTransferred = (t_ms: number, to: number) => {
    sum = Math.max(sum, to);
    transferred.t_ms.push(t_ms);
    transferred.bytes.push(sum);
  };
  for (const one of events) {
    const { t_ms, event, device } = one;
    end_ms = Math.max(end_ms, t_ms);
    const pendingBytes = numberOf(one, "pending_bytes");
    if (pendingBytes !== undefined) {
      pending.t_ms.push(t_ms);
      pending.pending_bytes.push(pendingBytes);
      pending.threshold_bytes.push(numberOf(one, "threshold_bytes") ?? 0);
    }
    const more = numberOf(one, event === "saved" ? "stop_copy_bytes" : "transferred_bytes");
    if (more !== undefined) addTransferred(t_ms, sum + more);
    const total = trial.metrics.bytes_total;
    if (event === "completed" && total !== undefined) addTransferred(t_ms, total);
    if (isMarked(event)) marks.push({ t_ms, event, device: device ?? "" });
  }
  const kept = thinned(pending.pending_bytes, points);
  const keptTransferred = thinned(transferred.bytes, points);
  return {
    trial: trial.trial,
    outcome: trial.outcome,
    end_ms,
    pending: {
      t_ms: pick(pending.t_ms, kept),
      pending_bytes: pick(pending.pending_bytes, kept),
      threshold_bytes: pick(pending.threshold_bytes, kept),
    },
    transferred: {
      t_ms: pick(transferred.t_ms, keptTransferred),
      bytes: pick(transferred.bytes, keptTransferred),
    },
    points_left_out: pending.t_ms.length - kept.length,
    marks: marks.length <= MAX_MARKS ? marks : pick(marks, evenly(marks.length, MAX_MARKS)),
    marks_left_out: Math.max(0, marks.length - MAX_MARKS),
  };
}

function numberOf(event: TimelineEvent, key: string): number | undefined {
  const value = event[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function pick<T>(list: readonly T[], places: readonly number[]): T[] {
  return places.flatMap((at) => {
    const one = list[at];
    return one === undefined ? [] : [one];
  });
}

/** So many places of a list, from its first to its last. */
function evenly(length: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.round(i * (length - 1) / (count - 1)));
}
