import type { ErrnoName } from "../libc/errno.ts";
import type { DeviceStateName } from "../vfio/device_state.ts";
import type { LieName } from "./lie.ts";

/**
 * A fault plan: what is to go wrong in a migration, as plain data. The keys are those of the scenario files, sizes
 * are bytes, and what a file may leave out is filled in (`times`, `nth`, `byte`), so that a plan that was written
 * down and read again is the same plan.
 *
 *     on        "nic0"        a device: one of its calls fails, or it lies    DeviceFault, LieFault
 *               "channel"     the main channel                                ChannelFault
 *               "channel2"    the second channel of multifd
 *               "worker"      a side's Worker dies                            WorkerFault
 *               "host"        a side's host refuses                           HostFault
 *               "user"        cancels                                         UserFault
 *
 * @module
 */

/** Which end of the migration. */
export type FaultSide = "source" | "destination";

/** The calls of `core/device/device.ts` that can fail. */
export const DEVICE_CALLS = [
  "read",
  "write",
  "setState",
  "getPrecopyInfo",
  "getDataSize",
  "setPrecopyInfoV2",
  "reset",
] as const;

/** The calls of `core/device/region/region_device.ts`, which protocol v1 has in their place. */
export const REGION_CALLS = [
  "readRegion",
  "writeRegion",
  "readData",
  "writeData",
  "map",
  "dirtyPages",
  "reset",
] as const;

export type DeviceCall = typeof DEVICE_CALLS[number];
export type RegionCall = typeof REGION_CALLS[number];
export type FaultCall = DeviceCall | RegionCall;

/** Every call once. */
export const FAULT_CALLS: readonly FaultCall[] = [...new Set([...DEVICE_CALLS, ...REGION_CALLS])];

/** The calls that move bytes, so that they can be short, and `byte` means something. */
export const MOVING_CALLS: ReadonlySet<FaultCall> = new Set<FaultCall>([
  "read",
  "write",
  "readRegion",
  "writeRegion",
  "readData",
  "writeData",
]);

/** Which ends of a migration make a call. */
export const SIDES_OF_CALL: Readonly<Record<FaultCall, readonly FaultSide[]>> = {
  read: ["source"],
  write: ["destination"],
  setState: ["source", "destination"],
  getPrecopyInfo: ["source"],
  getDataSize: ["source"],
  setPrecopyInfoV2: ["source"],
  readRegion: ["source", "destination"],
  writeRegion: ["source", "destination"],
  readData: ["source"],
  writeData: ["destination"],
  map: ["source", "destination"],
  dirtyPages: ["source"],
  reset: ["source", "destination"],
};

/** What a call can fail with. */
export const FAULT_ERRNOS = [
  "EIO",
  "EINTR",
  "EAGAIN",
  "ENODEV",
  "ENOMEM",
  "ENOSPC",
  "ETIMEDOUT",
  "EINVAL",
  "EBADF",
  "EBUSY",
  "EFAULT",
  "ENOMSG",
  "ENOTTY",
  "ENXIO",
  "EOPNOTSUPP",
  "EOVERFLOW",
  "EPERM",
  "ESPIPE",
] as const satisfies readonly ErrnoName[];

export type FaultErrno = typeof FAULT_ERRNOS[number];

/**
 * When a fault strikes, among the calls that it is about. One of `nth`, `byte` and `chance`; `nth` 1 where the file
 * names none.
 */
export interface FaultMoment {
  /** The call of this number, from 1. */
  readonly nth?: number;
  /** The first call that has room for the byte of this offset in all that such calls of the device have moved. */
  readonly byte?: number;
  /** Each call with this probability, 0 to 1. */
  readonly chance?: number;
  /** With `chance`: where its randomness starts, so that every trial meets the same. The trial's own seed unless given. */
  readonly seed?: number;
  /** How often in a row, from then on. With `chance` it is how often at most in all. */
  readonly times: number | "ever";
}

/** A call of a device that fails, or moves fewer bytes, or takes longer. */
export interface DeviceFault extends FaultMoment {
  /** The device's id. */
  readonly on: string;
  readonly side: FaultSide;
  readonly call: FaultCall;
  /** With `setState`: only where this state is asked for. */
  readonly state?: DeviceStateName;
  /** ENODEV: the device is gone, and every later call of it gives ENODEV, whichever it is. */
  readonly give: FaultErrno | "short" | "slow";
  /** With `short`: how many bytes the call moves at most. */
  readonly bytes?: number;
  /** With `slow`: how much longer the call takes. */
  readonly delay_ms?: number;
}

/** A device that does not say the truth, from the first call to the last. */
export interface LieFault {
  /** The device's id. */
  readonly on: string;
  readonly side: FaultSide;
  readonly give: "lie";
  readonly lie: LieName;
  /** With `state-unchanged`: only where this state is asked for. */
  readonly state?: DeviceStateName;
}

/** What a channel can do wrong. */
export const CHANNEL_GIVES = ["drop", "stall", "corrupt", "truncate"] as const;
export type ChannelGive = typeof CHANNEL_GIVES[number];

/**
 * The bytes from source to destination. `drop`: the connection is gone, and both ends see it. `stall`: nothing more
 * comes for `stall_ms`. `corrupt`: the byte arrives as another one. `truncate`: the stream ends there, as if that were
 * its end.
 */
export interface ChannelFault {
  /** `channel`, or `channel1`, `channel2` ... for those of multifd. See {@linkcode channelNumber}. */
  readonly on: `channel${number | ""}`;
  readonly give: ChannelGive;
  /** The offset in what the source has sent on it, from 0. */
  readonly byte: number;
  /** With `stall`; "ever": until somebody ends it. */
  readonly stall_ms?: number | "ever";
}

/** Where in a migration. `load`: the destination takes in what comes after the switchover. */
export const FAULT_PLACES = ["setup", "precopy", "switchover", "load"] as const;
export type FaultPlace = typeof FAULT_PLACES[number];

/** A Worker that dies. */
export interface WorkerFault {
  readonly on: "worker";
  readonly side: FaultSide;
  readonly give: "die";
  readonly at: FaultPlace;
}

/** What a host can do wrong. */
export const HOST_GIVES = ["refuse", "ENOMEM", "ENOSPC"] as const;
export type HostGive = typeof HOST_GIVES[number];

/** A host that takes no migration, or has no memory or no room for one. */
export interface HostFault {
  readonly on: "host";
  readonly side: FaultSide;
  readonly give: HostGive;
}

/** A user who cancels, when the migration comes to that place for the nth time. */
export interface UserFault {
  readonly on: "user";
  readonly give: "cancel";
  readonly at: FaultPlace;
  readonly nth: number;
}

export type Fault =
  | DeviceFault
  | LieFault
  | ChannelFault
  | WorkerFault
  | HostFault
  | UserFault;

/** What is to go wrong, in no particular order: each strikes for itself. */
export type FaultPlan = readonly Fault[];

/** The number of a channel's name: 0 for the main one, multifd's from 1; null for what is no channel. */
export function channelNumber(on: string): number | null {
  const match = /^channel([1-9]\d*)?$/.exec(on);
  return match === null ? null : Number(match[1] ?? 0);
}

/** Whether a name is a channel's. */
export function isChannelName(on: string): on is ChannelFault["on"] {
  return channelNumber(on) !== null;
}

export function isChannelFault(fault: Fault): fault is ChannelFault {
  return channelNumber(fault.on) !== null;
}

export function isWorkerFault(fault: Fault): fault is WorkerFault {
  return fault.on === "worker";
}

export function isHostFault(fault: Fault): fault is HostFault {
  return fault.on === "host";
}

export function isUserFault(fault: Fault): fault is UserFault {
  return fault.on === "user";
}

/** Whether a name means something else than a device, so that no device with faults can have it. */
export function isReservedName(on: string): boolean {
  return on === "worker" || on === "host" || on === "user" || channelNumber(on) !== null;
}

/** Whether a device lies. */
export function isLieFault(fault: Fault): fault is LieFault {
  return !isReservedName(fault.on) && fault.give === "lie";
}

/** Whether a call of a device fails. */
export function isDeviceFault(fault: Fault): fault is DeviceFault {
  return !isReservedName(fault.on) && fault.give !== "lie";
}

/** What is not of a device. */
export type OtherFault = Exclude<Fault, DeviceFault | LieFault>;

/** Whether it is of a device: one of its calls, or a lie. */
export function isOfDevice(fault: Fault): fault is DeviceFault | LieFault {
  return !isReservedName(fault.on);
}

/** A fault as a message names it: `read of nic0 at the source gives EIO`. */
export function faultText(fault: Fault): string {
  if (isLieFault(fault)) {
    const { on, side, lie, state } = fault;
    return `${on} at the ${side} lies: ${lie}${state === undefined ? "" : ` (${state})`}`;
  }
  if (isDeviceFault(fault)) {
    const { on, side, call, state, give, bytes, delay_ms } = fault;
    const what = state === undefined ? call : `${call} ${state}`;
    const given = give === "short"
      ? `moves ${bytes} bytes at most`
      : give === "slow"
      ? `takes ${delay_ms} ms longer`
      : `gives ${give}`;
    return `${what} of ${on} at the ${side} ${given}`;
  }
  if (isChannelFault(fault)) return `${fault.give} on ${fault.on} at byte ${fault.byte}`;
  if (isWorkerFault(fault)) return `the ${fault.side}'s Worker dies in ${fault.at}`;
  if (isHostFault(fault)) return `the ${fault.side}'s host gives ${fault.give}`;
  return `the user cancels in ${fault.at}`;
}

/** A fault that struck: the first time, and how often in all. */
export interface Injection {
  /** Which of the plan's, from 0. */
  readonly fault: number;
  /** When first, by the clock of the side that it struck; on the wall clock both sides have the same. */
  readonly atNs: number;
  readonly times: number;
  /** Of a device's call: its number from 1, and the offset of its first byte, when the fault struck first. */
  readonly nth?: number;
  readonly byte?: number;
}
