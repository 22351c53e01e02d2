import type { PolicyName, TraceStep } from "../../core/migration/mod.ts";
import { UsageError } from "../usage_error.ts";
import { createDestinationEvents } from "./destination_events.ts";
import { formOf, logPrefix } from "./log_form.ts";
import { createSourceEvents } from "./source_events.ts";
import type { TracedStep, TracedTrial } from "./traced_trial.ts";

/** The two logs of a trial. */
export interface TraceFiles {
  readonly source: string;
  readonly destination: string;
}

/** How the two QEMUs of a trial are called, and when its clock showed 0. */
export interface TracePlace {
  readonly policy: PolicyName;
  readonly destinationPolicy: PolicyName;
  readonly destinationAckLegacy: boolean;
  /**
   * Milliseconds since 1970 of the trial's first step; absent on the virtual clock, whose logs must not vary: they
   * begin in the year 2000.
   */
  readonly startedAtMs?: number;
}

/** 2000-01-01, a day that no log is really from. */
const VIRTUAL_START_MS = 946_684_800_000;

/** The threads that QEMU 10.0 would name: what comes back to the source comes in on another. */
const SOURCE_THREAD = 1;
const DESTINATION_THREAD = 2;
const RETURN_PATH_THREAD = 3;

/** Where a trial's logs are: SCENARIO-CASE-TRIAL.src.trace and .dst.trace in the folder. */
export function traceFiles(
  folder: string,
  { scenario, caseNumber, trial }: {
    readonly scenario: string;
    readonly caseNumber: number;
    readonly trial: number;
  },
): TraceFiles {
  const stem = `${folder}/${scenario}-${caseNumber}-${trial}`;
  return { source: `${stem}.src.trace`, destination: `${stem}.dst.trace` };
}

/**
 * The logs of a trial, as lines. Stamps are microseconds, as QEMU's are: every moment is rounded to the nearest,
 * so that what lies between two of them is off by less than one.
 */
export function traceLogs(
  traced: TracedTrial,
  place: TracePlace,
): { readonly source: string; readonly destination: string } {
  const firstNs = Math.min(
    traced.source[0]?.[0] ?? Infinity,
    traced.destination[0]?.[0] ?? Infinity,
  );
  const startUs = Math.round((place.startedAtMs ?? VIRTUAL_START_MS) * 1e3);
  const epochUs = (atNs: number) => startUs + Math.round((atNs - firstNs) / 1e3);
  const written = (
    steps: readonly TracedStep[],
    policy: PolicyName,
    thread: number,
    eventsOf: (step: TraceStep) => string[],
  ) => {
    const form = formOf(policy);
    const lines: string[] = [];
    for (const [atNs, step] of steps) {
      const from = step.step === "acked" || step.step === "shut" ? RETURN_PATH_THREAD : thread;
      const prefix = logPrefix(form, from, epochUs(atNs));
      for (const event of eventsOf(step)) lines.push(`${prefix}${event}\n`);
    }
    return lines.join("");
  };
  const { policy, destinationPolicy, destinationAckLegacy: legacy } = place;
  return {
    source: written(traced.source, policy, SOURCE_THREAD, createSourceEvents(policy)),
    destination: written(
      traced.destination,
      destinationPolicy,
      DESTINATION_THREAD,
      createDestinationEvents(destinationPolicy, { legacy }),
    ),
  };
}

/**
 * Writes the two logs of a trial.
 *
 * @throws {UsageError} in one line where the folder cannot be written to
 */
export async function writeTrace(
  files: TraceFiles,
  traced: TracedTrial,
  place: TracePlace,
): Promise<void> {
  const logs = traceLogs(traced, place);
  try {
    await Deno.writeTextFile(files.source, logs.source);
    await Deno.writeTextFile(files.destination, logs.destination);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot write the trace ${files.source}: ${reason}`);
  }
}
