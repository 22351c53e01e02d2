import { DEVICE_STATE, type DeviceState, deviceStateName } from "../vfio/mod.ts";
import type { Device } from "../device/mod.ts";
import { callFailure, type Failure, type Phase } from "./migration_error.ts";

/**
 * Moves a device to a state. Where that fails, QEMU tries the recover state, and where that fails too or
 * is ERROR, resets the device, which leaves it RUNNING (facts: state-set failure policy).
 *
 * @returns null, or what failed; the device is in a defined state either way
 */
export function setState(
  device: Device,
  state: DeviceState,
  recover: DeviceState,
  phase: Phase,
): Failure | null {
  if (device.getState() === state) return null;
  const result = device.setState(state);
  if (result >= 0) return null;
  const failure = callFailure(
    `move to ${deviceStateName(state)}`,
    device.id,
    phase,
    "SET MIG_DEVICE_STATE",
    result,
  );
  if (recover !== DEVICE_STATE.ERROR && device.setState(recover) >= 0) return failure;
  device.reset();
  return failure;
}
