import { type Clock, wallClock } from "../../core/clock/mod.ts";
import {
  createSimulatedRam,
  createSimulatedRamLoader,
  createStateMemory,
  type Device,
  fillState,
  type GuestRam,
  type GuestRamLoader,
  type RamProfile,
  ramWireBytes,
  readRecording,
  ReplayedDevice,
  SimulatedDevice,
  type StateMemory,
  zeroState,
} from "../../core/device/mod.ts";
import { type RegionDevice, SimulatedRegionDevice } from "../../core/device/region/mod.ts";
import { VirtioDevice } from "../../core/device/virtio/mod.ts";
import { check } from "../../core/libc/mod.ts";
import type { DeviceSpec } from "../scenario/mod.ts";

/** Which end of the migration a device is built for. */
export type Role = "source" | "destination";

/** A device of either protocol. */
export type AnyDevice = Device | RegionDevice;

/** Builds the devices of one end on the wall clock; throws with none left open. */
export async function buildDevices(
  specs: readonly DeviceSpec[],
  role: Role,
  seed: number,
): Promise<AnyDevice[]> {
  const devices: AnyDevice[] = [];
  try {
    for (const [i, spec] of specs.entries()) {
      devices.push(await buildDevice(spec, role, seed + i, wallClock));
    }
    return devices;
  } catch (error) {
    for (const device of devices) device.close();
    throw error;
  }
}

/** RAM at the source; null where the guest has none. */
export function buildRam(profile: RamProfile, seed: number): GuestRam | null {
  if (profile.size === 0) return null;
  return createSimulatedRam(profile, wallClock, filledMemory("RAM", ramWireBytes(profile), seed));
}

/** RAM at the destination; null where the guest has none. */
export function buildRamLoader(profile: RamProfile): GuestRamLoader | null {
  if (profile.size === 0) return null;
  return createSimulatedRamLoader(profile, zeroedMemory("RAM", ramWireBytes(profile)));
}

async function buildDevice(
  spec: DeviceSpec,
  role: Role,
  seed: number,
  clock: Clock,
): Promise<AnyDevice> {
  const { id } = spec;
  if (spec.kind === "replayed") {
    const recording = await readRecording(spec.capture);
    const device = role === "source"
      ? ReplayedDevice.source(id, recording)
      : ReplayedDevice.destination(id, recording);
    if (typeof device !== "number") return device;
    check(device, "open", `replay ${spec.capture}`);
    throw new Error("unreachable");
  }
  const memory = role === "source"
    ? filledMemory(id, spec.profile.state_size, seed)
    : zeroedMemory(id, spec.profile.state_size);
  if (spec.kind === "virtio") return new VirtioDevice({ id, profile: spec.profile, clock, memory });
  const { profile, region } = spec;
  return region === undefined
    ? new SimulatedDevice({ id, profile, clock, memory })
    : new SimulatedRegionDevice({ id, profile, region: region[role], clock, memory });
}

function emptyMemory(name: string, size: number): StateMemory {
  const memory = createStateMemory(name, size);
  if (typeof memory !== "number") return memory;
  check(memory, "fallocate", `hold ${size} bytes of ${name}'s state in memory`);
  throw new Error("unreachable");
}

function filledMemory(name: string, size: number, seed: number): StateMemory {
  const memory = emptyMemory(name, size);
  check(fillState(memory, seed), "pwrite", `fill ${name}'s state`);
  return memory;
}

function zeroedMemory(name: string, size: number): StateMemory {
  const memory = emptyMemory(name, size);
  check(zeroState(memory), "pwrite", `zero ${name}'s state`);
  return memory;
}
