import {
  type CarriedPlan,
  carryHostFaults,
  createStruck,
  type Injection,
  type Struck,
} from "../../core/fault/mod.ts";
import type { Case } from "../scenario/mod.ts";

/** What is to go wrong in one trial, and what of it did. */
export interface TrialFaults extends CarriedPlan {
  readonly struck: Struck;
}

/** The faults of a case, nothing of which has struck. */
export function trialFaults({ faults, devices, params }: Case): TrialFaults {
  const carried = carryHostFaults(faults, devices.map(({ id }) => id), params.protocol);
  return { ...carried, struck: createStruck(carried.plan) };
}

/**
 * What struck, by its place in the case's own plan and in that order.
 *
 * @param ofDevices What struck the devices of both sides, by its place in the carried plan
 */
export function injectionsIn(
  { origin, struck }: TrialFaults,
  ofDevices: readonly Injection[],
): Injection[] {
  const byFault = new Map<number, Injection>();
  const take = (one: Injection) => {
    const fault = origin[one.fault] ?? one.fault;
    const known = byFault.get(fault);
    const first = known === undefined || one.atNs < known.atNs ? one : known;
    byFault.set(fault, { ...first, fault, times: one.times + (known?.times ?? 0) });
  };
  for (const [fault, atNs] of struck.entries()) {
    if (atNs > 0) take({ fault, atNs, times: 1 });
  }
  for (const one of ofDevices) take(one);
  return [...byFault.values()].sort((a, b) => a.fault - b.fault);
}
