import { type MultifdEnds, shutdownMultifd } from "../../channel/mod.ts";
import { giveBack, pageStart, regionOf } from "../../libc/mod.ts";
import {
  createRecordQueue,
  createSharedPool,
  MAX_SHARED_POOL_BYTES,
  type RecordQueue,
  ringBell,
  type SharedPool,
  slotStart,
} from "../../memory/mod.ts";
import { cancelLoads, createLoadGate, type LoadGate, loadsCancelled } from "../multifd/mod.ts";
import { createQueuedBytes, type QueuedBytes } from "./queued_bytes.ts";

/** How much a device's state can be, so that there is room for all that may be queued of it. */
export interface QueueSize {
  /** The most that is moved after the stop. */
  readonly stateBytes: number;
  /** What a read(2) of it gives at least, unless it is one of the few that end early. */
  readonly leastRead: number;
  /** What one gives at most. */
  readonly mostRead: number;
}

/** What the destination's threads have in common, as plain data that a `postMessage` shares. */
export interface LoadShared {
  readonly gate: LoadGate;
  /** From the channels to a device's load, for each device: slot (-1 = no bytes), idx, is config, length. */
  readonly queues: readonly RecordQueue[];
  readonly pool: SharedPool;
  readonly queued: QueuedBytes;
  /** The devices' ids. */
  readonly ids: readonly string[];
  readonly ends: MultifdEnds;
  /** A word for each channel's id: 1 once its init packet came. Then how many channels have not ended. */
  readonly channels: Int32Array<SharedArrayBuffer>;
}

/** A state has some reads that end early: at its records, and at its end. */
const SHORT_READS = 64;

/**
 * What so many devices and the given channels need. There is a slot for every buffer that may be queued and one
 * for each channel's, so that no channel ever waits for a slow device (facts: there is no backpressure).
 *
 * @param ids The devices' ids
 * @param sizes How large each device's state can be
 * @param ends The channels
 * @param maxQueuedBytes For each device; 0 = no limit
 */
export function createLoadShared(
  ids: readonly string[],
  sizes: readonly QueueSize[],
  ends: MultifdEnds,
  maxQueuedBytes: number,
): LoadShared {
  const queued = createQueuedBytes(ids.length, maxQueuedBytes);
  let slotSize = 1;
  let slots = ends.fds.length;
  for (const { stateBytes, leastRead, mostRead } of sizes) {
    slotSize = Math.max(slotSize, mostRead);
    slots += Math.ceil(Math.min(stateBytes, queued.max) / leastRead) + SHORT_READS;
  }
  const most = Math.floor(MAX_SHARED_POOL_BYTES / (slotSize + 4096));
  const pool = createSharedPool(slotSize, Math.min(slots, most), pageStart);
  const channels = new Int32Array(new SharedArrayBuffer((ends.fds.length + 1) * 4));
  channels[ends.fds.length] = ends.fds.length;
  return {
    gate: createLoadGate(ids.map(() => true), false),
    // A buffer without bytes has no slot; there is at most one of each device.
    queues: ids.map(() => createRecordQueue(pool.slotCount + 1)),
    pool,
    queued,
    ids,
    ends,
    channels,
  };
}

/**
 * Cancels all loads and ends the channels, so that a thread blocked on one comes back.
 *
 * @param shared What the threads have in common
 * @param errno Why: a negative errno
 * @param device Whose load failed, or -1 for no device's
 * @returns Whether this is the first reason
 */
export function failLoads(shared: LoadShared, errno: number, device: number): boolean {
  const isFirst = loadsCancelled(shared.gate) === 0;
  cancelLoads(shared.gate, errno, device);
  wakeLoads(shared);
  shutdownMultifd(shared.ends);
  return isFirst;
}

/** Has every load look again at what it waits for. */
export function wakeLoads({ queues }: LoadShared): void {
  for (const queue of queues) ringBell(queue);
}

/** Takes a channel's id as its own: `false` where another channel has it. */
export function takeChannelId({ channels }: LoadShared, id: number): boolean {
  return Atomics.exchange(channels, id, 1) === 0;
}

/** A channel has ended. */
export function endChannel(shared: LoadShared): void {
  Atomics.sub(shared.channels, shared.ends.fds.length, 1);
  wakeLoads(shared);
}

/** Whether something may still come over a channel. */
export function haveChannels({ channels, ends }: LoadShared): boolean {
  return Atomics.load(channels, ends.fds.length) > 0;
}

/**
 * Gives the memory of all slots back, of which none may be in use: a migration that follows may need none of it. Where
 * the system does not take it, with larger pages, it stays.
 */
export function emptyPool({ pool }: LoadShared): void {
  const { buffer, slotStride, slotCount } = pool;
  giveBack(regionOf(buffer).address + slotStart(pool, 0), slotStride * slotCount);
}
