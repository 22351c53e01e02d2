/**
 * Devices to which faults happen, of either protocol, around any other device. Where nothing is to happen there is none
 * of them.
 *
 * @module
 */
import type { Clock } from "../../clock/mod.ts";
import { createDeviceFaults, type FaultPlan, type FaultSide } from "../../fault/mod.ts";
import type { Device } from "../device.ts";
import { isRegionDevice, type RegionDevice } from "../region/region_device.ts";
import { FaultyDevice } from "./faulty_device.ts";
import { FaultyRegionDevice } from "./faulty_region_device.ts";

export { FaultyDevice, type FaultyHandover } from "./faulty_device.ts";
export { FaultyRegionDevice } from "./faulty_region_device.ts";
export { injectionsOf } from "./injections_of.ts";

/** A device of either protocol. */
type AnyDevice = Device | RegionDevice;

/**
 * The device with what the plan has for it at this side around it; the device itself where that is nothing.
 *
 * @param seed The trial's: where the randomness of a `chance` starts
 * @param clock What a slow call takes its time from
 */
export function withFaults(
  device: AnyDevice,
  plan: FaultPlan,
  side: FaultSide,
  seed: number,
  clock: Clock,
): AnyDevice {
  const faults = createDeviceFaults(plan, device.id, side, seed);
  if (faults === null) return device;
  return isRegionDevice(device)
    ? new FaultyRegionDevice(device, faults, clock)
    : new FaultyDevice(device, faults, clock);
}

/** The device that faults happen to, or the device itself. */
export function innerDevice(device: AnyDevice): AnyDevice {
  return device instanceof FaultyDevice || device instanceof FaultyRegionDevice
    ? device.inner
    : device;
}
