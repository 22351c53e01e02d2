/**
 * Switchover-ack: the destination's word that initial data is loaded, without which the source does not
 * stop the guest.
 *
 * ```text
 *                       up to 11.0, legacy in 11.1        11.1
 *   who counts          the destination: its devices      the source: requests less acks
 *   the source holds    one ack to come                   as many as devices asked for
 *   INIT_DATA_SENT      the last one is answered          each one is answered
 *   after a REINIT      nothing                           a new request, a new ack
 * ```
 *
 * The message has no payload: an ack says neither which device nor which request it is for. So a source
 * and a destination that count differently fail in their own ways; the tests have the table.
 *
 * @module
 */

import { ERRNO } from "../libc/mod.ts";
import { type AckOptions, devicesAskForAcks, type Policy } from "./policy/mod.ts";

/** The source's side. */
export interface SourceAck {
  /** The `switchover-ack` capability. */
  readonly capability: boolean;
  /** Whether devices ask for acks, and this side adds the requests up. */
  readonly devicesAsk: boolean;
  /** Whether an ack that nobody waits for is an error. Up to 11.0 there is a flag, which cannot underflow. */
  readonly underflows: boolean;
  /** Whether the guest runs at this moment. Who stops and starts it keeps it true to it. */
  guestRunning: boolean;
  /** How many acks have not come yet. */
  pending: number;
}

/** The destination's side. */
export interface DestinationAck {
  /** The `switchover-ack` capability. */
  readonly capability: boolean;
  /** Whether each INIT_DATA_SENT is answered; otherwise only the last one of those awaited. */
  readonly answersEach: boolean;
  /** How many devices have not sent INIT_DATA_SENT yet. Not counted where each one is answered. */
  awaited: number;
}

/**
 * The source's side at the start of a migration.
 *
 * @param policy The generation
 * @param options What the user chose
 * @returns The state, with the guest running
 */
export function createSourceAck(policy: Policy, options: AckOptions): SourceAck {
  return {
    capability: options.capability,
    devicesAsk: devicesAskForAcks(policy, options),
    underflows: policy.reusableAck,
    guestRunning: true,
    pending: policy.reusableAck && !options.legacy ? 0 : 1,
  };
}

/**
 * Takes in the requests that a query collected.
 *
 * @param source The source's side
 * @param requests `switchoverAckPending` of the query
 */
export function collectRequests(source: SourceAck, requests: number): void {
  if (source.devicesAsk) source.pending += requests;
}

/**
 * Takes in an ack.
 *
 * @param source The source's side
 * @returns How many are still to come, or `-EINVAL` if this one was not waited for: the migration fails
 */
export function receiveAck(source: SourceAck): number {
  if (source.pending === 0) return source.underflows ? -ERRNO.EINVAL : 0;
  source.pending -= 1;
  return source.pending;
}

/**
 * Says whether the guest may be stopped for switchover. A guest that stands still does not wait for acks.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { POLICIES } from "./policy/mod.ts";
 * import { canSwitchover, createSourceAck, receiveAck } from "./switchover_ack.ts";
 *
 * const source = createSourceAck(POLICIES["qemu-9.2"], { capability: true, legacy: false });
 * assertEquals(canSwitchover(source), false);
 * receiveAck(source);
 * assertEquals(canSwitchover(source), true);
 * ```
 *
 * @param source The source's side
 * @returns `true` if it may
 */
export function canSwitchover(
  source: Pick<Readonly<SourceAck>, "capability" | "guestRunning" | "pending">,
): boolean {
  return !source.capability || !source.guestRunning || source.pending === 0;
}

/**
 * What is wrong with the requests that the final query collected: a device found new initial data after
 * the decision, and cannot go back to precopy.
 *
 * Only those count. Acks that were pending before, which a guest that stands still does not wait for, fail
 * nothing.
 *
 * @param source The source's side
 * @param requests `switchoverAckPending` of the final query
 * @returns The message with which the migration fails, or `undefined`
 */
export function finalQueryError(
  source: Readonly<SourceAck>,
  requests: number,
): string | undefined {
  if (!source.devicesAsk || requests === 0) return undefined;
  return `Switchover ACK was requested by ${requests} devices during switchover`;
}

/**
 * The destination's side before its devices are set up.
 *
 * @param policy The generation
 * @param options What the user chose
 * @returns The state
 */
export function createDestinationAck(policy: Policy, options: AckOptions): DestinationAck {
  return {
    capability: options.capability,
    answersEach: policy.reusableAck && !options.legacy,
    awaited: 0,
  };
}

/**
 * Takes in a device that has been set up for loading.
 *
 * @param destination The destination's side
 * @param supportsPrecopy Whether the device has PRE_COPY; others send no INIT_DATA_SENT
 */
export function awaitInitData(destination: DestinationAck, supportsPrecopy: boolean): void {
  if (destination.capability && !destination.answersEach && supportsPrecopy) {
    destination.awaited += 1;
  }
}

/**
 * Says what OPEN_RETURN_PATH is answered with. It comes when all devices have been set up.
 *
 * @param destination The destination's side
 * @returns How many acks to send: 1 if the destination counts and awaits nothing, else 0
 */
export function acksAtReturnPath(destination: Readonly<DestinationAck>): 0 | 1 {
  return destination.capability && !destination.answersEach && destination.awaited === 0 ? 1 : 0;
}

/**
 * Takes in INIT_DATA_SENT of a device, all of whose data before it is loaded.
 *
 * @param destination The destination's side
 * @param supportsPrecopy Whether the device has PRE_COPY
 * @returns How many acks to send, or `-EINVAL` if the marker has no place here: the load fails
 */
export function approveSwitchover(destination: DestinationAck, supportsPrecopy: boolean): number {
  if (!destination.capability || !supportsPrecopy) return -ERRNO.EINVAL;
  if (destination.answersEach) return 1;
  if (destination.awaited === 0) return -ERRNO.EINVAL;
  destination.awaited -= 1;
  return destination.awaited === 0 ? 1 : 0;
}
