// From the files themselves, and what a simulated data_fd does not need only where a plan has it: a trial's Workers
// are new ones, and what they load is waited for every time (worker_modules_test.ts).
import type { Clock } from "../../core/clock/mod.ts";
import { wallClock } from "../../core/clock/wall_clock.ts";
import type { Device, GuestRam, GuestRamLoader, RamProfile } from "../../core/device/mod.ts";
import type { RegionDevice } from "../../core/device/region/mod.ts";
import { SimulatedDevice } from "../../core/device/simulated/simulated_device.ts";
import {
  createSimulatedRam,
  createSimulatedRamLoader,
  ramWireBytes,
} from "../../core/device/simulated/simulated_ram.ts";
import {
  fillState,
  type StateMemory,
  zeroState,
} from "../../core/device/simulated/state_memory.ts";
import type { FaultPlan } from "../../core/fault/mod.ts";
import { check } from "../../core/libc/mod.ts";
import type { DeviceSpec } from "../scenario/mod.ts";
import { releaseDevices } from "./release_devices.ts";
import { createStateSupply, type StateSupply } from "./state_supply.ts";

/** Which end of the migration a device is built for. */
export type Role = "source" | "destination";

/** A device of either protocol. */
export type AnyDevice = Device | RegionDevice;

/** What real devices go by. */
export interface RealUse {
  /** How long a read may wait for a driver that has nothing ready. */
  readonly waitMs: number;
  /** One word: not 0 once nobody wants to wait any more. */
  readonly cancel: SharedArrayBuffer;
  /** What simulated devices go by; the machine's unless given. */
  readonly clock?: Clock;
}

/** What the devices of one end are made with. */
export interface BuildUse extends RealUse {
  /** Where their memory is from; new unless given. */
  readonly supply?: StateSupply;
}

/** Builds the devices of one end on the wall clock; throws with none left open. */
export async function buildDevices(
  specs: readonly DeviceSpec[],
  role: Role,
  seed: number,
  { supply = createStateSupply([]), ...use }: BuildUse,
  faults: FaultPlan = [],
): Promise<AnyDevice[]> {
  const devices: AnyDevice[] = [];
  try {
    for (const [i, spec] of specs.entries()) {
      const device = await buildDevice(spec, role, seed + i, supply, use);
      devices.push(faults.length === 0 ? device : await faulty(device, faults, role, seed));
    }
    return devices;
  } catch (error) {
    releaseDevices(devices);
    throw error;
  }
}

/** RAM at the source; null where the guest has none. */
export function buildRam(profile: RamProfile, seed: number, supply: StateSupply): GuestRam | null {
  if (profile.size === 0) return null;
  const memory = filledMemory(supply, "RAM", ramWireBytes(profile), seed);
  return createSimulatedRam(profile, wallClock, memory);
}

/** RAM at the destination; null where the guest has none. */
export function buildRamLoader(profile: RamProfile, supply: StateSupply): GuestRamLoader | null {
  if (profile.size === 0) return null;
  return createSimulatedRamLoader(profile, zeroedMemory(supply, "RAM", ramWireBytes(profile)));
}

async function buildDevice(
  spec: DeviceSpec,
  role: Role,
  seed: number,
  supply: StateSupply,
  use: RealUse,
): Promise<AnyDevice> {
  if (spec.kind === "kernel") {
    const { openRealDevice } = await import("./open_real_device.ts");
    return openRealDevice(spec, role, use);
  }
  if (spec.kind === "replayed") {
    const { openReplayedDevice } = await import("./open_replayed_device.ts");
    return await openReplayedDevice(spec, role, use.clock ?? wallClock);
  }
  const { id } = spec;
  const { clock = wallClock } = use;
  const memory = () =>
    role === "source"
      ? filledMemory(supply, id, spec.profile.state_size, seed)
      : zeroedMemory(supply, id, spec.profile.state_size);
  if (spec.kind === "virtio") {
    const { VirtioDevice } = await import("../../core/device/virtio/virtio_device.ts");
    return new VirtioDevice({ id, profile: spec.profile, clock, memory: memory() });
  }
  const { profile, region } = spec;
  if (region === undefined) {
    return new SimulatedDevice({ id, profile, clock, memory: memory() });
  }
  const { SimulatedRegionDevice } = await import("../../core/device/region/mod.ts");
  const options = { id, profile, region: region[role], clock };
  return new SimulatedRegionDevice({ ...options, memory: memory() });
}

async function faulty(
  device: AnyDevice,
  faults: FaultPlan,
  role: Role,
  seed: number,
): Promise<AnyDevice> {
  const { withFaults } = await import("../../core/device/faulty/mod.ts");
  return withFaults(device, faults, role, seed, wallClock);
}

function emptyMemory(supply: StateSupply, name: string, size: number): StateMemory {
  const memory = supply.take(name, size);
  if (typeof memory !== "number") return memory;
  check(memory, "fallocate", `hold ${size} bytes of ${name}'s state in memory`);
  throw new Error("unreachable");
}

function filledMemory(
  supply: StateSupply,
  name: string,
  size: number,
  seed: number,
): StateMemory {
  const memory = emptyMemory(supply, name, size);
  check(fillState(memory, seed), "pwrite", `fill ${name}'s state`);
  return memory;
}

function zeroedMemory(supply: StateSupply, name: string, size: number): StateMemory {
  const memory = emptyMemory(supply, name, size);
  check(zeroState(memory), "pwrite", `zero ${name}'s state`);
  return memory;
}
