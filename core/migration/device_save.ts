import { MESSAGE } from "../channel/message.ts";
import type { Device } from "../device/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { DEVICE_STATE, deviceStateName, MIGRATION } from "../vfio/mod.ts";
import { buffersToTheEnd } from "./bulk.ts";
import { callFailure, MigrationError, reasonFailure } from "./migration_error.ts";
import { isDue } from "./observation.ts";
import {
  applyFinalPrecopyInfo,
  applyRead,
  createPendingCache,
  finalPrecopyInfoDue,
  initDataSentDue,
  requestAck,
} from "./policy/mod.ts";
import { queryDataSize, queryPrecopyInfo } from "./query.ts";
import type { SaveHandlers } from "./save_handlers.ts";
import { sendControl, sendMessage } from "./send.ts";
import { setState } from "./set_state.ts";
import { cancelled, isCancelled, note, type SourceDevice, type SourceRun } from "./source_run.ts";
import { trace } from "./trace.ts";
import { isInterrupted } from "./uninterrupted.ts";
import { PASS_SIZE } from "../wire/encode_vfio.ts";

const { ERROR, RUNNING, STOP, STOP_COPY, RUNNING_P2P, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;

/** The saving of a device of migration protocol v2. */
export function createDeviceSave(device: Device): SaveHandlers {
  const supportsPrecopy = (device.migrationFlags & MIGRATION.PRE_COPY) !== 0;
  const supportsP2p = (device.migrationFlags & MIGRATION.P2P) !== 0;

  /** MIG_PRECOPY_INFOv2, where the policy knows it and the user wants REINIT. A kernel that does not know it is fine. */
  function optIn({ policy, options }: SourceRun): boolean {
    if (!policy.precopyInfoV2 || !options.reinit || !supportsPrecopy) return false;
    return device.setPrecopyInfoV2() === 0;
  }

  return {
    id: device.id,
    supportsPrecopy,
    blocker: () => null,
    setUp(run, d) {
      d.cache = createPendingCache({ supportsPrecopy, precopyInfoV2: optIn(run) });
      run.caches[d.index - 1] = d.cache;
      if (run.onTrace) {
        const { migrationFlags } = device;
        const { precopyInfoV2 } = d.cache;
        trace(run, { step: "device-known", device: d.id, migrationFlags, precopyInfoV2 });
      }
      queryDataSize(run, d, device);
      if (d.cache.stopCopyLength === 0) {
        throw new MigrationError(
          reasonFailure(
            `Cannot set up ${d.id}: it says that it has 0 bytes to save, and QEMU sizes its buffer by that`,
            "setup",
            d.id,
          ),
        );
      }
      sendControl(run, MESSAGE.SETUP, d.index);
      if (!supportsPrecopy) return noteSetUp(run, d);
      const state = device.getState();
      if (state === RUNNING) {
        const failure = setState(device, PRE_COPY, RUNNING, "setup", run);
        if (failure !== null) throw new MigrationError(failure);
        d.cache.inPrecopy = true;
        queryPrecopyInfo(run, d, device);
        requestAck(run.policy, d.cache, run.ackOptions);
      } else if (state !== STOP) {
        const name = deviceStateName(state);
        throw new MigrationError(
          reasonFailure(`Cannot set up ${d.id}: received a device in ${name}`, "setup", d.id),
        );
      }
      noteSetUp(run, d);
    },
    estimate() {},
    exact(run, d) {
      queryDataSize(run, d, device);
      // Facts: precopy info only in the precopy states.
      if (d.cache.inPrecopy) queryPrecopyInfo(run, d, device);
    },
    iterate(run, d, passes) {
      iterateDevice(run, d, device, passes);
      // Facts: up to 8.2 it always said so, and nobody after that looks.
      return true;
    },
    prepareStop(run, d) {
      if (!supportsP2p) return null;
      const beganNs = run.clock.nowNs();
      const inPrecopy = device.getState() === PRE_COPY;
      if (inPrecopy && finalPrecopyInfoDue(run.policy, d.cache, run.ackOptions)) {
        queryPrecopyInfo(run, d, device, applyFinalPrecopyInfo);
      }
      const target = inPrecopy ? PRE_COPY_P2P : RUNNING_P2P;
      const failed = setState(device, target, ERROR, "switchover", run);
      d.stopNs += run.clock.nowNs() - beganNs;
      return failed;
    },
    stop(run, d) {
      const beganNs = run.clock.nowNs();
      const state = device.getState();
      const inPrecopy = state === PRE_COPY || state === PRE_COPY_P2P;
      const target = inPrecopy ? STOP_COPY : STOP;
      const failed = setState(device, target, ERROR, "switchover", run);
      d.stopNs += run.clock.nowNs() - beganNs;
      return failed;
    },
    complete: (run, d) => completeDevice(run, d, device),
    config: (run, d) => sendControl(run, MESSAGE.CONFIG, d.index),
    cleanUp(run, d) {
      // Facts: STOP_COPY -> STOP is outside the downtime since 8.2.
      setState(device, STOP, ERROR, "cleanup", run);
      if (run.onTrace) trace(run, { step: "cleaned-up", device: d.id });
    },
    recover(run, d) {
      const failure = setState(device, RUNNING, ERROR, "cleanup", run);
      if (failure === null) return null;
      const state = device.getState();
      if (state !== RUNNING) {
        return `${d.id} is left in ${deviceStateName(state)}: ${failure.message}`;
      }
      note(run, "reset", d);
      return null;
    },
    leftIn: () => deviceStateName(device.getState()),
  };
}

/** QEMU's buffer is no larger than what the device says it has; a u64 with bit 63 set is. */
function noteSetUp(run: SourceRun, d: SourceDevice): void {
  if (!run.onTrace) return;
  const { stopCopyLength } = d.cache;
  const bufferBytes = stopCopyLength < 0
    ? run.options.bufferSize
    : Math.min(run.options.bufferSize, stopCopyLength);
  trace(run, { step: "device-set-up", device: d.id, bufferBytes });
}

function iterateDevice(run: SourceRun, d: SourceDevice, device: Device, passes: number): void {
  // Passes after the first pass as the one device reads that has announced something.
  const announced = d.cache.initialBytes !== 0 || d.cache.dirtyBytes !== 0;
  const n = readDevice(run, device, passes, announced ? (passes - 1) * run.costs.passNs : 0);
  if (n < 0 && n !== -ERRNO.ENOMSG) {
    throw new MigrationError(callFailure("read", d.id, "precopy", "read", n));
  }
  if (n > 0) {
    d.precopyBytes += n;
    sendMessage(run, MESSAGE.DATA, d.index, n, passes);
  } else if (noteEmpty(run, d)) {
    d.emptyNoted = d.estimates.push({
      entry: "empty",
      atNs: run.clock.nowNs(),
      position: d.precopyBytes,
    });
  }
  applyRead(run.policy, d.cache, n);
  if (run.onTrace) {
    const { initialBytes, dirtyBytes } = d.cache;
    trace(run, { step: "iterated", device: d.id, initialBytes, dirtyBytes });
  }
  if (initDataSentDue(run.policy, d.cache, run.options.switchoverAck)) {
    sendControl(run, MESSAGE.INIT_DATA_SENT, d.index);
    note(run, "init_data_sent", d);
  } else if (n <= 0) run.emptySectionBytes += passes * PASS_SIZE;
}

/** Whether an empty read is one to keep: once for what was learnt since the last; a spin adds nothing. */
function noteEmpty(run: SourceRun, d: SourceDevice): boolean {
  if (run.onTrace) trace(run, { step: "empty", device: d.id });
  return d.estimates.length !== d.emptyNoted;
}

/** Moves a device's stopped state: STOP_COPY if it is not there yet, then read until the end of the stream. */
function completeDevice(run: SourceRun, d: SourceDevice, device: Device): void {
  const beganNs = run.clock.nowNs();
  const failure = setState(device, STOP_COPY, STOP, "stop-copy", run);
  if (failure !== null) throw new MigrationError(failure);
  const buffers = buffersToTheEnd(run);
  while (moveBuffer(run, d, device, buffers));
  sendControl(run, MESSAGE.END_OF_STATE, d.index);
  d.saveNs = run.clock.nowNs() - beganNs;
}

/**
 * Moves a buffer of stopped state, or so many; `false` at the end of the stream. A function of its own, for V8 makes its
 * best code of what is called often: a loop that runs once in a migration may wait for that until the next one.
 */
function moveBuffer(run: SourceRun, d: SourceDevice, device: Device, buffers: number): boolean {
  run.onPlace?.("load");
  if (isCancelled(run)) throw cancelled("switchover");
  const n = readDevice(run, device, buffers, 0);
  if (n < 0) throw new MigrationError(callFailure("read", d.id, "stop-copy", "read", n));
  if (n === 0) return false;
  d.stopCopyBytes += n;
  sendMessage(run, MESSAGE.DATA, d.index, n, buffers);
  return true;
}

/** One read(2) of the device into the sender's next buffer, or what so many would give, `betweenNs` spread over them. */
function readDevice(run: SourceRun, device: Device, calls: number, betweenNs: number): number {
  const { sender, onRead, clock, interruptions } = run;
  const region = sender.claim();
  if (betweenNs > 0) clock.sleepNs(betweenNs);
  const isRecorded = onRead !== null && isDue(onRead);
  const beganNs = isRecorded ? clock.nowNs() : 0;
  let n: number;
  do n = device.read(region, sender.capacity, calls); while (isInterrupted(interruptions, n));
  if (isRecorded) onRead.take(clock.nowNs() - beganNs);
  return n;
}
