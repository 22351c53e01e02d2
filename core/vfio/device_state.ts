/**
 * The states of a migratable device, as the kernel numbers them (`enum vfio_device_mig_state`).
 *
 * | state          | the device                                       | data_fd   |
 * | -------------- | ------------------------------------------------ | --------- |
 * | `ERROR`        | failed; only a device reset leads out            | none      |
 * | `STOP`         | changes nothing, no DMA, no interrupts           | none      |
 * | `RUNNING`      | runs                                             | none      |
 * | `STOP_COPY`    | as `STOP`, and its state can be read             | read end  |
 * | `RESUMING`     | stopped, and its state can be written            | write end |
 * | `RUNNING_P2P`  | runs, but starts no new peer-to-peer DMA         | none      |
 * | `PRE_COPY`     | runs, and what it changes is tracked             | read end  |
 * | `PRE_COPY_P2P` | as `PRE_COPY`, but starts no new peer-to-peer DMA | read end  |
 *
 * @module
 */

/** The device states by their kernel names. */
export const DEVICE_STATE = {
  ERROR: 0,
  STOP: 1,
  RUNNING: 2,
  STOP_COPY: 3,
  RESUMING: 4,
  RUNNING_P2P: 5,
  PRE_COPY: 6,
  PRE_COPY_P2P: 7,
} as const;

/** The name of a device state, without the kernel's `VFIO_DEVICE_STATE_` in front. */
export type DeviceStateName = keyof typeof DEVICE_STATE;

/** The number of a device state. */
export type DeviceState = (typeof DEVICE_STATE)[DeviceStateName];

/** Every device state, in the order of its number. */
export const DEVICE_STATES: readonly DeviceState[] = Object.values(DEVICE_STATE);

const NAMES = [
  "ERROR",
  "STOP",
  "RUNNING",
  "STOP_COPY",
  "RESUMING",
  "RUNNING_P2P",
  "PRE_COPY",
  "PRE_COPY_P2P",
] as const satisfies readonly DeviceStateName[];

/**
 * Says whether a number, such as one that a driver reported, is a device state.
 *
 * @param value Any number
 * @returns `true` if `value` is one of the eight states
 */
export function isDeviceState(value: number): value is DeviceState {
  return Number.isInteger(value) && value >= 0 && value < NAMES.length;
}

/**
 * The name of a device state.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DEVICE_STATE, deviceStateName } from "./device_state.ts";
 *
 * assertEquals(deviceStateName(DEVICE_STATE.PRE_COPY_P2P), "PRE_COPY_P2P");
 * ```
 *
 * @param state The state
 * @returns Its kernel name
 */
export function deviceStateName(state: DeviceState): DeviceStateName {
  return NAMES[state];
}

/**
 * The device state of a name, as {@linkcode deviceStateName} gives it.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DEVICE_STATE, parseDeviceState } from "./device_state.ts";
 *
 * assertEquals(parseDeviceState("STOP_COPY"), DEVICE_STATE.STOP_COPY);
 * ```
 *
 * @param name A kernel name, in capitals
 * @returns The state of that name
 * @throws {RangeError} If there is no such state
 */
export function parseDeviceState(name: string): DeviceState {
  for (const state of DEVICE_STATES) {
    if (NAMES[state] === name) return state;
  }
  throw new RangeError(
    `Cannot parse device state as it is not one of ${NAMES.join(", ")}: received "${name}"`,
  );
}
