import type { TrialRecord } from "../trial/mod.ts";
import { formatMs } from "../scenario/mod.ts";

/** So small a part of a downtime explains nothing. */
const LEAST_SHARE = 0.15;

/** What each part of a downtime is, for people. */
const PARTS: Readonly<Record<string, string>> = {
  stop: "stopping vCPUs and devices",
  ram: "the last of RAM",
  save: "saving the devices",
  config: "the rest of the machine",
  load: "loading what is still under way",
  resume: "starting the devices and the guest",
};

/** Why a trial is not within the limit, in words: it failed, or where its downtime went. */
export function whyOver(
  { error, metrics, downtime_breakdown_ms }: Pick<
    TrialRecord,
    "error" | "metrics" | "downtime_breakdown_ms"
  >,
  limit_ms: number,
): string {
  if (error !== null) return error.message;
  const { downtime_ms = 0 } = metrics;
  const heavy = Object.entries(downtime_breakdown_ms)
    .filter(([, part_ms]) => part_ms >= downtime_ms * LEAST_SHARE)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 2)
    .map(([name, part_ms]) => `${partName(name)} takes ${formatMs(round(part_ms))}`);
  const over = `${formatMs(round(downtime_ms - limit_ms))} over`;
  return heavy.length === 0 ? over : `${over}: ${heavy.join(", ")}`;
}

function partName(name: string): string {
  const known = PARTS[name];
  if (known !== undefined) return known;
  return name.startsWith("save ") ? `stop-copy of ${name.slice(5)}` : name;
}

function round(ms: number): number {
  return Number(ms.toFixed(1));
}
