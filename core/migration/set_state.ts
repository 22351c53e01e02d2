import { errnoMessage, errnoName } from "../libc/mod.ts";
import { DEVICE_STATE, type DeviceState, deviceStateName } from "../vfio/mod.ts";
import type { Device } from "../device/mod.ts";
import { callFailure, type Failure, type Phase } from "./migration_error.ts";
import { trace, type Traced } from "./trace.ts";

const CALL = "SET MIG_DEVICE_STATE";
const RESET_CALL = "VFIO_DEVICE_RESET";

/**
 * Moves a device to a state. Where that fails, QEMU tries the recover state, and where that fails too or
 * is ERROR, resets the device, which leaves it RUNNING (facts: state-set failure policy).
 *
 * QEMU believes a device that says it succeeded. Here it is asked: a migration whose devices are not where they should
 * be is none that went well.
 *
 * @param run Whose arc it is, for its trace; absent where none is written
 * @returns null, or what failed; the device is in a defined state then, unless the failure says that its reset failed
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
  if (result >= 0 && device.getState() === state) {
    reached(device, run);
    return null;
  }
  const failure = result < 0
    ? callFailure(`move to ${deviceStateName(state)}`, device.id, phase, CALL, result)
    : unmovedFailure(device, state, phase);
  const hasRecovered = recover !== DEVICE_STATE.ERROR && device.setState(recover) >= 0 &&
    device.getState() === recover;
  if (hasRecovered) {
    reached(device, run);
    return failure;
  }
  const reset = device.reset();
  reached(device, run);
  if (reset >= 0) return failure;
  const said = `${RESET_CALL} gave ${errnoName(reset)} (${errnoMessage(reset)})`;
  // A device that was taken away after a call that went well has only this to say for itself.
  const blamed = failure.errno === null ? { call: RESET_CALL, errno: errnoName(reset) } : {};
  return { ...failure, ...blamed, message: `${failure.message}; ${said}`, resetFailed: true };
}

/** A device that says it moved and did not. */
function unmovedFailure(device: Device, state: DeviceState, phase: Phase): Failure {
  const wanted = deviceStateName(state);
  const there = deviceStateName(device.getState());
  return {
    message:
      `Cannot move to ${wanted} of ${device.id} in ${phase}: ${CALL} gave success and left it in ${there}`,
    device: device.id,
    phase,
    call: CALL,
    errno: null,
    cancelled: false,
  };
}

function reached(device: Device, run: Traced | undefined): void {
  if (!run?.onTrace) return;
  trace(run, { step: "state-reached", device: device.id, state: device.getState() });
}
