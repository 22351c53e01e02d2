import { type Failure, MigrationError, reasonFailure } from "./migration_error.ts";
import type { EstimateEntry, MigrationEvent } from "./observation.ts";
import { iteratePrecopy } from "./precopy.ts";
import { createSourceRun, note, type SourcePlan, type SourceRun } from "./source_run.ts";
import { switchOver, type SwitchoverTimes } from "./switchover.ts";
import { trace } from "./trace.ts";

/** What one device did, as the source saw it. */
export interface SourceDeviceReport {
  readonly id: string;
  readonly precopyBytes: number;
  readonly stopCopyBytes: number;
  readonly stopNs: number;
  readonly saveNs: number;
  readonly estimates: readonly EstimateEntry[];
  /** The state it was left in, by name. */
  readonly leftIn: string;
}

/** What the source has to tell of a migration. Times are nanoseconds of the run's clock. */
export interface SourceReport {
  readonly failure: Failure | null;
  readonly startNs: number;
  /** The end of setup, where precopy begins. */
  readonly setupNs: number;
  /** null where it never came to a switchover, or failed in it. */
  readonly switchover: SwitchoverTimes | null;
  readonly finishedNs: number;
  readonly passes: number;
  readonly exactQueries: number;
  readonly iterations: number;
  readonly transferredBytes: number;
  readonly ramBytes: number;
  /** Of these, after the guest was stopped. */
  readonly finalRamBytes: number;
  /** What the decision went by: bytes pending, and the bandwidth that was counted on. */
  readonly decidedPendingBytes: number;
  readonly decidedBytesPerMs: number;
  /** What `query-migrate` would have promised at the decision. */
  readonly expectedDowntimeMs: number;
  readonly devices: readonly SourceDeviceReport[];
  readonly events: readonly MigrationEvent[];
}

/**
 * Runs the source of a migration from RUNNING devices to the end: setup, precopy, switchover, and the
 * clean-up outside the downtime. It does not throw for what can go wrong in a migration: that is in the
 * report, and the devices are RUNNING again, or the report says why not.
 */
export function runSource(plan: SourcePlan): SourceReport {
  const run = createSourceRun(plan);
  let failure: Failure | null = null;
  let switchover: SwitchoverTimes | null = null;
  let setupNs = run.startNs;
  if (run.onTrace) trace(run, { step: "status", status: "setup" });
  try {
    setUp(run);
    setupNs = run.clock.nowNs();
    note(run, "precopy");
    if (run.onTrace) trace(run, { step: "status", status: "active" });
    iteratePrecopy(run);
    switchover = switchOver(run);
    note(run, "completed");
    if (run.onTrace) traceTransferred(run, "completed");
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    failure = run.multifd?.abort?.() ?? error.failure;
    note(run, "failed", undefined, { message: failure.message });
  }
  const finishedNs = run.clock.nowNs();
  if (failure !== null && run.onTrace) {
    traceTransferred(run, failure.cancelled === true ? "cancelled" : "failed");
  }
  if (failure !== null) failure = recover(run, failure);
  else for (const d of run.sourceDevices) d.handlers.cleanUp(run, d);
  return {
    failure,
    startNs: run.startNs,
    setupNs,
    switchover: failure === null ? switchover : null,
    finishedNs,
    passes: run.passes,
    exactQueries: run.exactQueries,
    iterations: run.iterations,
    transferredBytes: run.sender.transferred() + (run.multifd?.transferred?.() ?? 0),
    ramBytes: run.ramBytes,
    finalRamBytes: run.finalRamBytes,
    decidedPendingBytes: run.decidedPendingBytes,
    decidedBytesPerMs: run.window.switchoverBytesPerMs,
    expectedDowntimeMs: run.expectedDowntimeMs,
    devices: run.sourceDevices.map((d) => ({
      id: d.id,
      precopyBytes: d.precopyBytes,
      stopCopyBytes: d.stopCopyBytes,
      stopNs: d.stopNs,
      saveNs: d.saveNs,
      estimates: d.estimates,
      leftIn: d.handlers.leftIn(),
    })),
    events: run.events,
  };
}

/** What is left to say of a source that is not there any more. */
export function deadSourceReport(failure: Failure, atNs: number): SourceReport {
  return {
    failure,
    startNs: 0,
    setupNs: 0,
    switchover: null,
    finishedNs: atNs,
    passes: 0,
    exactQueries: 0,
    iterations: 0,
    transferredBytes: 0,
    ramBytes: 0,
    finalRamBytes: 0,
    decidedPendingBytes: 0,
    decidedBytesPerMs: 0,
    expectedDowntimeMs: 0,
    devices: [],
    events: [],
  };
}

/** The last word: what went over all channels, and what became of it. */
function traceTransferred(run: SourceRun, status: "completed" | "failed" | "cancelled"): void {
  const multifdBytes = run.multifd?.transferred?.() ?? 0;
  trace(run, { step: "transferred", mainBytes: run.sender.transferred(), multifdBytes });
  trace(run, { step: "status", status });
}

function setUp(run: SourceRun): void {
  run.onPlace?.("setup");
  for (const d of run.sourceDevices) {
    const why = d.handlers.blocker(run);
    if (why !== null) throw new MigrationError(reasonFailure(why, "setup", d.id));
  }
  if (run.onTrace && run.options.returnPath && run.sender.hasReturnPath) {
    trace(run, { step: "return-path" });
  }
  run.clock.sleepNs(run.costs.setupNs ?? 0);
  run.ram?.begin();
  if (run.policy.iterationCounter.setupSync) run.iterations++;
  for (const d of run.sourceDevices) d.handlers.setUp(run, d);
}

/** After a failure the guest goes on at the source: every device back to RUNNING, by reset where it must. */
function recover(run: SourceRun, failure: Failure): Failure {
  for (const d of run.sourceDevices) {
    const obstacle = d.handlers.recover(run, d);
    if (obstacle !== null) failure = { ...failure, message: `${failure.message}; ${obstacle}` };
  }
  run.ram?.resume();
  return failure;
}
