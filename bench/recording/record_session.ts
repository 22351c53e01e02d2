import { createDiscardSender } from "../../core/channel/mod.ts";
import type { Clock } from "../../core/clock/mod.ts";
import type { Device } from "../../core/device/mod.ts";
import {
  type Failure,
  type MigrationOptions,
  NO_COSTS,
  POLICIES,
  type PolicyName,
  runSource,
  type SourceReport,
} from "../../core/migration/mod.ts";
import { DEVICE_STATE, deviceStateName } from "../../core/vfio/mod.ts";

/** How a session is made. */
export interface SessionPlan {
  readonly policy: PolicyName;
  readonly options: MigrationOptions;
  readonly clock: Clock;
  /** Whether it is to end now; looked at once a pass. */
  readonly isCancelled: () => boolean;
}

/** What came of it. */
export interface SavedSession {
  readonly report: SourceReport;
  readonly failure: Failure | null;
  /** The state that the device was left in, by name. */
  readonly leftIn: string;
}

/**
 * One saving session of a device as QEMU would drive it, with nobody at the other end: what is read goes
 * nowhere. The device is RUNNING afterwards, whatever happened, or `leftIn` says what it is instead.
 */
export function saveOnce(device: Device, plan: SessionPlan): SavedSession {
  const { policy, options, clock, isCancelled } = plan;
  const report = runSource({
    devices: [device],
    ram: null,
    policy: POLICIES[policy],
    // A destination would answer.
    options: { ...options, returnPath: false, switchoverAck: false },
    clock,
    costs: NO_COSTS,
    sender: createDiscardSender(options.bufferSize, clock),
    isCancelled,
    onRead: null,
  });
  if (device.getState() !== DEVICE_STATE.RUNNING) device.setState(DEVICE_STATE.RUNNING);
  if (device.getState() !== DEVICE_STATE.RUNNING) device.reset();
  return { report, failure: report.failure, leftIn: deviceStateName(device.getState()) };
}
