/**
 * The state machine of a migratable device: which steps lead from its state to a requested one.
 *
 * With every optional feature there are these arcs, and no others (`==` where the two states share
 * one data transfer session):
 *
 * ```text
 *      RUNNING <-----> RUNNING_P2P <-----> STOP <-----> RESUMING
 *         ^                 ^                ^
 *         |                 |                |
 *         v                 v                v
 *      PRE_COPY <===> PRE_COPY_P2P ===> STOP_COPY
 * ```
 *
 * A request for a state further away is carried out arc by arc. The kernel goes the shortest way
 * that leads through no data transfer session; the one exception is `PRE_COPY_P2P` between
 * `PRE_COPY` and `STOP_COPY`, as all three share a session.
 *
 * @module
 */

import { DEVICE_STATE, type DeviceState } from "./device_state.ts";
import { supportsState } from "./migration_flags.ts";

type Row = readonly [
  DeviceState,
  DeviceState,
  DeviceState,
  DeviceState,
  DeviceState,
  DeviceState,
  DeviceState,
  DeviceState,
];

const {
  ERROR: E,
  STOP: S,
  RUNNING: R,
  STOP_COPY: SC,
  RESUMING: RS,
  RUNNING_P2P: RP,
  PRE_COPY: PC,
  PRE_COPY_P2P: PP,
} = DEVICE_STATE;

/** The next step for a device that has every feature. `E` stands for "there is no way". */
// deno-fmt-ignore
const NEXT_STEP: readonly [Row, Row, Row, Row, Row, Row, Row, Row] = [
  // requested:
  // E  S   R   SC  RS  RP  PC  PP
  [  E, E,  E,  E,  E,  E,  E,  E  ], // from ERROR
  [  E, S,  RP, SC, RS, RP, RP, RP ], // from STOP
  [  E, RP, R,  RP, RP, RP, PC, RP ], // from RUNNING
  [  E, S,  S,  SC, S,  S,  E,  E  ], // from STOP_COPY
  [  E, S,  S,  S,  RS, S,  S,  S  ], // from RESUMING
  [  E, S,  R,  S,  S,  RP, R,  PP ], // from RUNNING_P2P
  [  E, R,  R,  PP, R,  R,  PC, PP ], // from PRE_COPY
  [  E, RP, RP, SC, RP, RP, PC, PP ], // from PRE_COPY_P2P
];

/** What {@linkcode nextState} returns when there is no way to the requested state: `-EINVAL`. */
export const NO_WAY = -22;

/**
 * The first single step from a state towards a requested one, as `vfio_mig_get_next_state()` gives
 * it to a driver. A driver repeats: ask for the step, run that arc, take the new state, until it is
 * the requested one. If an arc fails, the device stays where it got to.
 *
 * A step to a state that the device does not have is skipped: the step after it is taken instead.
 * There is no way from or to `ERROR` (only a reset leads out of it), none from `STOP_COPY` back to
 * `PRE_COPY` or `PRE_COPY_P2P`, and none from or to a state the device does not have.
 *
 * Do not ask a real device for the two blocked pairs: a kernel without the fix "vfio: prevent
 * infinite loop in vfio_mig_get_next_state() on blocked arc" (2026) never returns from it.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DEVICE_STATE } from "./device_state.ts";
 * import { nextState, NO_WAY } from "./fsm.ts";
 * import { MIGRATION } from "./migration_flags.ts";
 *
 * const flags = MIGRATION.STOP_COPY | MIGRATION.PRE_COPY;
 * const { PRE_COPY, STOP_COPY } = DEVICE_STATE;
 * assertEquals(nextState(flags, PRE_COPY, STOP_COPY), STOP_COPY); // with P2P by PRE_COPY_P2P
 * assertEquals(nextState(flags, STOP_COPY, PRE_COPY), NO_WAY);
 * ```
 *
 * @param flags What the device can do, bits of `MIGRATION`
 * @param current The state the device is in
 * @param requested The state it should get to
 * @returns The state one step further, `current` itself if that was requested, or
 * {@linkcode NO_WAY}, which is `-EINVAL`
 */
export function nextState(
  flags: number,
  current: DeviceState,
  requested: DeviceState,
): DeviceState | typeof NO_WAY {
  if (!supportsState(flags, current) || !supportsState(flags, requested)) return NO_WAY;
  let step = NEXT_STEP[current][requested];
  // Ends: every skipped step is nearer to `requested`, which is supported, and so is ERROR.
  while (!supportsState(flags, step)) step = NEXT_STEP[step][requested];
  return step === DEVICE_STATE.ERROR ? NO_WAY : step;
}

/**
 * Every state that a device goes through to get to a requested one.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DEVICE_STATE, deviceStateName } from "./device_state.ts";
 * import { transitionPath } from "./fsm.ts";
 *
 * const path = transitionPath(7, DEVICE_STATE.RUNNING, DEVICE_STATE.STOP_COPY);
 * assertEquals(path?.map(deviceStateName), ["RUNNING_P2P", "STOP", "STOP_COPY"]);
 * ```
 *
 * @param flags What the device can do, bits of `MIGRATION`
 * @param current The state the device is in
 * @param requested The state it should get to
 * @returns The states after `current`, the last of them `requested`; empty if the device is in that
 * state already; `null` where the kernel answers `EINVAL`
 */
export function transitionPath(
  flags: number,
  current: DeviceState,
  requested: DeviceState,
): readonly DeviceState[] | null {
  const path: DeviceState[] = [];
  let state = current;
  do {
    const step = nextState(flags, state, requested);
    if (step === NO_WAY) return null;
    if (step !== state) path.push(step);
    state = step;
  } while (state !== requested);
  return path;
}
