import type { TimelineEvent } from "../trial/record.ts";

/**
 * Whether a value is an event as a line of `timeline.jsonl` has it. By hand and not by a schema: there are
 * a hundred of them for every trial.
 */
export function isTimelineEvent(value: unknown): value is TimelineEvent {
  if (typeof value !== "object" || value === null) return false;
  const event: Partial<TimelineEvent> = value;
  return isCount(event.case) && isCount(event.trial) && typeof event.t_ms === "number" &&
    typeof event.event === "string" &&
    (event.device === undefined || typeof event.device === "string") &&
    Object.values(event).every((one) =>
      typeof one === "number"
        ? Number.isFinite(one)
        : one === undefined || typeof one === "string" || typeof one === "boolean"
    );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
