import { u64Add, u64Less } from "../../vfio/mod.ts";
import type { PendingCache } from "./pending_cache.ts";
import type { Policy } from "./policy.ts";

/** The sums of one query over RAM and all devices. Sizes are u64 in the form of `u64.ts`. */
export interface Pending {
  /** What can be sent while the guest runs. */
  precopyBytes: number;
  /** What can be sent after the guest runs on the destination. Always 0: VFIO refuses postcopy. */
  postcopyBytes: number;
  /** What can only be sent while the guest stands still. */
  stopcopyBytes: number;
  /** All of it. */
  total: number;
  /** How many devices asked for an ack since the query before. */
  switchoverAckPending: number;
}

/** Which query it is. */
export interface PendingQuery {
  /** Whether the devices have just been asked; otherwise the caches are as old as they are. */
  readonly exact: boolean;
  /** Whether the devices are stopped. Then nobody asks them, exact or not. */
  readonly final: boolean;
}

/** The cheap query with which every pass begins. */
export const ESTIMATE_QUERY: PendingQuery = { exact: false, final: false };
/** The query for which each device was asked first. */
export const EXACT_QUERY: PendingQuery = { exact: true, final: false };
/** The query after the devices are stopped. */
export const FINAL_QUERY: PendingQuery = { exact: true, final: true };

/**
 * Sums of nothing, to be filled by {@linkcode sumPending} again and again.
 *
 * @returns The sums
 */
export function createPending(): Pending {
  return { precopyBytes: 0, postcopyBytes: 0, stopcopyBytes: 0, total: 0, switchoverAckPending: 0 };
}

/**
 * Sums up what is pending, and collects the requests for acks.
 *
 * What one device adds, with p = initial + dirty bytes and s = stop-copy length:
 *
 * | policy      | cheap            | exact                        |
 * | ----------- | ---------------- | ---------------------------- |
 * | `qemu-8.1`  | p, in precopy    | s, and p where in precopy    |
 * | `qemu-9.2`  | p, in precopy    | s                            |
 * | `qemu-11.1` | p + max(s - p, 0) | p + max(s - p, 0)           |
 *
 * Only that subtraction saturates. The sums wrap, so that a length with bit 63 set can make a total small.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createPending, createPendingCache, EXACT_QUERY, POLICIES, sumPending } from "./mod.ts";
 *
 * const cache = createPendingCache({ supportsPrecopy: false, precopyInfoV2: false });
 * cache.stopCopyLength = -22; // a driver's -EINVAL
 * const pending = createPending();
 * sumPending(POLICIES["qemu-11.1"], [cache], 4096, EXACT_QUERY, pending);
 * assertEquals(pending.total, 4074);
 * ```
 *
 * @param policy The generation
 * @param caches The devices' caches, refreshed where the query is exact and not final
 * @param ramPendingBytes Dirty RAM, after a bitmap sync where the query is exact
 * @param query Which query it is
 * @param out Gets the sums
 */
export function sumPending(
  policy: Policy,
  caches: readonly PendingCache[],
  ramPendingBytes: number,
  query: PendingQuery,
  out: Pending,
): void {
  out.precopyBytes = ramPendingBytes;
  out.postcopyBytes = 0;
  out.stopcopyBytes = 0;
  out.switchoverAckPending = 0;
  for (const cache of caches) {
    const precopy = u64Add(cache.initialBytes, cache.dirtyBytes);
    if (policy.stopCopyInEveryQuery) {
      addPrecopy(out, precopy);
      if (u64Less(precopy, cache.stopCopyLength)) {
        addStopcopy(out, u64Add(cache.stopCopyLength, -precopy));
      }
    } else {
      if (query.exact) addStopcopy(out, cache.stopCopyLength);
      if (cache.inPrecopy && (!query.exact || policy.doubleCounting)) addPrecopy(out, precopy);
    }
    if (cache.ackRequested) {
      out.switchoverAckPending += 1;
      cache.ackRequested = false;
    }
  }
  out.total = u64Add(out.precopyBytes, out.stopcopyBytes);
}

function addPrecopy(out: Pending, bytes: number): void {
  out.precopyBytes = u64Add(out.precopyBytes, bytes);
}

function addStopcopy(out: Pending, bytes: number): void {
  out.stopcopyBytes = u64Add(out.stopcopyBytes, bytes);
}
