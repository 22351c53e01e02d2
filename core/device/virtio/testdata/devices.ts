import { type Clock, createVirtualClock, type VirtualClock } from "../../../clock/mod.ts";
import { regionOf } from "../../../libc/mod.ts";
import type { PrecopyInfo } from "../../../vfio/mod.ts";
import type { Device } from "../../device.ts";
import { memoryOf } from "../../simulated/testdata/memory.ts";
import { MIGRATION_HEADER_SIZE, writeMigrationHeader } from "../migration_header.ts";
import { createPartsObjects, type PartsObjects } from "../parts_objects.ts";
import { VirtioDevice } from "../virtio_device.ts";
import { VIRTIO_PROFILE, type VirtioProfile } from "../virtio_profile.ts";

export const HEADER = MIGRATION_HEADER_SIZE;
export const MS = 1e6;
/** 1000 bytes of state; nothing costs anything. */
export const SMALL: VirtioProfile = {
  ...VIRTIO_PROFILE,
  state_size: 1000,
  admin_command_ms: 0,
  save_rate: 0,
  load_rate: 0,
  suspend_ms: 0,
  resume_ms: 0,
  prepare_ms: 0,
};
/** One record of SMALL. */
export const RECORD = HEADER + 1000;

/** A device without bytes, and its clock. */
export function deviceOf(
  profile: Partial<VirtioProfile> = {},
  objects: PartsObjects = createPartsObjects(),
): [VirtioDevice, VirtualClock] {
  const clock = createVirtualClock();
  const whole = { ...SMALL, ...profile };
  return [new VirtioDevice({ id: "from", profile: whole, clock, memory: null, objects }), clock];
}

/** A destination without bytes that follows what this device sends. */
export function loaderOf(
  source: VirtioDevice,
  profile: Partial<VirtioProfile> = {},
  clock: VirtualClock = createVirtualClock(),
): [VirtioDevice, VirtualClock] {
  const headerFeed = source.stream.headerLog;
  const whole = { ...SMALL, ...profile };
  return [new VirtioDevice({ id: "to", profile: whole, clock, memory: null, headerFeed }), clock];
}

/** A device with bytes: filled from the seed, or zeros where there is none. */
export function realDeviceOf(
  profile: Partial<VirtioProfile>,
  clock: Clock,
  seed: number | null,
): VirtioDevice {
  const whole = { ...SMALL, ...profile };
  const memory = memoryOf(whole.state_size, seed);
  return new VirtioDevice({ id: "real", profile: whole, clock, memory });
}

/** Precopy info, or the errno. */
export function infoOf(device: Device, flags = 0): PrecopyInfo | number {
  const info = { flags, initialBytes: -1, dirtyBytes: -1 };
  const result = device.getPrecopyInfo(info);
  return result < 0 ? result : info;
}

/** initial_bytes and dirty_bytes, or the errno. */
export function leftOf(device: Device): [number, number] | number {
  const info = infoOf(device);
  return typeof info === "number" ? info : [info.initialBytes, info.dirtyBytes];
}

export function sizeOf(device: Device): number {
  const size = { stopCopyLength: -1 };
  const result = device.getDataSize(size);
  return result < 0 ? result : size.stopCopyLength;
}

/** Writes all of the bytes; what the device answered. */
export function writeBytes(device: Device, bytes: Uint8Array): number {
  const region = regionOf(new ArrayBuffer(Math.max(bytes.length, 1)));
  region.bytes.set(bytes);
  return device.write(region, 0, bytes.length);
}

/** A record of the stream. */
export function recordOf(body: Uint8Array, flags = 0, tag = 0): Uint8Array {
  const record = new Uint8Array(HEADER + body.length);
  const header = { recordSize: body.length, flags, tag };
  writeMigrationHeader(new DataView(record.buffer), 0, header);
  record.set(body, HEADER);
  return record;
}
