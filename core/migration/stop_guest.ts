import { type Failure, MigrationError } from "./migration_error.ts";
import { note, type SourceRun } from "./source_run.ts";

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
    const failed = d.handlers.prepareStop(run, d);
    failure ??= failed;
  }
  for (const d of backwards) {
    const failed = d.handlers.stop(run, d);
    failure ??= failed;
    d.cache.inPrecopy = false;
    d.estimates.push({ entry: "stopped", atNs: run.clock.nowNs(), position: d.precopyBytes });
    note(run, "stopped", d);
  }
  return failure;
}
