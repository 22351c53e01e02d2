import { type Clock, wallClock } from "../../core/clock/mod.ts";
import {
  closeRecording,
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
import { withFaults } from "../../core/device/faulty/mod.ts";
import { openKernelDevice } from "../../core/device/kernel/mod.ts";
import { type RegionDevice, SimulatedRegionDevice } from "../../core/device/region/mod.ts";
import { SinkDevice } from "../../core/device/sink/mod.ts";
import { VirtioDevice } from "../../core/device/virtio/mod.ts";
import type { FaultPlan } from "../../core/fault/mod.ts";
import { check } from "../../core/libc/mod.ts";
// From the files themselves: a Worker that reads no scenario need not load what reads one.
import { readDestination } from "../scenario/destination.ts";
import type { DeviceSpec, KernelSpec } from "../scenario/mod.ts";
import { releaseDevices } from "./release_devices.ts";

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

/** Builds the devices of one end on the wall clock; throws with none left open. */
export async function buildDevices(
  specs: readonly DeviceSpec[],
  role: Role,
  seed: number,
  use: RealUse,
  faults: FaultPlan = [],
): Promise<AnyDevice[]> {
  const devices: AnyDevice[] = [];
  try {
    for (const [i, spec] of specs.entries()) {
      const device = spec.kind === "kernel"
        ? openRealDevice(spec, role, use)
        : await buildDevice(spec, role, seed + i, use.clock ?? wallClock);
      devices.push(withFaults(device, faults, role, seed, wallClock));
    }
    return devices;
  } catch (error) {
    releaseDevices(devices);
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

function openRealDevice(spec: KernelSpec, role: Role, use: RealUse): AnyDevice {
  const { id, precopy, p2p } = spec;
  const to = readDestination(spec.to);
  if (role === "source") return openKernelDevice(spec.device, { id, precopy, p2p, ...use });
  if (to.kind === "device") return openKernelDevice(to.device, { id, precopy, p2p, ...use });
  const sink = SinkDevice.open(id, to.path);
  if (typeof sink !== "number") return sink;
  check(sink, "open", `write the state of ${id} to ${to.path ?? "/dev/null"}`);
  throw new Error("unreachable");
}

async function buildDevice(
  spec: Exclude<DeviceSpec, KernelSpec>,
  role: Role,
  seed: number,
  clock: Clock,
): Promise<AnyDevice> {
  const { id } = spec;
  if (spec.kind === "replayed") return await replayedDevice(spec, role, clock);
  const memory = role === "source"
    ? filledMemory(id, spec.profile.state_size, seed)
    : zeroedMemory(id, spec.profile.state_size);
  if (spec.kind === "virtio") return new VirtioDevice({ id, profile: spec.profile, clock, memory });
  const { profile, region } = spec;
  return region === undefined
    ? new SimulatedDevice({ id, profile, clock, memory })
    : new SimulatedRegionDevice({ id, profile, region: region[role], clock, memory });
}

async function replayedDevice(
  { id, capture, recording: open, replay_timing, replay_speed }: Extract<
    DeviceSpec,
    { kind: "replayed" }
  >,
  role: Role,
  clock: Clock,
): Promise<Device> {
  const recording = open ?? await readRecording(capture);
  try {
    const timing = replay_timing === "recorded" ? { clock, speed: replay_speed } : null;
    const device = role === "source"
      ? ReplayedDevice.source(id, recording, timing)
      : ReplayedDevice.destination(id, recording, timing);
    if (typeof device !== "number") return device;
    check(device, "open", `replay ${capture}`);
    throw new Error("unreachable");
  } finally {
    if (open === undefined) closeRecording(recording);
  }
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
