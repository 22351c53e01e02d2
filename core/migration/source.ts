import { MESSAGE } from "../channel/mod.ts";
import { DEVICE_STATE, deviceStateName, MIGRATION } from "../vfio/mod.ts";
import { type Failure, MigrationError, reasonFailure } from "./migration_error.ts";
import type { EstimateEntry, MigrationEvent } from "./observation.ts";
import { createPendingCache, requestAck } from "./policy/mod.ts";
import { iteratePrecopy } from "./precopy.ts";
import { queryDataSize, queryPrecopyInfo } from "./query.ts";
import { setState } from "./set_state.ts";
import {
  createSourceRun,
  note,
  type SourceDevice,
  type SourcePlan,
  type SourceRun,
} from "./source_run.ts";
import { sendControl, switchOver, type SwitchoverTimes } from "./switchover.ts";

const { ERROR, RUNNING, STOP, PRE_COPY } = DEVICE_STATE;

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
  try {
    setUp(run);
    setupNs = run.clock.nowNs();
    note(run, "precopy");
    iteratePrecopy(run);
    switchover = switchOver(run);
    note(run, "completed");
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    failure = error.failure;
    note(run, "failed", undefined, { message: failure.message });
  }
  const finishedNs = run.clock.nowNs();
  if (failure === null) cleanUp(run);
  else failure = recover(run, failure);
  return {
    failure,
    startNs: run.startNs,
    setupNs,
    switchover: failure === null ? switchover : null,
    finishedNs,
    passes: run.passes,
    exactQueries: run.exactQueries,
    iterations: run.iterations,
    transferredBytes: run.sender.transferred(),
    ramBytes: run.ramBytes,
    finalRamBytes: run.finalRamBytes,
    decidedPendingBytes: run.decidedPendingBytes,
    decidedBytesPerMs: run.window.switchoverBytesPerMs,
    expectedDowntimeMs: run.expectedDowntimeMs,
    devices: run.sourceDevices.map((d) => ({
      id: d.device.id,
      precopyBytes: d.precopyBytes,
      stopCopyBytes: d.stopCopyBytes,
      stopNs: d.stopNs,
      saveNs: d.saveNs,
      estimates: d.estimates,
      leftIn: deviceStateName(d.device.getState()),
    })),
    events: run.events,
  };
}

function setUp(run: SourceRun): void {
  run.ram?.begin();
  if (run.policy.iterationCounter.setupSync) run.iterations++;
  for (const [i, d] of run.sourceDevices.entries()) {
    const optedIn = optIn(run, d);
    d.cache = createPendingCache({ supportsPrecopy: hasPrecopy(d), precopyInfoV2: optedIn });
    run.caches[i] = d.cache;
    queryDataSize(run, d);
    if (d.cache.stopCopyLength === 0) {
      throw new MigrationError(
        reasonFailure(
          `Cannot set up ${d.device.id}: it says that it has 0 bytes to save, and QEMU sizes its buffer by that`,
          "setup",
          d.device.id,
        ),
      );
    }
    sendControl(run, MESSAGE.SETUP, d.index);
    if (!hasPrecopy(d)) continue;
    const state = d.device.getState();
    if (state === RUNNING) {
      const failure = setState(d.device, PRE_COPY, RUNNING, "setup");
      if (failure !== null) throw new MigrationError(failure);
      d.cache.inPrecopy = true;
      queryPrecopyInfo(run, d);
      requestAck(run.policy, d.cache, run.ackOptions);
    } else if (state !== STOP) {
      const name = deviceStateName(state);
      throw new MigrationError(
        reasonFailure(
          `Cannot set up ${d.device.id}: received a device in ${name}`,
          "setup",
          d.device.id,
        ),
      );
    }
  }
}

/** MIG_PRECOPY_INFOv2, where the policy knows it and the user wants REINIT. A kernel that does not know it is fine. */
function optIn(run: SourceRun, d: SourceDevice): boolean {
  if (!run.policy.precopyInfoV2 || !run.options.reinit || !hasPrecopy(d)) return false;
  return d.device.setPrecopyInfoV2() === 0;
}

function hasPrecopy(d: SourceDevice): boolean {
  return (d.device.migrationFlags & MIGRATION.PRE_COPY) !== 0;
}

/** STOP_COPY -> STOP, after the migration and outside its downtime (facts: since 8.2). */
function cleanUp(run: SourceRun): void {
  for (const d of run.sourceDevices) setState(d.device, STOP, ERROR, "cleanup");
}

/** After a failure the guest goes on at the source: every device back to RUNNING, by reset where it must. */
function recover(run: SourceRun, failure: Failure): Failure {
  for (const d of run.sourceDevices) {
    if (setState(d.device, RUNNING, ERROR, "cleanup") === null) continue;
    note(run, "reset", d);
    if (d.device.getState() === RUNNING) continue;
    const state = deviceStateName(d.device.getState());
    failure = { ...failure, message: `${failure.message}; ${d.device.id} is left in ${state}` };
  }
  run.ram?.resume();
  return failure;
}
