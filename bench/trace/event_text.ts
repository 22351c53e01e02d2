/** The words that both sides' events are made of. */
import { type DeviceState, deviceStateName } from "../../core/vfio/mod.ts";

/** How QEMU writes an event: its name, a space, its text, which may begin with another. */
export function eventText(name: string, text = ""): string {
  return `${name} ${text}`;
}

/** An event of one device. */
export function deviceEvent(name: string, device: string, text = ""): string {
  return eventText(name, text === "" ? ` (${device})` : ` (${device}) ${text}`);
}

/** QEMU numbers its sections in the order of registration: RAM, then the devices. */
export const RAM_SECTION = 1;
export const FIRST_DEVICE_SECTION = 2;

/** A device's name in the stream. */
export function idstr(device: string | null): string {
  return device === null ? "ram" : `${device}/vfio`;
}

/** A u64 as `core/vfio` holds it, which is negative where bit 63 is set. */
export function u64Text(held: number): string {
  return held < 0 ? String(BigInt.asUintN(64, BigInt(held))) : String(held);
}

/** An arc that is asked for, and one that was taken. */
export function setStateText(device: string, state: DeviceState, recover: DeviceState): string {
  const names = `new state ${deviceStateName(state)}, recover state ${deviceStateName(recover)}`;
  return deviceEvent("vfio_migration_set_state", device, names);
}

export function stateReachedText(device: string, state: DeviceState): string {
  return deviceEvent("vfio_migration_set_device_state", device, `state ${deviceStateName(state)}`);
}

/** QEMU tells of a device that was moved because the guest stopped or runs: P2P first, then the rest. */
export function vmstateText(device: string, state: DeviceState, running: boolean): string {
  const name = deviceStateName(state);
  const event = name.endsWith("_P2P") ? "vfio_vmstate_change_prepare" : "vfio_vmstate_change";
  const why = running ? "running 1 reason running" : "running 0 reason finish-migrate";
  return deviceEvent(event, device, `${why} device state ${name}`);
}

/** What a part of the downtime took. QEMU counts microseconds. */
export function downtimeText(
  name: "vmstate_downtime_save" | "vmstate_downtime_load",
  device: string | null,
  tookNs: number,
): string {
  const took_us = Math.round(tookNs / 1e3);
  return eventText(
    name,
    `type=iterable idstr=${idstr(device)} instance_id=0 downtime=${took_us}`,
  );
}
