import type { Injection } from "../../fault/mod.ts";
import type { FaultyDevice } from "./faulty_device.ts";
import type { FaultyRegionDevice } from "./faulty_region_device.ts";

/** What has struck these devices so far. Loads nothing of a faulty device: mostly there is none. */
export function injectionsOf(devices: readonly object[]): Injection[] {
  return devices.flatMap((device) => isFaulty(device) ? device.injections() : []);
}

function isFaulty(device: object): device is FaultyDevice | FaultyRegionDevice {
  return "injections" in device;
}
