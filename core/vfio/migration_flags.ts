/**
 * What a device can do in a migration, and the states that follow from it.
 *
 * @module
 */

import { DEVICE_STATE, DEVICE_STATES, type DeviceState } from "./device_state.ts";

/** The flags of the MIGRATION feature. `STOP_COPY` is mandatory: nothing works without it. */
export const MIGRATION = {
  STOP_COPY: 1,
  P2P: 2,
  PRE_COPY: 4,
} as const;

/** For each state the flags a device must have to support it, as in the kernel's state machine. */
const NEEDED = {
  [DEVICE_STATE.ERROR]: MIGRATION.STOP_COPY,
  [DEVICE_STATE.STOP]: MIGRATION.STOP_COPY,
  [DEVICE_STATE.RUNNING]: MIGRATION.STOP_COPY,
  [DEVICE_STATE.STOP_COPY]: MIGRATION.STOP_COPY,
  [DEVICE_STATE.RESUMING]: MIGRATION.STOP_COPY,
  [DEVICE_STATE.RUNNING_P2P]: MIGRATION.STOP_COPY | MIGRATION.P2P,
  [DEVICE_STATE.PRE_COPY]: MIGRATION.STOP_COPY | MIGRATION.PRE_COPY,
  [DEVICE_STATE.PRE_COPY_P2P]: MIGRATION.STOP_COPY | MIGRATION.P2P | MIGRATION.PRE_COPY,
} as const satisfies Record<DeviceState, number>;

/**
 * Says whether a device with these flags has a state. `ERROR` counts as a state that every device
 * has, although nobody can ask for it.
 *
 * @param flags Bits of {@linkcode MIGRATION}
 * @param state The state
 * @returns `true` if the device can be in that state
 */
export function supportsState(flags: number, state: DeviceState): boolean {
  return (flags & NEEDED[state]) === NEEDED[state];
}

/**
 * The states of a device with these flags.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { deviceStateName } from "./device_state.ts";
 * import { MIGRATION, supportedStates } from "./migration_flags.ts";
 *
 * const states = supportedStates(MIGRATION.STOP_COPY | MIGRATION.PRE_COPY);
 * assertEquals(
 *   states.map(deviceStateName),
 *   ["ERROR", "STOP", "RUNNING", "STOP_COPY", "RESUMING", "PRE_COPY"],
 * );
 * ```
 *
 * @param flags Bits of {@linkcode MIGRATION}
 * @returns The supported states, in the order of their numbers
 */
export function supportedStates(flags: number): readonly DeviceState[] {
  return DEVICE_STATES.filter((state) => supportsState(flags, state));
}

/**
 * Migration flags for people to read.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { migrationFlagNames } from "./migration_flags.ts";
 *
 * assertEquals(migrationFlagNames(7), "STOP_COPY P2P PRE_COPY");
 * assertEquals(migrationFlagNames(0x21), "STOP_COPY 0x20");
 * ```
 *
 * @param flags Bits of {@linkcode MIGRATION}, and perhaps bits of a newer kernel below bit 32
 * @returns The names with a space between; unknown bits together as one hexadecimal number
 */
export function migrationFlagNames(flags: number): string {
  const words: string[] = [];
  let unknown = flags;
  for (const [name, bit] of Object.entries(MIGRATION)) {
    if ((flags & bit) !== 0) words.push(name);
    unknown &= ~bit;
  }
  if (unknown !== 0) words.push(`0x${(unknown >>> 0).toString(16)}`);
  return words.join(" ");
}
