import { wallClock } from "../../clock/mod.ts";
import { type DeviceHandover, type MovableDevice, takeOverDevice } from "../../device/mod.ts";
import { ERRNO, errnoName, type Region, regionOf } from "../../libc/mod.ts";
import {
  awaitBell,
  bellCount,
  freeSlot,
  popRecord,
  type QueueRecord,
  type RecordQueue,
  slotStart,
} from "../../memory/mod.ts";
import { callFailure, type Failure, reasonFailure } from "../migration_error.ts";
import { isDue } from "../observation.ts";
import {
  createDeviceLoad,
  type DeviceLoad,
  LOAD_STEP,
  loadsCancelled,
  nextLoadStep,
  receiveBuffer,
} from "../multifd/mod.ts";
import { createKeptDurations, type KeptDurations } from "./kept_durations.ts";
import { failLoads, haveChannels, type LoadShared, wakeLoads } from "./load_shared.ts";
import { createInterruptions, type Interruptions, isInterrupted } from "../uninterrupted.ts";
import { subtractQueued } from "./queued_bytes.ts";
import type { ThreadResult } from "./thread_result.ts";

const SLICE_MS = 50;

/** A device's load thread, which carries out the steps of `nextLoadStep`. */
interface Loader {
  readonly shared: LoadShared;
  readonly load: DeviceLoad;
  readonly device: MovableDevice;
  readonly queue: RecordQueue;
  readonly record: QueueRecord;
  /** The pool's slots, made when first used. */
  readonly regions: Region[];
  readonly durations: KeptDurations;
  readonly interruptions: Interruptions;
  beganNs: number | null;
  busyNs: number;
  failure: Failure | null;
}

/**
 * Loads a device: what comes over the channels in the order of its idx, the configuration last. Blocks while the
 * next buffer is missing.
 *
 * @param shared What the destination's threads have in common
 * @param index The device's place
 * @param handover The device
 * @param recordOneIn Of how many writes the duration of one is wanted; 0 = of none
 */
export function runLoad(
  shared: LoadShared,
  index: number,
  handover: DeviceHandover,
  recordOneIn: number,
): ThreadResult {
  const queue = shared.queues[index];
  if (queue === undefined) throw new RangeError(`Cannot load device ${index}: there is none`);
  const loader: Loader = {
    shared,
    load: createDeviceLoad(index),
    device: takeOverDevice(handover, wallClock),
    queue,
    record: { a: 0, b: 0, c: 0, d: 0 },
    regions: [],
    durations: createKeptDurations(recordOneIn),
    interruptions: createInterruptions(),
    beganNs: null,
    busyNs: 0,
    failure: null,
  };
  loadAll(loader);
  // The turn to load a configuration is free, or all loads are cancelled.
  wakeLoads(shared);
  return {
    failure: loader.failure,
    handover: loader.device.handOver(),
    bytes: loader.load.loadedBytes,
    beganNs: loader.beganNs,
    endedNs: wallClock.nowNs(),
    busyNs: loader.busyNs,
    durationsNs: loader.durations.all(),
  };
}

function loadAll(loader: Loader): void {
  const { shared, load, queue } = loader;
  let result = 0;
  for (;;) {
    const seen = bellCount(queue);
    const mayCome = haveChannels(shared);
    takeRecords(loader);
    const step = nextLoadStep(shared.gate, load, result);
    freeSlot(shared.pool, load.freed);
    if (step === LOAD_STEP.DONE || step === LOAD_STEP.FAILED) return;
    if (step === LOAD_STEP.WRITE) {
      result = writeBuffer(loader);
    } else if (step === LOAD_STEP.LOAD_CONFIG) {
      // The devices here have no configuration: its packet only says that the device is complete.
      result = 0;
    } else if (step === LOAD_STEP.STARVED && !mayCome) {
      result = -ERRNO.ECONNRESET;
      const what = "receive over the multifd channels";
      fail(loader, callFailure(what, null, "load", "read", result), result);
    } else {
      awaitBell(queue, seen, SLICE_MS);
      const errno = Atomics.load(shared.ends.broken, 0);
      if (errno !== 0 && loadsCancelled(shared.gate) === 0) failLoads(shared, -errno, -1);
      result = 0;
    }
  }
}

/** Takes in what came over the channels. */
function takeRecords(loader: Loader): void {
  const { shared, load, queue, record } = loader;
  while (popRecord(queue, record)) {
    const isFirst = loadsCancelled(shared.gate) === 0;
    // Without bytes there is no slot; a handle must be there all the same.
    const handle = record.a < 0 ? shared.pool.slotCount : record.a;
    const result = receiveBuffer(
      shared.gate,
      load,
      record.b >>> 0,
      record.c === 1,
      record.d,
      handle,
    );
    if (result >= 0) continue;
    failLoads(shared, result, load.device);
    const { id } = loader.device;
    const message = `Cannot queue a buffer of ${id}: ${load.buffers.reason}`;
    if (!isFirst) continue;
    loader.failure = { ...reasonFailure(message, "load", id), errno: errnoName(result) };
  }
}

/** Writes what is left of the buffer in hand: what the device took, or a negative errno. */
function writeBuffer(loader: Loader): number {
  const { shared: { pool, queued }, load, device, durations: { recorder } } = loader;
  const { handle, length, written } = load.buffers;
  if (length === 0) return 0;
  const region = loader.regions[handle] ??= regionOf(
    pool.buffer,
    slotStart(pool, handle),
    pool.slotSize,
  );
  const beganNs = wallClock.nowNs();
  loader.beganNs ??= beganNs;
  const n = device.write(region, written, length - written);
  const tookNs = wallClock.nowNs() - beganNs;
  loader.busyNs += tookNs;
  if (recorder !== null && isDue(recorder)) recorder.take(tookNs);
  if (isInterrupted(loader.interruptions, n)) return 0;
  if (n < 0) return fail(loader, callFailure("write", device.id, "load", "write", n), n);
  if (n === 0) {
    const message = `Cannot write to ${device.id}: it takes no more bytes`;
    return fail(loader, reasonFailure(message, "load", device.id), -ERRNO.EIO);
  }
  subtractQueued(queued, load.device, n);
  return n;
}

function fail(loader: Loader, failure: Failure, errno: number): number {
  const device = failure.device === null ? -1 : loader.load.device;
  // What fails because another one cancelled the loads is no reason of its own.
  if (failLoads(loader.shared, errno, device)) loader.failure = failure;
  return errno;
}
