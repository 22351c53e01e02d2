import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  closeChannel,
  createReceiver,
  createSender,
  type OpenChannel,
  openChannel,
} from "../channel/mod.ts";
import { wallClock } from "../clock/mod.ts";
import {
  compareImages,
  createSimulatedRam,
  createSimulatedRamLoader,
  createStateMemory,
  type Device,
  type DeviceProfile,
  fillState,
  GENERIC_PROFILE,
  type GuestRam,
  type GuestRamLoader,
  SimulatedDevice,
  type StateMemory,
} from "../device/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { DEVICE_STATE } from "../vfio/mod.ts";
import {
  type DestinationReport,
  type MigrationOptions,
  NO_COSTS,
  POLICIES,
  type PolicyName,
  runDestination,
  runSource,
  type SourceReport,
} from "./mod.ts";

const MIB = 1024 * 1024;

const OPTIONS: MigrationOptions = {
  bufferSize: 64 * 1024,
  downtimeLimitMs: 300,
  maxBandwidth: 0,
  availSwitchoverBandwidth: 0,
  switchoverAck: false,
  switchoverAckLegacy: false,
  xEnableMigration: true,
  pauseBeforeSwitchoverMs: 0,
  guestPausedAtMs: Infinity,
  cancelAtMs: Infinity,
  returnPath: true,
  reinit: true,
  maxTimeMs: 10_000,
};

function memoryOf(size: number, seed: number | null): StateMemory {
  const memory = createStateMemory("state", size);
  if (typeof memory === "number") throw new Error(`Cannot make a state: received ${memory}`);
  if (seed !== null) fillState(memory, seed);
  return memory;
}

function device(id: string, profile: DeviceProfile, seed: number | null): SimulatedDevice {
  const memory = memoryOf(profile.state_size, seed);
  return new SimulatedDevice({ id, profile, clock: wallClock, memory });
}

interface Migration {
  readonly source: SourceReport;
  readonly destination: DestinationReport;
  /** Offsets of the first differences, -1 for none; devices, then RAM. */
  readonly differences: readonly number[];
  readonly states: readonly number[];
}

interface Setup {
  readonly profiles: readonly Partial<DeviceProfile>[];
  readonly policy?: PolicyName;
  readonly options?: Partial<MigrationOptions>;
  readonly ram?: { size: number; dirty_rate: number; dirty_span: number };
  readonly isCancelled?: () => boolean;
  /** Puts something else in a device's place. */
  readonly wrapSource?: (device: Device) => Device;
  readonly wrapDestination?: (device: Device) => Device;
}

/** Plays a migration through a file: first the source, then the destination, in one thread. */
function migrate(setup: Setup): Migration {
  const path = Deno.makeTempFileSync();
  const options = { ...OPTIONS, ...setup.options };
  const channel: OpenChannel = openChannel({
    kind: "file",
    bufferSize: options.bufferSize,
    ringSlots: 0,
    port: 0,
    path,
  });
  const profiles = setup.profiles.map((profile) => ({ ...GENERIC_PROFILE, ...profile }));
  const sources = profiles.map((profile, i) => device(`nic${i}`, profile, i + 1));
  const destinations = profiles.map((profile, i) => device(`nic${i}`, profile, null));
  const ram: GuestRam | null = setup.ram === undefined
    ? null
    : createSimulatedRam(setup.ram, wallClock, memoryOf(setup.ram.size, 99));
  const loader: GuestRamLoader | null = setup.ram === undefined
    ? null
    : createSimulatedRamLoader(setup.ram, memoryOf(setup.ram.size, null));
  const policy = POLICIES[setup.policy ?? "qemu-9.2"];
  try {
    const source = runSource({
      devices: sources.map((d) => setup.wrapSource?.(d) ?? d),
      ram,
      policy,
      options,
      clock: wallClock,
      costs: NO_COSTS,
      sender: createSender(channel.source),
      isCancelled: setup.isCancelled ?? (() => false),
      onRead: null,
    });
    const destination = runDestination({
      devices: destinations.map((d) => setup.wrapDestination?.(d) ?? d),
      ram: loader,
      policy,
      options,
      clock: wallClock,
      costs: NO_COSTS,
      receiver: createReceiver(channel.destination),
      onWrite: null,
    });
    const pairs = [
      ...sources.map((d, i) => [d.image(), destinations[i]?.image()] as const),
      [
        ram?.image(),
        loader?.image(),
      ] as const,
    ];
    return {
      source,
      destination,
      differences: pairs.flatMap(([a, b]) => a && b ? [compareImages(a, b)] : []),
      states: sources.map((d) => d.getState()),
    };
  } finally {
    for (const one of [...sources, ...destinations, ram, loader]) one?.close();
    closeChannel(channel);
    Deno.removeSync(path);
  }
}

/** The device, with one of its calls replaced. */
function withCall(inner: Device, call: Partial<Device>): Device {
  return new Proxy(inner, {
    get(target, key) {
      const replaced = Reflect.get(call, key);
      if (replaced !== undefined) return replaced;
      const value = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

for (const policy of ["qemu-8.1", "qemu-9.2", "qemu-11.1"] as const) {
  Deno.test(`${policy}: two dirtied devices and RAM arrive byte for byte`, () => {
    const { source, destination, differences, states } = migrate({
      policy,
      profiles: [
        { state_size: 8 * MIB, dirty_rate: 64e6, dirty_span: MIB },
        { state_size: 4 * MIB, initial_fraction: 0.5 },
      ],
      ram: { size: 16 * MIB, dirty_rate: 8e6, dirty_span: 2 * MIB },
    });
    assertEquals(source.failure, null);
    assertEquals(destination.failure, null);
    assertEquals(destination.refusals, []);
    assertEquals(differences, [-1, -1, -1]);
    assertEquals(states, [DEVICE_STATE.STOP, DEVICE_STATE.STOP]);
  });
}

Deno.test("a device without PRE_COPY moves all of its state in stop-copy", () => {
  const { source, differences } = migrate({ profiles: [{ state_size: 2 * MIB, precopy: false }] });
  assertEquals(differences, [-1]);
  assertEquals(source.devices[0]?.precopyBytes, 0);
  assertEquals((source.devices[0]?.stopCopyBytes ?? 0) > 2 * MIB, true);
});

Deno.test("a migration that is cancelled in precopy leaves its device RUNNING", () => {
  const { source, states } = migrate({
    profiles: [{ state_size: MIB }],
    isCancelled: () => true,
  });
  assertEquals(source.failure?.cancelled, true);
  assertEquals(states, [DEVICE_STATE.RUNNING]);
});

Deno.test("a migration that cannot converge says whose answer kept it from switching over", () => {
  const { source, states } = migrate({
    // Up to 11.0 a device whose estimate is 0 before the first window closes is not even asked.
    policy: "qemu-11.1",
    profiles: [{ state_size: MIB, stop_copy_report: "error" }],
    options: { maxTimeMs: 250 },
  });
  assertStringIncludes(source.failure?.message ?? "", "Cannot switch over within 250 ms");
  assertStringIncludes(source.failure?.message ?? "", "nic0 did not answer MIG_DATA_SIZE");
  assertEquals(states, [DEVICE_STATE.RUNNING]);
});

Deno.test("a read that fails in stop-copy names device, phase, call and errno, and the guest goes on", () => {
  const { source, states } = migrate({
    profiles: [{ state_size: MIB, precopy: false }],
    wrapSource: (d) => withCall(d, { read: () => -ERRNO.EIO }),
  });
  const { device, phase, call, errno } = source.failure ?? {};
  assertEquals({ device, phase, call, errno }, {
    device: "nic0",
    phase: "stop-copy",
    call: "read",
    errno: "EIO",
  });
  assertEquals(states, [DEVICE_STATE.RUNNING]);
});

Deno.test("a device that fails to stop is reset, and the migration fails after SWITCHOVER_START", () => {
  const { source, states } = migrate({
    profiles: [{ state_size: MIB }],
    wrapSource: (d) =>
      withCall(d, {
        setState: (state) => state === DEVICE_STATE.STOP_COPY ? -ERRNO.EIO : d.setState(state),
      }),
  });
  assertEquals(source.failure?.call, "SET MIG_DEVICE_STATE");
  assertEquals(source.failure?.phase, "switchover");
  assertEquals(states, [DEVICE_STATE.RUNNING]);
});

Deno.test("a destination that refuses its data is reset and runs on: only the report tells", () => {
  let dropped = false;
  const { destination, source } = migrate({
    profiles: [{ state_size: MIB, precopy: false }],
    wrapDestination: (d) =>
      withCall(d, {
        // Swallows the first write, so that the stream is incomplete.
        write: (region, offset, length) => {
          if (dropped) return d.write(region, offset, length);
          dropped = true;
          return d.write(region, offset, 0) + length;
        },
      }),
  });
  assertEquals(source.failure, null);
  assertEquals(destination.failure?.device ?? destination.refusals[0]?.device, "nic0");
});
