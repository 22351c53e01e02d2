/**
 * The source's decision rules as the QEMU generations have them: what it remembers of each device, how
 * it sums that up, when it asks again, when it stops the guest. No I/O, no clock, no bytes.
 *
 * @example One pass
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import {
 *   createPending,
 *   createPendingCache,
 *   decide,
 *   ESTIMATE_QUERY,
 *   needsExact,
 *   POLICIES,
 *   sumPending,
 * } from "./mod.ts";
 *
 * const policy = POLICIES["qemu-9.2"];
 * const cache = createPendingCache({ supportsPrecopy: true, precopyInfoV2: false });
 * cache.inPrecopy = true;
 * cache.initialBytes = 2 ** 20;
 *
 * const pending = createPending();
 * sumPending(policy, [cache], 4096, ESTIMATE_QUERY, pending);
 * assertEquals(needsExact(policy, pending, 65536), false);
 * assertEquals(decide(policy, pending, 65536, true), "iterate");
 * ```
 *
 * @module
 */

export * from "./ack_options.ts";
export * from "./decide.ts";
export * from "./pending.ts";
export * from "./pending_cache.ts";
export * from "./policy.ts";
