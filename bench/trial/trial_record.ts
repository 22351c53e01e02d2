import { type FaultPlan, faultText, type Injection } from "../../core/fault/mod.ts";
import {
  type DestinationReport,
  type EstimateEntry,
  type Failure,
  type MultifdDeviceReport,
  NO_EXPECTED_DOWNTIME_MS,
  type SourceReport,
} from "../../core/migration/mod.ts";
import { type ClassifiedEstimates, classifyEstimates, joinEstimates } from "../measure/mod.ts";
import { type Case, isProfiled } from "../scenario/mod.ts";
import { guestAt, guestText } from "./guest_at.ts";
import type { ProcessorUse } from "./processor_time.ts";
import { verifierOf } from "./verifier.ts";
import type { Breakage } from "./worker_message.ts";
import type {
  DeviceRecord,
  InjectedFault,
  TimelineEvent,
  TrialError,
  TrialRecord,
} from "./record.ts";

/** What a trial left behind, from which its record is made. A half that broke has no report. */
export interface TrialOutcome {
  readonly source: SourceReport | null;
  readonly destination: DestinationReport | null;
  /** What went wrong outside the migration itself: a Worker that died, a channel that could not be opened. */
  readonly broken: Breakage | null;
  /** What keeps real devices from being as they were found. */
  readonly obstacles: readonly string[];
  /** The limit at which it was ended from outside; null or absent where it ended by itself. */
  readonly endedAfter_ms?: number | null;
  /** The device whose state differs and where, if that is known; null where all are the same or none was compared. */
  readonly difference: { readonly device: string; readonly offset: number | null } | null;
  readonly compared: boolean;
  /** What of the case's fault plan struck; absent: nothing. */
  readonly injections?: readonly Injection[];
  readonly readDurations: string | null;
  readonly writeDurations: string | null;
  /** What the simulated guest's writes took of the source's thread; absent where there is no thread to take it from. */
  readonly guestWritesNs?: number;
  /** What the migration took of the processors, both halves together; absent on the virtual clock. */
  readonly processors?: ProcessorUse;
}

/** Where a trial belongs. */
export interface TrialPlace {
  readonly caseNumber: number;
  readonly trial: number;
  readonly seed: number;
  readonly startedAtMs?: number;
}

/** The record of a trial. Pure: the same outcome makes the same record. */
export function trialRecord(
  one: Case,
  place: TrialPlace,
  outcome: TrialOutcome,
): TrialRecord {
  const { source, destination } = outcome;
  const error = withObstacles(withGuest(trialError(outcome), outcome), outcome.obstacles);
  const verifier = verifierOf(one.devices);
  const cancelled = source?.failure?.cancelled === true;
  const good = error === null;
  return {
    scenario: one.scenario,
    case: place.caseNumber,
    trial: place.trial,
    clock: one.clock,
    seed: place.seed,
    outcome: good ? "completed" : cancelled ? "cancelled" : "failed",
    qemu_says: qemuSays(outcome),
    error,
    state_verified: outcome.compared && outcome.difference === null && verifier !== "nobody" &&
      // A device that refused was reset, and what it had loaded is not what it runs with.
      (destination?.refusals.length ?? 0) === 0,
    ...(verifier === "comparison" ? {} : { verified_by: verifier }),
    metrics: good && source !== null && destination !== null
      ? {
        ...metricsOf(source, destination, one.params.multifd),
        ...guestOf(one, outcome),
        ...(outcome.processors === undefined ? {} : processorMetrics(outcome.processors)),
      }
      : {},
    downtime_breakdown_ms: good && source !== null && destination !== null
      ? breakdownOf(source, destination, one.params.multifd)
      : {},
    devices: source === null ? {} : devicesOf(source, destination),
    histograms: {
      ...(outcome.readDurations === null ? {} : { read_us: outcome.readDurations }),
      ...(outcome.writeDurations === null ? {} : { write_us: outcome.writeDurations }),
    },
    ...(one.faults.length === 0 ? {} : { injected: injectedOf(one.faults, outcome) }),
    ...(place.startedAtMs === undefined ? {} : { started_at_ms: place.startedAtMs }),
  };
}

/** Every fault of the plan, and what became of it. */
function injectedOf(
  plan: FaultPlan,
  { source, injections = [] }: TrialOutcome,
): readonly InjectedFault[] {
  return plan.map((fault, place): InjectedFault => {
    const what = faultText(fault);
    const struck = injections.find((one) => one.fault === place);
    if (struck === undefined) return { fault: place, what, times: 0 };
    const { atNs, times, nth, byte } = struck;
    return {
      fault: place,
      what,
      times,
      ...(source === null ? {} : { at_ms: ms(atNs - source.startNs) }),
      ...(nth === undefined ? {} : { nth }),
      ...(byte === undefined ? {} : { byte }),
    };
  });
}

/** What happened when, from the trial's start. */
export function trialTimeline(
  place: TrialPlace,
  source: SourceReport | null,
  destination: DestinationReport | null,
): TimelineEvent[] {
  if (source === null) return [];
  const at = (ns: number) => round((ns - source.startNs) / 1e6, 6);
  const base = { case: place.caseNumber, trial: place.trial };
  const events: TimelineEvent[] = source.events.map(({ atNs, event, ...fields }) => ({
    ...base,
    t_ms: at(atNs),
    event,
    ...fields,
  }));
  const { loadedNs = null, runningNs = null } = destination ?? {};
  if (loadedNs !== null) events.push({ ...base, t_ms: at(loadedNs), event: "loaded" });
  if (runningNs !== null) events.push({ ...base, t_ms: at(runningNs), event: "running" });
  return events.sort((a, b) => a.t_ms - b.t_ms);
}

function trialError(outcome: TrialOutcome): TrialError | null {
  const { source, destination, broken, difference, endedAfter_ms = null } = outcome;
  // The side that failed by itself knows why; the other only saw its peer go.
  const failures = [destination?.failure ?? null, source?.failure ?? null]
    .filter((failure) => failure !== null);
  const ownCause = failures.find((f) => !isPeerGone(f));
  // A side that is gone told nobody why; the other one only sees that.
  if (ownCause === undefined && broken?.died === true) return brokenError(broken, outcome);
  // Where the channel itself is to blame, its sending end was nearest.
  const cause = ownCause ?? source?.failure ?? destination?.failure ?? undefined;
  if (cause !== undefined && endedAfter_ms !== null && isPeerGone(cause)) {
    return {
      ...errorOf(cause),
      message:
        `Cannot end within ${endedAfter_ms} ms: its channel was broken by then. ${cause.message}`,
      errno: "ETIMEDOUT",
    };
  }
  if (cause !== undefined) return errorOf(cause);
  const refusal = destination?.refusals[0];
  if (refusal !== undefined) {
    return errorOf({
      ...refusal,
      message: refusal.resetFailed === true
        ? `${refusal.message}; the guest runs on without it`
        : `${refusal.message}; it was reset and runs on without its state`,
    });
  }
  if (broken !== null) return brokenError(broken, outcome);
  if (difference !== null) {
    return reasonError(
      `The destination's state of ${difference.device} differs from the source's ${
        difference.offset === null ? "(another SHA-256)" : `at byte ${difference.offset} or after`
      }`,
      difference.device,
      "resume",
    );
  }
  return outcome.compared ? null : reasonError("The states were not compared", null, "resume");
}

function brokenError(broken: Breakage, { source, destination }: TrialOutcome): TrialError {
  const { message, device = null, call = null, errno = null } = broken;
  // As far as the side came that can tell.
  const phase = broken.phase ?? source?.failure?.phase ??
    (source === null ? "setup" : destination === null ? "load" : "resume");
  return { message, device, phase, call, errno };
}

/** Where not exactly one guest runs after a failure, that is told with it. */
function withGuest(error: TrialError | null, outcome: TrialOutcome): TrialError | null {
  const { source, destination, broken } = outcome;
  // Of a migration that never began there is nothing to say.
  if (error === null || (source === null && broken?.died !== true)) return error;
  const at = guestAt(source, destination);
  const told = [
    guestText(at, source),
    ...(at === "source" || at === "both" ? leftTexts(source) : []),
  ]
    .filter((text) => text !== null && !error.message.includes(text));
  return told.length === 0 ? error : { ...error, message: [error.message, ...told].join("; ") };
}

/** The source's devices that do not run with their guest: told also where the other side's failure is. */
function leftTexts(source: SourceReport | null): string[] {
  const devices = source?.devices ?? [];
  return devices.filter(({ leftIn }) => leftIn !== "RUNNING")
    .map(({ id, leftIn }) => `${id} is left in ${leftIn}`);
}

/** A device that is not as it was found is an error of its own, or is told with the one that there is. */
function withObstacles(
  error: TrialError | null,
  obstacles: readonly string[],
): TrialError | null {
  if (obstacles.length === 0) return error;
  const text = obstacles.join("; ");
  if (error === null) return reasonError(text, null, "cleanup");
  return { ...error, message: `${error.message}; ${text}` };
}

/** Whether a failure only says that the other side is gone. */
function isPeerGone(failure: Failure): boolean {
  return failure.device === null &&
    (failure.errno === "EPIPE" || failure.errno === "ECONNRESET" || failure.errno === "EIO" ||
      failure.errno === "ECANCELED" || failure.errno === "ETIMEDOUT");
}

function errorOf({ message, device, phase, call, errno }: Failure): TrialError {
  return { message, device, phase, call, errno };
}

function reasonError(message: string, device: string | null, phase: string): TrialError {
  return { message, device, phase, call: null, errno: null };
}

/** QEMU looks at neither a device that refused its data nor at the state itself. */
function qemuSays({ source, destination }: TrialOutcome): TrialRecord["qemu_says"] {
  if (source?.failure?.cancelled === true) return "cancelled";
  if (source === null || destination === null) return "failed";
  return source.failure === null && destination.failure === null ? "completed" : "failed";
}

function processorMetrics({ time_ms, busy }: ProcessorUse): Record<string, number> {
  return { processor_time_ms: round(time_ms, 3), processors_busy: round(busy, 3) };
}

function metricsOf(
  source: SourceReport,
  destination: DestinationReport,
  multifd: boolean,
): Record<string, number> {
  const { switchover } = source;
  const { loadedNs, runningNs } = destination;
  if (switchover === null || loadedNs === null || runningNs === null) return {};
  const stopCopyBytes = sum(source.devices.map((d) => d.stopCopyBytes));
  const precopyBytes = sum(source.devices.map((d) => d.precopyBytes));
  const metrics: Record<string, number> = {
    downtime_ms: ms(runningNs - switchover.decidedNs),
    downtime_source_ms: ms(switchover.endNs - switchover.decidedNs),
    total_time_ms: ms(switchover.endNs - source.startNs),
    setup_time_ms: ms(source.setupNs - source.startNs),
    bytes_total: source.transferredBytes,
    bytes_precopy: precopyBytes,
    bytes_stopcopy: stopCopyBytes,
    passes: source.passes,
    exact_queries: source.exactQueries,
  };
  // Without any bandwidth QEMU promises INT64_MAX, which is no number of milliseconds.
  if (source.expectedDowntimeMs < NO_EXPECTED_DOWNTIME_MS) {
    metrics.downtime_expected_ms = source.expectedDowntimeMs;
  }
  metrics.bandwidth_assumed_bytes_per_s = Math.round(source.decidedBytesPerMs * 1000);
  const movedNs = loadedNs - switchover.stoppedNs;
  const moved = stopCopyBytes + source.finalRamBytes;
  if (moved > 0 && movedNs > 0) {
    metrics.bandwidth_switchover_bytes_per_s = Math.round(moved / movedNs * 1e9);
  }
  if (source.ramBytes > 0) metrics.bytes_ram = source.ramBytes;
  // Over channels of their own the devices do not wait for RAM.
  const stopCopyNs = loadedNs - (multifd ? switchover.stoppedNs : switchover.ramSavedNs);
  if (stopCopyBytes > 0 && stopCopyNs > 0) {
    metrics.throughput_stopcopy_bytes_per_s = Math.round(stopCopyBytes / stopCopyNs * 1e9);
  }
  const precopyNs = switchover.decidedNs - source.setupNs;
  if (precopyBytes > 0 && precopyNs > 0) {
    metrics.throughput_precopy_bytes_per_s = Math.round(precopyBytes / precopyNs * 1e9);
  }
  const peaks = destination.devices.map((d) => d.multifd?.queuedPeakBytes ?? -1);
  const peak = Math.max(-1, ...peaks);
  if (peak >= 0) metrics.multifd_queued_peak_bytes = peak;
  return metrics;
}

/** What the simulated guest took; where no device is simulated there is none. */
function guestOf({ devices, ram }: Case, { guestWritesNs }: TrialOutcome): Record<string, number> {
  const hasGuest = ram.size > 0 || devices.some(isProfiled);
  return hasGuest && guestWritesNs !== undefined ? { guest_writes_ms: ms(guestWritesNs) } : {};
}

/**
 * Where the guest-visible downtime went. The parts follow each other without a gap:
 *
 *     decided --stop--> stopped --ram--> --save of each device--> --config--> --load--> loaded --resume--> running
 *
 * With multifd the devices are saved beside RAM and beside each other: `save` is what is left to save after RAM.
 * `load` is what is left to do at the destination when the source has sent everything: wire and write.
 */
function breakdownOf(
  source: SourceReport,
  destination: DestinationReport,
  multifd: boolean,
): Record<string, number> {
  const { switchover } = source;
  const { loadedNs, runningNs } = destination;
  if (switchover === null || loadedNs === null || runningNs === null) return {};
  const parts: Record<string, number> = {
    stop: ms(switchover.stoppedNs - switchover.decidedNs),
    ram: ms(switchover.ramSavedNs - switchover.stoppedNs),
  };
  if (multifd) parts.save = ms(switchover.devicesSavedNs - switchover.ramSavedNs);
  else for (const d of source.devices) parts[`save ${d.id}`] = ms(d.saveNs);
  parts.config = ms(switchover.configSavedNs - switchover.devicesSavedNs);
  parts.load = ms(loadedNs - switchover.configSavedNs);
  parts.resume = ms(runningNs - loadedNs);
  return parts;
}

function devicesOf(
  source: SourceReport,
  destination: DestinationReport | null,
): TrialRecord["devices"] {
  const devices: Record<string, DeviceRecord> = {};
  for (const [i, d] of source.devices.entries()) {
    const loaded = destination?.devices[i];
    devices[d.id] = {
      metrics: {
        bytes_precopy: d.precopyBytes,
        bytes_stopcopy: d.stopCopyBytes,
        stop_ms: ms(d.stopNs),
        save_ms: ms(d.saveNs),
        // What the guest waited for because of this device; where its load outlasts its save, `load` has the rest.
        downtime_part_ms: ms(d.stopNs + d.saveNs + (loaded?.resumeNs ?? 0)),
        ...(loaded === undefined
          ? {}
          : { load_ms: ms(loaded.loadNs), resume_ms: ms(loaded.resumeNs) }),
        ...multifdOf(source, loaded?.multifd),
      },
      estimates: estimatesOf(d.estimates),
    };
  }
  return devices;
}

/** What multifd has to tell of a device: its queue, and when it was loaded, from the decision on. */
function multifdOf(
  { switchover }: SourceReport,
  multifd: MultifdDeviceReport | undefined,
): Record<string, number> {
  if (multifd === undefined) return {};
  const { queuedPeakBytes, loadBeganNs, loadEndedNs } = multifd;
  const began = switchover === null || loadBeganNs === null ? {} : {
    load_begin_ms: ms(loadBeganNs - switchover.decidedNs),
  };
  const ended = switchover === null || loadEndedNs === null ? {} : {
    load_end_ms: ms(loadEndedNs - switchover.decidedNs),
  };
  return { queued_peak_bytes: queuedPeakBytes, ...began, ...ended };
}

/** How good the device's estimates were, by kind; ratios to six digits. */
function estimatesOf(entries: readonly EstimateEntry[]): DeviceRecord["estimates"] {
  const kinds = Object.entries(classifyEstimates(joinEstimates(entries)));
  const rounded = (values: readonly number[]) => values.map((value) => round(value, 6));
  return Object.fromEntries(kinds.map(([kind, one]): [string, ClassifiedEstimates] => [kind, {
    ...one,
    over_ratio: rounded(one.over_ratio),
    under_ratio: rounded(one.under_ratio),
  }]));
}

function ms(ns: number): number {
  return round(ns / 1e6, 6);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
