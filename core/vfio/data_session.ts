/**
 * Data transfer sessions: when a device gives out a data_fd, and when that data_fd dies.
 *
 * ```text
 *   a new data_fd                               the data_fd dies
 *   RUNNING     -> PRE_COPY      saving         PRE_COPY     -> RUNNING
 *   RUNNING_P2P -> PRE_COPY_P2P  saving         PRE_COPY_P2P -> RUNNING_P2P
 *   STOP        -> STOP_COPY     saving         STOP_COPY    -> STOP
 *   STOP        -> RESUMING      resuming       RESUMING     -> STOP
 * ```
 *
 * Moves among `PRE_COPY`, `PRE_COPY_P2P` and `STOP_COPY` stay in one session and keep its data_fd.
 * A dead data_fd stays open and answers `ENODEV`. A reset of the device ends its session too.
 *
 * @module
 */

import { DEVICE_STATE, type DeviceState } from "./device_state.ts";

/** What a session is for: the device's state is read (`saving`) or written (`resuming`). */
export type SessionSide = "saving" | "resuming";

/**
 * Says whether a state belongs to the saving group, whose states share one session and one data_fd.
 *
 * @param state The state
 * @returns `true` for `PRE_COPY`, `PRE_COPY_P2P` and `STOP_COPY`
 */
export function inSavingGroup(state: DeviceState): boolean {
  return state === DEVICE_STATE.PRE_COPY || state === DEVICE_STATE.PRE_COPY_P2P ||
    state === DEVICE_STATE.STOP_COPY;
}

/**
 * The kind of session a device has in a state.
 *
 * @param state The state
 * @returns The side the session serves, or `null` where there is none
 */
export function sessionSide(state: DeviceState): SessionSide | null {
  if (inSavingGroup(state)) return "saving";
  return state === DEVICE_STATE.RESUMING ? "resuming" : null;
}

/**
 * Says which session, if any, an arc opens, that is whether a new data_fd comes with it.
 *
 * The answer also holds for a whole request of several arcs: only the last arc of a path may return
 * a data_fd, and no path goes through a session on its way to another state.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { opensSession } from "./data_session.ts";
 * import { DEVICE_STATE } from "./device_state.ts";
 *
 * const { PRE_COPY, RUNNING, STOP_COPY } = DEVICE_STATE;
 * assertEquals(opensSession(RUNNING, PRE_COPY), "saving");
 * assertEquals(opensSession(PRE_COPY, STOP_COPY), null); // the data_fd of PRE_COPY goes on
 * ```
 *
 * @param from The state before the arc
 * @param to The state after it
 * @returns The side the new session serves, or `null` if the arc opens none
 */
export function opensSession(from: DeviceState, to: DeviceState): SessionSide | null {
  const side = sessionSide(to);
  return side === sessionSide(from) ? null : side;
}

/**
 * Says whether an arc ends a session, after which its data_fd only gives errors.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { endsSession } from "./data_session.ts";
 * import { DEVICE_STATE } from "./device_state.ts";
 *
 * assertEquals(endsSession(DEVICE_STATE.STOP_COPY, DEVICE_STATE.STOP), true);
 * ```
 *
 * @param from The state before the arc
 * @param to The state after it
 * @returns `true` if a session was open before the arc and is over after it
 */
export function endsSession(from: DeviceState, to: DeviceState): boolean {
  const side = sessionSide(from);
  return side !== null && side !== sessionSide(to);
}
