import { type DeviceFault, type FaultCall, type FaultPlan, isHostFault } from "./fault.ts";

/** A plan in which every fault is one that somebody can carry out, and which of the first plan's each of them is. */
export interface CarriedPlan {
  readonly plan: FaultPlan;
  /** For each place in `plan`, the place in the plan that it was made of. */
  readonly origin: readonly number[];
}

/**
 * What a host without memory means for its devices: the call for which a driver allocates gives ENOMEM from then on.
 *
 *     source        setState (v1: writeRegion)     the buffers that the state is saved to
 *     destination   write (v1: writeRegion)        those that it is loaded from
 *
 * @param plan As the user wrote it
 * @param ids The devices'
 * @param protocol Theirs
 */
export function carryHostFaults(
  plan: FaultPlan,
  ids: readonly string[],
  protocol: "v1" | "v2",
): CarriedPlan {
  const origin = plan.map((_, place) => place);
  const added: DeviceFault[] = [];
  for (const [place, fault] of plan.entries()) {
    if (!isHostFault(fault) || fault.give !== "ENOMEM") continue;
    const { side } = fault;
    const call: FaultCall = protocol === "v1"
      ? "writeRegion"
      : side === "source"
      ? "setState"
      : "write";
    for (const on of ids) {
      added.push({ on, side, call, give: "ENOMEM", nth: 1, times: "ever" });
      origin.push(place);
    }
  }
  return { plan: [...plan, ...added], origin };
}
