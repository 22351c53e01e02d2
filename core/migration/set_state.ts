import { DEVICE_STATE, type DeviceState, deviceStateName } from "../vfio/mod.ts";
import type { Device } from "../device/mod.ts";
import { callFailure, type Failure, type Phase } from "./migration_error.ts";
import { trace, type Traced } from "./trace.ts";

/**
 * Moves a device to a state. Where that fails, QEMU tries the recover state, and where that fails too or
 * is ERROR, resets the device, which leaves it RUNNING (facts: state-set failure policy).
 *
 * @param run Whose arc it is, for its trace; absent where none is written
 * @returns null, or what failed; the device is in a defined state either way
 */
export function setState(
  device: Device,
  state: DeviceState,
  recover: DeviceState,
  phase: Phase,
  run?: Traced,
): Failure | null {
  if (run?.onTrace) trace(run, { step: "set-state", device: device.id, state, recover });
  if (device.getState() === state) return null;
  const result = device.setState(state);
  if (result >= 0) {
    reached(device, run);
    return null;
  }
  const failure = callFailure(
    `move to ${deviceStateName(state)}`,
    device.id,
    phase,
    "SET MIG_DEVICE_STATE",
    result,
  );
  if (recover !== DEVICE_STATE.ERROR && device.setState(recover) >= 0) {
    reached(device, run);
    return failure;
  }
  device.reset();
  reached(device, run);
  return failure;
}

function reached(device: Device, run: Traced | undefined): void {
  if (!run?.onTrace) return;
  trace(run, { step: "state-reached", device: device.id, state: device.getState() });
}
