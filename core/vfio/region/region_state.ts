/**
 * The `device_state` register of protocol version 1: three bits, of which five combinations are states.
 *
 * | bits               | value | the device                                           |
 * | ------------------ | ----- | ---------------------------------------------------- |
 * | none               | 0     | stopped                                              |
 * | RUNNING            | 1     | runs                                                 |
 * | SAVING             | 2     | stopped, and its state is being saved (stop-and-copy) |
 * | SAVING, RUNNING    | 3     | runs, and its state is being saved (precopy)         |
 * | RESUMING           | 4     | stopped, and its state is being restored             |
 * | SAVING, RESUMING   | 6     | the error marker: only a device reset leads out      |
 *
 * 5 and 7 are nothing.
 *
 * @module
 */

/** The bits, by kernel name without `VFIO_DEVICE_STATE_`; STOP is none of them. */
export const REGION_STATE = {
  STOP: 0,
  RUNNING: 1 << 0,
  SAVING: 1 << 1,
  RESUMING: 1 << 2,
} as const;

/** All bits that mean anything. */
export const REGION_STATE_MASK = 7;

/** What a device that failed for good shows. */
export const REGION_STATE_ERROR: number = REGION_STATE.SAVING | REGION_STATE.RESUMING;

/**
 * Says whether the register may be set to a value: RESUMING only stands alone (which leaves the error
 * marker out), and no other bits are set.
 *
 * @param state The value
 * @returns `true` for 0 to 4
 */
export function isValidRegionState(state: number): boolean {
  if ((state & ~REGION_STATE_MASK) !== 0) return false;
  return (state & REGION_STATE.RESUMING) === 0 || state === REGION_STATE.RESUMING;
}

/**
 * Says whether a device shows the error marker.
 *
 * @param state The register's value
 * @returns `true` if SAVING and RESUMING are set and RUNNING is not
 */
export function isRegionStateError(state: number): boolean {
  return (state & REGION_STATE_MASK) === REGION_STATE_ERROR;
}

/**
 * The register's value with some bits kept and some set, as QEMU makes it from what it read.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { changeRegionState, REGION_STATE, REGION_STATE_MASK } from "./region_state.ts";
 *
 * const { RUNNING, SAVING } = REGION_STATE;
 * assertEquals(changeRegionState(RUNNING, REGION_STATE_MASK, SAVING), RUNNING | SAVING);
 * assertEquals(changeRegionState(RUNNING | SAVING, ~RUNNING, 0), SAVING);
 * ```
 *
 * @param state The present value
 * @param keep The bits that stay as they are
 * @param set The bits that are set
 * @returns The new value, a u32, which may be no valid one
 */
export function changeRegionState(state: number, keep: number, set: number): number {
  return ((state & keep) | set) >>> 0;
}

/**
 * The name of a state, for people.
 *
 * @param state The register's value
 * @returns Such as `"SAVING|RUNNING"`; `"ERROR"` for the error marker; a number for what is nothing
 */
export function regionStateName(state: number): string {
  if (state === REGION_STATE_ERROR) return "ERROR";
  if (!isValidRegionState(state)) return `0x${(state >>> 0).toString(16)}`;
  switch (state) {
    case REGION_STATE.RUNNING:
      return "RUNNING";
    case REGION_STATE.SAVING:
      return "SAVING";
    case REGION_STATE.SAVING | REGION_STATE.RUNNING:
      return "SAVING|RUNNING";
    case REGION_STATE.RESUMING:
      return "RESUMING";
    default:
      return "STOP";
  }
}
