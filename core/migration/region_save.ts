import { MESSAGE } from "../channel/message.ts";
import type { RegionDevice } from "../device/region/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { MigrationError } from "./migration_error.ts";
import { isDue } from "./observation.ts";
import type { SaveHandlers } from "./save_handlers.ts";
import { sendControl } from "./send.ts";
import { cancelled, isCancelled, note, type SourceDevice, type SourceRun } from "./source_run.ts";
import {
  abandonRegionDevice,
  createRegionSave,
  leftInRegionState,
  regionFailure,
  regionMigrationBlocker,
  type RegionOutput,
  type RegionSave,
  type RegionSaveOptions,
  saveCleanup,
  saveComplete,
  saveIterate,
  savePending,
  saveSetup,
  stopRegionDevice,
} from "./v1/mod.ts";

/** The saving of a device of migration protocol v1, which has a region instead of a data_fd. */
export function createRegionSaveHandlers(
  device: RegionDevice,
  options: RegionSaveOptions,
): SaveHandlers {
  const save = createRegionSave(device, options);
  let output: RegionOutput | null = null;

  const outputOf = (run: SourceRun, d: SourceDevice) => output ??= createOutput(run, d);
  const ask = (run: SourceRun, d: SourceDevice) => {
    const result = savePending(save);
    if (result < 0) fail(save, "precopy", result);
    setPending(run, d, save);
  };

  return {
    id: device.id,
    supportsPrecopy: true,
    blocker: ({ options }) => regionMigrationBlocker(device, options.xEnableMigration),
    setUp(run, d) {
      const result = saveSetup(save, outputOf(run, d));
      if (result < 0) fail(save, "setup", result);
      d.cache.inPrecopy = true;
    },
    // Facts: pending_bytes is read for every query, and there is no other answer.
    estimate: ask,
    exact: ask,
    iterate(run, d) {
      const result = saveIterate(save, outputOf(run, d));
      if (result < 0) fail(save, "precopy", result);
      d.precopyBytes = save.transferredBytes;
      return result === 1;
    },
    prepareStop: () => null,
    stop(run, d) {
      const beganNs = run.clock.nowNs();
      const result = stopRegionDevice(save);
      d.stopNs += run.clock.nowNs() - beganNs;
      return result < 0 ? regionFailure(save, "switchover", result) : null;
    },
    complete(run, d) {
      const beganNs = run.clock.nowNs();
      const before = save.transferredBytes;
      const result = saveComplete(save, outputOf(run, d));
      d.stopCopyBytes = save.transferredBytes - before;
      d.saveNs = run.clock.nowNs() - beganNs;
      if (result < 0 && isCancelled(run)) throw cancelled("switchover");
      if (result < 0) fail(save, "stop-copy", result);
    },
    config(run, d) {
      if (!save.configFirst) sendControl(run, MESSAGE.CONFIG, d.index);
    },
    cleanUp() {
      saveCleanup(save);
    },
    recover(run, d) {
      const result = abandonRegionDevice(save);
      saveCleanup(save);
      if (result === 1) note(run, "reset", d);
      // It is asked, and not believed: a device that was reset need not tell where it is.
      const state = leftInRegionState(save);
      return state === "RUNNING" ? null : `${d.id} is left in ${state}`;
    },
    leftIn: () => leftInRegionState(save),
  };
}

function fail(
  save: RegionSave,
  phase: "setup" | "precopy" | "stop-copy",
  result: number,
): never {
  throw new MigrationError(regionFailure(save, phase, result));
}

/** All that is pending can be precopied, says the protocol: the exact query has nothing to add to it. */
function setPending(run: SourceRun, d: SourceDevice, save: RegionSave): void {
  d.cache.initialBytes = 0;
  d.cache.dirtyBytes = save.pendingBytes;
  d.cache.stopCopyLength = 0;
  const last = d.estimates.at(-1);
  if (last?.entry === "estimate" && last.bytes === save.pendingBytes) {
    if (last.position === d.precopyBytes) {
      last.times++;
      return;
    }
  }
  if (save.pendingBytes === 0) {
    d.estimates.push({ entry: "empty", atNs: run.clock.nowNs(), position: d.precopyBytes });
  }
  d.estimates.push({
    entry: "estimate",
    atNs: run.clock.nowNs(),
    kind: "precopy",
    bytes: save.pendingBytes,
    position: d.precopyBytes,
    times: 1,
  });
}

function createOutput(run: SourceRun, d: SourceDevice): RegionOutput {
  const { sender, clock, onRead } = run;
  let isRecorded = false;
  let claimedNs = 0;
  let isEnding = false;
  return {
    capacity: sender.capacity,
    claim() {
      // A claim that becomes no buffer of data was asked about for nothing: there are few.
      isRecorded = onRead !== null && isDue(onRead);
      if (isRecorded) claimedNs = clock.nowNs();
      return sender.claim();
    },
    send(kind, length) {
      if (isRecorded && kind === MESSAGE.DATA && length > 0) {
        onRead?.take(clock.nowNs() - claimedNs);
      }
      isEnding ||= !run.ack.guestRunning;
      if (isEnding) run.onPlace?.("load");
      if (isEnding && isCancelled(run)) return -ERRNO.ECANCELED;
      // The delimiters of setup and precopy, and a buffer of nothing, say nothing that the messages do not.
      const isMark = kind === MESSAGE.END_OF_STATE && !isEnding;
      if (isMark || (kind === MESSAGE.DATA && length === 0)) return 0;
      return sender.send(kind, d.index, length, 1);
    },
  };
}
