import { DEVICE_STATE, MIGRATION } from "../vfio/mod.ts";
import { type Failure, MigrationError } from "./migration_error.ts";
import { applyFinalPrecopyInfo, finalPrecopyInfoDue } from "./policy/mod.ts";
import { queryPrecopyInfo } from "./query.ts";
import { setState } from "./set_state.ts";
import { note, type SourceRun } from "./source_run.ts";

const { ERROR, STOP, STOP_COPY, RUNNING_P2P, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;

/**
 * Somebody pauses the guest during precopy. Its devices are stopped as at a switchover, REINIT check and
 * all; a request that the check finds is collected by the next ordinary query.
 */
export function pauseGuest(run: SourceRun): void {
  note(run, "paused");
  const failure = stopGuest(run);
  if (failure !== null) throw new MigrationError(failure);
}

/**
 * Stops the vCPUs and every device: all P2P-capable ones quiesce first, then all go to their stopped
 * state, in reverse order of registration (facts: vm_state_notify walks its handlers backwards).
 * Returns the first failure; the others are stopped all the same.
 */
export function stopGuest(run: SourceRun): Failure | null {
  let failure: Failure | null = null;
  run.ack.guestRunning = false;
  run.clock.sleepNs(run.costs.stopNs);
  run.ram?.stop();
  const backwards = run.sourceDevices.toReversed();
  for (const d of backwards) {
    if ((d.device.migrationFlags & MIGRATION.P2P) === 0) continue;
    const began_ns = run.clock.nowNs();
    const inPrecopy = d.device.getState() === PRE_COPY;
    if (inPrecopy && finalPrecopyInfoDue(run.policy, d.cache, run.ackOptions)) {
      queryPrecopyInfo(run, d, applyFinalPrecopyInfo);
    }
    const failed = setState(d.device, inPrecopy ? PRE_COPY_P2P : RUNNING_P2P, ERROR, "switchover");
    failure ??= failed;
    d.stopNs += run.clock.nowNs() - began_ns;
  }
  for (const d of backwards) {
    const began_ns = run.clock.nowNs();
    const state = d.device.getState();
    const inPrecopy = state === PRE_COPY || state === PRE_COPY_P2P;
    const failed = setState(d.device, inPrecopy ? STOP_COPY : STOP, ERROR, "switchover");
    failure ??= failed;
    d.cache.inPrecopy = false;
    d.stopNs += run.clock.nowNs() - began_ns;
    d.estimates.push({ entry: "stopped", atNs: run.clock.nowNs(), position: d.precopyBytes });
    note(run, "stopped", d);
  }
  return failure;
}
