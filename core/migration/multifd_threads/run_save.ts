import { wallClock } from "../../clock/mod.ts";
import { type DeviceHandover, type MovableDevice, takeOverDevice } from "../../device/mod.ts";
import { ERRNO, type Region, regionOf } from "../../libc/mod.ts";
import { freeSlot, slotStart, takeSlot } from "../../memory/mod.ts";
import { DEVICE_STATE } from "../../vfio/mod.ts";
import { callFailure, type Failure } from "../migration_error.ts";
import {
  createDeviceSave,
  type DeviceSave,
  nextSaveStep,
  SAVE_STEP,
  saveAborted,
  SEND_CHANGES_WORD,
  takeChannel,
} from "../multifd/mod.ts";
import { isDue } from "../observation.ts";
import { setState } from "../set_state.ts";
import { createInterruptions, type Interruptions, isInterrupted } from "../uninterrupted.ts";
import { createKeptDurations, type KeptDurations } from "./kept_durations.ts";
import { type Job, putJob } from "./mailboxes.ts";
import { failSaves, type SaveShared, wakeSaves } from "./save_shared.ts";
import type { ThreadResult } from "./thread_result.ts";

const SLICE_MS = 50;
const { STOP, STOP_COPY } = DEVICE_STATE;

/** A device's save thread, which carries out the steps of `nextSaveStep`. */
interface Saver {
  readonly shared: SaveShared;
  readonly save: DeviceSave;
  readonly device: MovableDevice;
  /** The pool's slots, made when first used. */
  readonly regions: Region[];
  readonly job: Job;
  readonly durations: KeptDurations;
  readonly interruptions: Interruptions;
  failure: Failure | null;
}

/**
 * Saves a device: STOP_COPY where it is not there yet, then every buffer to the next idle channel, its
 * configuration last. Blocks while all channels are busy.
 *
 * @param shared What the source's threads have in common
 * @param index The device's place
 * @param handover The device
 * @param recordOneIn Of how many reads the duration of one is wanted; 0 = of none
 */
export function runSave(
  shared: SaveShared,
  index: number,
  handover: DeviceHandover,
  recordOneIn: number,
): ThreadResult {
  const saver: Saver = {
    shared,
    save: createDeviceSave(index),
    device: takeOverDevice(handover, wallClock),
    regions: [],
    job: { device: index, idx: 0, isConfig: false, length: 0, slot: -1 },
    durations: createKeptDurations(recordOneIn),
    interruptions: createInterruptions(),
    failure: null,
  };
  const beganNs = wallClock.nowNs();
  let { step } = saver.save;
  while (step !== SAVE_STEP.DONE && step !== SAVE_STEP.FAILED) {
    step = nextSaveStep(shared.jobs, saver.save, takeStep(saver, step));
    if (step === SAVE_STEP.DONE || step === SAVE_STEP.FAILED) wakeSaves(shared);
  }
  freeSlot(shared.pool, saver.job.slot);
  return {
    failure: saver.failure,
    handover: saver.device.handOver(),
    bytes: saver.save.savedBytes,
    beganNs,
    endedNs: wallClock.nowNs(),
    busyNs: 0,
    durationsNs: saver.durations.all(),
  };
}

/** Does what the step says: its result, or a negative errno. */
function takeStep(saver: Saver, step: number): number {
  switch (step) {
    case SAVE_STEP.STOP_COPY: {
      const failure = setState(saver.device, STOP_COPY, STOP, "stop-copy");
      return failure === null ? 0 : fail(saver, failure, -ERRNO.EIO);
    }
    case SAVE_STEP.READ:
      return readBuffer(saver);
    case SAVE_STEP.SAVE_CONFIG:
      // The devices here have no configuration; its packet says that the device is complete.
      freeSlot(saver.shared.pool, saver.job.slot);
      saver.job.slot = -1;
      return 0;
    case SAVE_STEP.SEND:
      return send(saver, false);
    case SAVE_STEP.SEND_CONFIG:
      return send(saver, true);
    default:
      return -ERRNO.EINVAL;
  }
}

function readBuffer(saver: Saver): number {
  const { shared: { pool }, device, job, durations: { recorder } } = saver;
  if (job.slot < 0) job.slot = takeSlot(pool);
  const region = saver.regions[job.slot] ??= regionOf(
    pool.buffer,
    slotStart(pool, job.slot),
    pool.slotSize,
  );
  const isRecorded = recorder !== null && isDue(recorder);
  const beganNs = isRecorded ? wallClock.nowNs() : 0;
  let n: number;
  do n = device.read(region, pool.slotSize); while (isInterrupted(saver.interruptions, n));
  if (isRecorded) recorder.take(wallClock.nowNs() - beganNs);
  return n < 0 ? fail(saver, callFailure("read", device.id, "stop-copy", "read", n), n) : n;
}

/** Hands the buffer to the next idle channel: 0, or -ECANCELED once all are aborted. */
function send(saver: Saver, isConfig: boolean): number {
  const { shared, save, job } = saver;
  const { jobs, mailboxes, ends } = shared;
  job.idx = save.idx;
  job.isConfig = isConfig;
  job.length = save.length;
  for (;;) {
    const seen = Atomics.load(jobs.words, SEND_CHANGES_WORD);
    const channel = takeChannel(jobs);
    if (channel >= 0) {
      putJob(mailboxes, channel, job);
      job.slot = -1;
      return 0;
    }
    if (channel !== -ERRNO.EAGAIN) return channel;
    Atomics.wait(jobs.words, SEND_CHANGES_WORD, seen, SLICE_MS);
    const errno = Atomics.load(ends.broken, 0);
    if (errno !== 0 && saveAborted(jobs) === 0) failSaves(shared, -errno, -1);
  }
}

function fail(saver: Saver, failure: Failure, errno: number): number {
  // What fails because another one aborted the saves is no reason of its own.
  if (failSaves(saver.shared, errno, saver.save.device)) saver.failure = failure;
  return errno;
}
