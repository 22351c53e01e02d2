import { DEVICE_STATE, deviceStateName } from "../../vfio/mod.ts";
import type { Device } from "../device.ts";
import { callError } from "./device_error.ts";

const { RUNNING } = DEVICE_STATE;

/**
 * A device reset and RUNNING again, as it was before anybody migrated it; null, or what keeps it from that.
 * A device without a reset is moved there, which some states have no way to.
 */
export function bringBack(device: Device): string | null {
  const reset = device.reset();
  if (device.getState() === RUNNING) return null;
  const moved = device.setState(RUNNING);
  const state = device.getState();
  if (state === RUNNING) return null;
  const [call, result] = reset < 0 ? ["VFIO_DEVICE_RESET", reset] : ["SET MIG_DEVICE_STATE", moved];
  const why = callError(
    device.id,
    "bring back",
    call,
    result,
    `it is in ${deviceStateName(state)}`,
  );
  return `${why.message}; unbind its driver and bind it again`;
}
