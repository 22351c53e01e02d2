import { closestString } from "@std/text/closest-string";
import {
  channelNumber,
  DEVICE_CALLS,
  type DeviceFault,
  type FaultCall,
  type HostFault,
  isDeviceFault,
  isHostFault,
  isLieFault,
  isReservedName,
  type LieFault,
  lieOf,
  REGION_CALLS,
} from "../../core/fault/mod.ts";
import type { DeviceSpec } from "./device_spec.ts";
import type { Case } from "./expand.ts";

/** Ends it with "Cannot play ... with WHAT: WHY; NEXT". */
export type Refuse = (what: string, why: string, next: string) => never;

/** Refuses faults that cannot strike in this case, whatever happens in it. */
export function checkFaults(one: Case, refuse: Refuse): void {
  const { faults, devices } = one;
  if (faults.length === 0) return;
  const reserved = devices.find(({ id }) => isReservedName(id));
  if (reserved !== undefined) {
    refuse(
      `faults and a device called ${reserved.id}`,
      "a fault on that name is on something else",
      "give the device another id",
    );
  }
  for (const [i, fault] of faults.entries()) {
    const no = (key: string, value: unknown, why: string, next: string) =>
      refuse(`faults[${i}].${key}=${value}`, why, next);
    if (isDeviceFault(fault)) checkDeviceFault(one, fault, no);
    else if (isLieFault(fault)) checkLie(one, fault, no);
    else if (isHostFault(fault)) checkRoom(one, fault, no);
    else checkChannel(one, fault.on, no);
  }
}

type RefuseKey = (key: string, value: unknown, why: string, next: string) => never;

function checkRoom({ params: { channel } }: Case, { give }: HostFault, no: RefuseKey): void {
  if (give !== "ENOSPC" || channel === "file") return;
  no("give", give, `nothing is stored over channel=${channel}`, "set channel=file");
}

function checkChannel({ params }: Case, on: string, no: RefuseKey): void {
  const number = channelNumber(on);
  if (number === null || number === 0) return;
  if (!params.multifd) {
    no("on", on, "without multifd there is only the main channel", "take channel or multifd=on");
  }
  if (number > params.channels) {
    no(
      "on",
      on,
      `multifd has ${params.channels} here`,
      `take channel1${params.channels > 1 ? ` to channel${params.channels}` : ""}`,
    );
  }
}

function findDevice({ devices }: Case, on: string, no: RefuseKey): DeviceSpec {
  const device = devices.find(({ id }) => id === on);
  if (device !== undefined) return device;
  const names = [...devices.map(({ id }) => id), "channel", "worker", "host", "user"];
  return no("on", on, "there is no such device", `did you mean ${closestString(on, names)}?`);
}

function checkDeviceFault(one: Case, fault: DeviceFault, no: RefuseKey): void {
  const { params, region } = one;
  const { on, call, give } = fault;
  const device = findDevice(one, on, no);
  const calls: readonly FaultCall[] = params.protocol === "v1" ? REGION_CALLS : DEVICE_CALLS;
  if (!calls.includes(call)) {
    no(
      "call",
      call,
      `a device of protocol ${params.protocol} has no such call`,
      `did you mean ${closestString(call, calls)}?`,
    );
  }
  if (params.protocol === "v1") {
    if ((call === "readData" || call === "writeData") && region.mapped) {
      no("call", call, "mapped data is moved without a call", "set region.mapped=off");
    }
    if (call === "map" && !region.mapped) {
      no("call", call, "nothing of the region can be mapped", "set region.mapped=on");
    }
  }
  if (device.kind !== "kernel") return;
  const canFail = call === "read" || call === "getPrecopyInfo" || call === "getDataSize" ||
    call === "setPrecopyInfoV2";
  if (!canFail) {
    no(
      "call",
      call,
      `${on} is a real device, and only what is read of it can be made to fail`,
      "take read, getPrecopyInfo, getDataSize or setPrecopyInfoV2",
    );
  }
  if (give === "ENODEV") {
    no("give", give, `${on} is a real device, and could not be brought back`, "take another errno");
  }
}

function checkLie(one: Case, fault: LieFault, no: RefuseKey): void {
  const { params, clock } = one;
  const { on, lie } = fault;
  const device = findDevice(one, on, no);
  const { v1, precopy, real, bytes = false } = lieOf(lie);
  if (params.protocol === "v1" && !v1) {
    no("lie", lie, "a device of protocol v1 has nothing to tell it with", "set protocol=v2");
  }
  if (params.protocol === "v1" && fault.state !== undefined) {
    no("state", fault.state, "protocol v1 has other states", "leave it out");
  }
  if (precopy && !hasPrecopy(device)) {
    no("lie", lie, `${on} has no PRE_COPY to lie about`, "take a device that has");
  }
  if (bytes && clock === "virtual") {
    no("lie", lie, "no bytes move on the virtual clock", "set clock=wall");
  }
  if (device.kind === "kernel" && !real) {
    no(
      "lie",
      lie,
      `${on} is a real device, and its peer would get what is not its state`,
      "take a lie about sizes",
    );
  }
}

/** What a replayed device has stands in its recording. */
function hasPrecopy(device: DeviceSpec): boolean {
  if (device.kind === "replayed") return true;
  return device.kind === "kernel" ? device.precopy : device.profile.precopy;
}
