/**
 * Plays one trial on the wall clock in this process, and writes to a file what it moved and what memory it took:
 *
 *     deno run -A --v8-flags=... bench/flat_memory/one_transfer.ts SCENARIO_JSON FILE
 *
 * Not to stdout: what V8 is asked to say stands there, and goes another way than what is printed here.
 *
 * @module
 */
import { expandCases, ScenarioSchema } from "../scenario/mod.ts";
import { decodeHistogram } from "../measure/mod.ts";
import { runWallTrial } from "../trial/mod.ts";
import { residentMemory } from "./resident.ts";

/** What the process tells. Sizes in bytes. */
export interface OneTransfer {
  readonly error: string | null;
  readonly state_verified: boolean;
  readonly bytes_total: number;
  readonly downtime_ms: number;
  readonly total_time_ms: number;
  /** How many reads were recorded: all, or one in so many. */
  readonly recorded_reads: number;
  /** The most that multifd's destination had queued; 0 without it. */
  readonly queued_peak_bytes: number;
  /** Resident memory while the halves ran, at even intervals. */
  readonly resident_bytes: readonly number[];
  /** The most resident memory that the process ever had. */
  readonly peak_bytes: number;
}

/** Looking takes some kilobytes of a heap, too. */
const EVERY_MS = 250;

export async function playTransfer(scenario: unknown): Promise<OneTransfer> {
  const [one] = expandCases(ScenarioSchema.parse(scenario));
  if (one === undefined) throw new Error("Cannot play a scenario without a case");
  const resident: number[] = [];
  const timer = setInterval(() => resident.push(residentMemory().now_bytes), EVERY_MS);
  const { record } = await runWallTrial(
    one,
    { caseNumber: 0, trial: 0, seed: 1 },
    new AbortController().signal,
  );
  clearInterval(timer);
  const { metrics, histograms, error, state_verified } = record;
  const reads = histograms["read_us"];
  return {
    error: error?.message ?? null,
    state_verified,
    bytes_total: metrics["bytes_total"] ?? 0,
    downtime_ms: metrics["downtime_ms"] ?? 0,
    total_time_ms: metrics["total_time_ms"] ?? 0,
    recorded_reads: reads === undefined ? 0 : decodeHistogram(reads).totalCount,
    queued_peak_bytes: metrics["multifd_queued_peak_bytes"] ?? 0,
    resident_bytes: resident,
    peak_bytes: residentMemory().peak_bytes,
  };
}

if (import.meta.main) {
  const [scenario = "null", file = ""] = Deno.args;
  await Deno.writeTextFile(file, JSON.stringify(await playTransfer(JSON.parse(scenario))));
}
