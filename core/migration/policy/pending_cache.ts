/**
 * What the source remembers of one device between the queries.
 *
 * ```text
 *   setup, exact query --> MIG_DATA_SIZE --> stopCopyLength
 *                      \-> PRECOPY_INFO  --> initialBytes, dirtyBytes
 *   read of n bytes    --> - n                            (cheap queries see only this)
 * ```
 *
 * Sizes are u64 in the form of `u64.ts`: a length with bit 63 set, such as a negative errno that a
 * driver stored in it, is a negative number. QEMU 11.1 logs such a length, and every generation keeps it.
 *
 * @module
 */

import { ERRNO } from "../../libc/mod.ts";
import { PRECOPY_INFO, type PrecopyInfo, u64Add, u64Less } from "../../vfio/mod.ts";
import { type AckOptions, devicesAskForAcks } from "./ack_options.ts";
import type { Policy } from "./policy.ts";

/** The stop-copy length that stands in for an answer that failed: 100 GiB, more than any threshold. */
export const STAND_IN_BYTES = 100 * 2 ** 30;

/** What the source remembers of one device. */
export interface PendingCache {
  /** Initial data not yet read; a u64. */
  initialBytes: number;
  /** Dirty data not yet read; a u64. */
  dirtyBytes: number;
  /** What stop-copy would take, the part that precopy could send included; a u64. */
  stopCopyLength: number;
  /** Whether the device is in PRE_COPY or PRE_COPY_P2P. Who moves the device keeps it true to it. */
  inPrecopy: boolean;
  /** Whether the device can be in PRE_COPY at all. */
  readonly supportsPrecopy: boolean;
  /** Whether the device was opted in to MIG_PRECOPY_INFOv2; without it the flags of an answer are garbage. */
  readonly precopyInfoV2: boolean;
  /** Whether INIT_DATA_SENT was sent, since the last ack was asked for. */
  initDataSent: boolean;
  /** Whether the device wants an ack that no query has collected. */
  ackRequested: boolean;
}

/**
 * A cache that knows nothing yet: of a device that runs, before the first answers.
 *
 * @param device What the device can do
 * @returns The cache
 */
export function createPendingCache(
  device: { readonly supportsPrecopy: boolean; readonly precopyInfoV2: boolean },
): PendingCache {
  return {
    initialBytes: 0,
    dirtyBytes: 0,
    stopCopyLength: 0,
    inPrecopy: false,
    supportsPrecopy: device.supportsPrecopy,
    precopyInfoV2: device.precopyInfoV2,
    initDataSent: false,
    ackRequested: false,
  };
}

/**
 * Takes in an answer to MIG_DATA_SIZE, asked at setup and by every exact query.
 *
 * @param _policy The generation; so far every one does the same
 * @param cache The device's cache
 * @param result 0, or a negative errno: then {@linkcode STAND_IN_BYTES} stands in
 * @param length The stop-copy length, if there was an answer
 */
export function applyDataSize(
  _policy: Policy,
  cache: PendingCache,
  result: number,
  length: number,
): void {
  cache.stopCopyLength = result < 0 ? STAND_IN_BYTES : length;
}

/**
 * Takes in an answer to PRECOPY_INFO, asked at setup and by exact queries in the precopy states.
 *
 * REINIT after INIT_DATA_SENT asks for a new ack and lets the marker be sent again. Before it an ack is
 * owed anyway, and only the sizes are new. The dirty bytes are taken as the driver gives them.
 *
 * @param policy The generation
 * @param cache The device's cache
 * @param result 0, or a negative errno: then both sizes are 0
 * @param info The answer, if there was one
 * @param ackOptions What the user chose
 */
export function applyPrecopyInfo(
  policy: Policy,
  cache: PendingCache,
  result: number,
  info: Readonly<PrecopyInfo>,
  ackOptions: AckOptions,
): void {
  if (result < 0) {
    cache.initialBytes = 0;
    cache.dirtyBytes = 0;
    return;
  }
  cache.initialBytes = info.initialBytes;
  cache.dirtyBytes = info.dirtyBytes;
  const flags = policy.precopyInfoV2 && cache.precopyInfoV2 ? info.flags : 0;
  if ((flags & PRECOPY_INFO.REINIT) !== 0 && cache.initDataSent) {
    requestAck(policy, cache, ackOptions);
  }
}

/**
 * Asks for an ack, where devices do that. Setup does it for a device that it moved to PRE_COPY.
 *
 * @param policy The generation
 * @param cache The device's cache
 * @param ackOptions What the user chose
 */
export function requestAck(policy: Policy, cache: PendingCache, ackOptions: AckOptions): void {
  if (!devicesAskForAcks(policy, ackOptions)) return;
  cache.initDataSent = false;
  cache.ackRequested = true;
}

/**
 * Says whether the device must be asked for REINIT once more, when the guest has just been stopped.
 *
 * 11.1 asks between the stop of the vCPUs and PRE_COPY -> PRE_COPY_P2P. A device without P2P has no such
 * moment and is not asked.
 *
 * @param policy The generation
 * @param cache The device's cache
 * @param ackOptions What the user chose
 * @returns `true` if a PRECOPY_INFO query is due; its answer goes to {@linkcode applyFinalPrecopyInfo}
 */
export function finalPrecopyInfoDue(
  policy: Policy,
  cache: Readonly<PendingCache>,
  ackOptions: AckOptions,
): boolean {
  return cache.inPrecopy && cache.precopyInfoV2 && devicesAskForAcks(policy, ackOptions);
}

/**
 * Takes in the answer of the query that {@linkcode finalPrecopyInfoDue} asked for. One that failed
 * counts as REINIT: nobody knows that there was none.
 *
 * @param policy The generation
 * @param cache The device's cache
 * @param result 0, or a negative errno
 * @param info The answer, if there was one
 * @param ackOptions What the user chose
 */
export function applyFinalPrecopyInfo(
  policy: Policy,
  cache: PendingCache,
  result: number,
  info: Readonly<PrecopyInfo>,
  ackOptions: AckOptions,
): void {
  applyPrecopyInfo(policy, cache, result, info, ackOptions);
  if (result < 0) requestAck(policy, cache, ackOptions);
}

/**
 * Takes in a read of the device's data_fd in precopy: initial data first, then dirty data.
 *
 * A read that found nothing, 0 or ENOMSG, zeroes both, even if the device had announced more. Any other
 * errno fails the migration and changes nothing here.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyRead, createPendingCache, POLICIES } from "./mod.ts";
 *
 * const cache = createPendingCache({ supportsPrecopy: true, precopyInfoV2: true });
 * cache.initialBytes = 10;
 * cache.dirtyBytes = 50;
 * cache.stopCopyLength = 40;
 * applyRead(POLICIES["qemu-11.1"], cache, 30);
 * assertEquals([cache.initialBytes, cache.dirtyBytes, cache.stopCopyLength], [0, 30, 10]);
 * ```
 *
 * @param policy The generation
 * @param cache The device's cache
 * @param n How many bytes were read, or a negative errno
 */
export function applyRead(policy: Policy, cache: PendingCache, n: number): void {
  if (n === 0 || n === -ERRNO.ENOMSG) {
    cache.initialBytes = 0;
    cache.dirtyBytes = 0;
    return;
  }
  if (n < 0) return;
  const initial = u64Less(cache.initialBytes, n) ? cache.initialBytes : n;
  cache.initialBytes = u64Add(cache.initialBytes, -initial);
  cache.dirtyBytes = saturatingLess(cache.dirtyBytes, n - initial);
  if (policy.readLowersStopCopy) cache.stopCopyLength = saturatingLess(cache.stopCopyLength, n);
}

/** `bytes` less `n`, and 0 where `n` is more. */
function saturatingLess(bytes: number, n: number): number {
  return u64Less(bytes, n) ? 0 : u64Add(bytes, -n);
}

/**
 * Says whether INIT_DATA_SENT ends this device's turn of a pass, and if so takes it as sent.
 *
 * It is due when the cache has no initial data left. The cache can say so too early: a failed query and
 * an empty read zero it too.
 *
 * @param _policy The generation; so far every one does the same
 * @param cache The device's cache, after {@linkcode applyRead}
 * @param ackCapability The `switchover-ack` capability
 * @returns `true` if the marker must be sent now
 */
export function initDataSentDue(
  _policy: Policy,
  cache: PendingCache,
  ackCapability: boolean,
): boolean {
  if (!ackCapability || cache.initialBytes !== 0 || cache.initDataSent) return false;
  cache.initDataSent = true;
  return true;
}
