/**
 * The decision of one pass of the source: ask for an exact total or not, stop the guest or not.
 *
 * ```text
 *   cheap total --- needsExact? --no-------------------+
 *                       | yes                          |
 *                  exact total (at most once a pass) --+--> decide: complete or iterate
 * ```
 *
 * @module
 */

import { u64Less, u64LessEqual } from "../../vfio/mod.ts";
import type { Pending } from "./pending.ts";
import type { Policy } from "./policy.ts";

/**
 * Says whether a pass asks the devices for an exact total.
 *
 * - 8.1: total <= threshold (without what can go in postcopy, but with VFIO nothing can)
 * - 9.2 to 11.0: total < threshold; a total equal to the threshold is taken as it is
 * - 11.1: total <= threshold, or nothing left for precopy
 *
 * @param policy The generation
 * @param pending The cheap sums of this pass
 * @param threshold The threshold, in bytes
 * @returns `true` if an exact query follows
 */
export function needsExact(policy: Policy, pending: Readonly<Pending>, threshold: number): boolean {
  const near = policy.exactAtThreshold
    ? u64LessEqual(pending.total, threshold)
    : u64Less(pending.total, threshold);
  return near || (policy.exactWhenPrecopyEmpty && pending.precopyBytes === 0);
}

/**
 * Decides what a pass does.
 *
 * - 8.1: completes when nothing is pending, or total < threshold
 * - from 9.2 on: completes when total <= threshold
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createPending, decide, POLICIES } from "./mod.ts";
 *
 * const pending = { ...createPending(), total: 10 };
 * assertEquals(decide(POLICIES["qemu-8.1"], pending, 10, true), "iterate");
 * assertEquals(decide(POLICIES["qemu-9.2"], pending, 10, true), "complete");
 * ```
 *
 * @param policy The generation
 * @param pending The sums of this pass, the exact ones if there was an exact query
 * @param threshold The threshold, in bytes
 * @param gate Whether switchover-ack allows it
 * @returns What to do
 */
export function decide(
  policy: Policy,
  pending: Readonly<Pending>,
  threshold: number,
  gate: boolean,
): "complete" | "iterate" {
  if (!gate) return "iterate";
  if (pending.total === 0) return "complete";
  const fits = policy.completesAtThreshold
    ? u64LessEqual(pending.total, threshold)
    : u64Less(pending.total, threshold);
  return fits ? "complete" : "iterate";
}
