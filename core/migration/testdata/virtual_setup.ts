import { createLane, type VirtualClock } from "../../clock/mod.ts";
import {
  createSimulatedRam,
  createSimulatedRamLoader,
  type Device,
  type DeviceProfile,
  GENERIC_PROFILE,
  SimulatedDevice,
} from "../../device/mod.ts";
import {
  type HostCosts,
  type MigrationOptions,
  POLICIES,
  type PolicyName,
  runVirtualMigration,
  type VirtualPart,
  type VirtualReport,
} from "../mod.ts";

export const MIB = 1024 * 1024;

/** A migration on the virtual clock, by what is special about it. */
export interface VirtualSetup {
  readonly profiles: readonly Partial<DeviceProfile>[];
  readonly policy?: PolicyName;
  readonly destinationPolicy?: PolicyName;
  readonly options?: Partial<MigrationOptions>;
  readonly destinationOptions?: Partial<MigrationOptions>;
  readonly ram?: {
    readonly size: number;
    readonly dirty_rate: number;
    readonly dirty_span: number;
  };
  /** Bytes per second, and one way. */
  readonly bandwidth?: number;
  readonly latencyNs?: number;
  readonly costs?: Partial<HostCosts>;
  readonly bulk?: boolean;
  readonly multifd?: { readonly channels: number; readonly maxQueuedBytes: number };
  /** Puts something else in a device's place. */
  readonly wrapSource?: (device: Device, clock: VirtualClock) => Device;
  readonly wrapDestination?: (device: Device, clock: VirtualClock) => Device;
}

export const OPTIONS: MigrationOptions = {
  bufferSize: MIB,
  downtimeLimitMs: 300,
  maxBandwidth: 0,
  availSwitchoverBandwidth: 0,
  switchoverAck: false,
  switchoverAckLegacy: false,
  returnPath: true,
  reinit: true,
  xEnableMigration: true,
  pauseBeforeSwitchoverMs: 0,
  guestPausedAtMs: Infinity,
  cancelAtMs: Infinity,
  maxTimeMs: 5_000,
};

const NO_RAM = { size: 0, dirty_rate: 0, dirty_span: 0 };
const COSTS: HostCosts = { passNs: 5_000, queryNs: 50_000, stopNs: 0, configNs: 0, startNs: 0 };

/** Devices nic0, nic1, ... of these profiles over GENERIC_PROFILE, migrated on the virtual clock. */
export function playVirtual(setup: VirtualSetup): VirtualReport {
  const { policy = "qemu-11.1", destinationPolicy = policy, ram = NO_RAM } = setup;
  const { wrapSource = (device) => device, wrapDestination = (device) => device } = setup;
  const options = { ...OPTIONS, ...setup.options };
  return runVirtualMigration({
    policy: POLICIES[policy],
    destinationPolicy: POLICIES[destinationPolicy],
    options,
    destinationOptions: { ...options, ...setup.destinationOptions },
    costs: { ...COSTS, ...setup.costs },
    link: {
      bandwidth: setup.bandwidth ?? 12.5e9,
      latency_ns: setup.latencyNs ?? 50_000,
      window: 10 * MIB,
    },
    bulk: setup.bulk ?? true,
    multifd: setup.multifd ?? null,
    build(sourceClock, destinationClock) {
      const sources: VirtualPart[] = [];
      const destinations: VirtualPart[] = [];
      for (const [i, given] of setup.profiles.entries()) {
        const common = { id: `nic${i}`, profile: { ...GENERIC_PROFILE, ...given }, memory: null };
        const [there, here] = [createLane(destinationClock), createLane(sourceClock)];
        const saving = new SimulatedDevice({ ...common, clock: here });
        const headerFeed = saving.stream.headerLog;
        const loading = new SimulatedDevice({ ...common, clock: there, headerFeed });
        sources.push({ device: wrapSource(saving, here), lane: here });
        destinations.push({ device: wrapDestination(loading, there), lane: there });
      }
      if (ram.size === 0) return { sources, destinations, ram: null, ramLoader: null };
      const guestRam = createSimulatedRam(ram, sourceClock, null);
      const ramLoader = createSimulatedRamLoader(ram, null, guestRam.stream.headerLog);
      return { sources, destinations, ram: guestRam, ramLoader };
    },
  });
}

/** A device with some of its calls replaced; the others go through. */
export function wrapDevice(device: Device, calls: Partial<Device>): Device {
  return {
    id: device.id,
    migrationFlags: device.migrationFlags,
    getState: () => device.getState(),
    setState: (state) => device.setState(state),
    setPrecopyInfoV2: () => device.setPrecopyInfoV2(),
    getDataSize: (out) => device.getDataSize(out),
    getPrecopyInfo: (out) => device.getPrecopyInfo(out),
    read: (region, length, calls) => device.read(region, length, calls),
    write: (region, offset, length) => device.write(region, offset, length),
    reset: () => device.reset(),
    image: () => device.image(),
    close: () => device.close(),
    ...calls,
  };
}

/** When an event of the source happened, in milliseconds from its start; undefined where it did not. */
export function eventMs({ source }: VirtualReport, name: string): number | undefined {
  const event = source.events.find((one) => one.event === name);
  return event && (event.atNs - source.startNs) / 1e6;
}

/** The guest-visible downtime in milliseconds; NaN where the migration failed. */
export function downtimeMs(
  { source, destination }: Pick<VirtualReport, "source" | "destination">,
): number {
  if (source.switchover === null || destination.runningNs === null) return NaN;
  return (destination.runningNs - source.switchover.decidedNs) / 1e6;
}
