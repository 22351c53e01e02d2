/** Run in the guest: deno task test:vfio. The engine on real devices, both halves of it in one thread. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { wallClock } from "../clock/mod.ts";
import { bringBack, type KernelDevice, openKernelDevice } from "../device/kernel/mod.ts";
import {
  fileOf,
  freshMigdevs,
  getMigdev,
  mttys,
  setMigdev,
  WAYS,
} from "../device/kernel/testdata/guest_devices.ts";
import { countOpenFds } from "../libc/mod.ts";
import {
  type DestinationReport,
  type MigrationOptions,
  NO_COSTS,
  POLICIES,
  runSource,
  type SourceReport,
} from "./mod.ts";
import { createDirectDestination } from "./testdata/direct_channel.ts";
import { OPTIONS } from "./testdata/virtual_setup.ts";

const MIGDEVS: readonly string[] = ["migdev.0", "migdev.1"];

/** Far off, so that a slow machine changes nothing; and with no RAM a wait for an ack measures a bandwidth of 0. */
const LIMITS = { maxTimeMs: 600_000, availSwitchoverBandwidth: 1e9 };

interface Played {
  readonly source: SourceReport;
  readonly destination: DestinationReport;
  /** What kept the devices from RUNNING afterwards. */
  readonly obstacles: readonly string[];
}

interface Setup {
  /** The two devices' names; the first two migdevs unless given. */
  readonly names?: readonly string[];
  readonly way?: "group" | "cdev";
  readonly options?: Partial<MigrationOptions>;
  /** Called once both are open. */
  spoil?(): void;
  /** What happens before that pass. */
  readonly at?: number;
  act?(): void;
}

/** Migrates the first device to the second and sees that no fd stays. */
function play({ way = "cdev", names = MIGDEVS, spoil, at = 0, act, ...setup }: Setup): Played {
  const before = countOpenFds();
  const [from, to] = names.map((id) => openKernelDevice(fileOf(id, way), { id }));
  assert(from !== undefined && to !== undefined);
  spoil?.();
  const options = { ...OPTIONS, ...LIMITS, ...setup.options };
  const common = { ram: null, policy: POLICIES["qemu-11.1"], clock: wallClock, costs: NO_COSTS };
  const { sender, report } = createDirectDestination({
    ...common,
    options,
    devices: [to],
    onWrite: null,
  });
  let passes = 0;
  const source = runSource({
    ...common,
    options,
    devices: [from],
    sender,
    isCancelled() {
      if (++passes === at) act?.();
      return false;
    },
    onRead: null,
  });
  const obstacles = obstaclesOf(from, to);
  from.close();
  to.close();
  assertEquals(countOpenFds(), before);
  return { source, destination: report(), obstacles };
}

function obstaclesOf(...devices: KernelDevice[]): string[] {
  return devices.map(bringBack).filter((why) => why !== null);
}

for (const way of WAYS) {
  Deno.test(`by ${way}, 256 MiB that are dirtied during precopy: accepted by the driver, both devices RUNNING`, () => {
    freshMigdevs({
      state_size: "256M",
      dirty_every_reads: 16,
      dirty_read_size: "1M",
      dirty_span: "8M",
    });
    const { source, destination, obstacles } = play({ way, options: { switchoverAck: true } });
    assertEquals([source.failure, destination.failure, destination.refusals], [null, null, []]);
    assertEquals([source.devices[0]?.leftIn, obstacles], ["STOP", []]);
    assert((source.devices[0]?.precopyBytes ?? 0) > 256 * 1024 * 1024);
    assertEquals(getMigdev("migdev.1", "checksum"), getMigdev("migdev.0", "checksum"));
    freshMigdevs();
  });
}

for (const way of WAYS) {
  Deno.test(`mtty to mtty by ${way}, whose reads of 0 in precopy are no end: accepted by the driver`, () => {
    const options = { switchoverAck: true };
    const { source, destination, obstacles } = play({ way, names: mttys(), options });
    assertEquals([source.failure, destination.failure, destination.refusals], [null, null, []]);
    assertEquals(obstacles, []);
    const [device] = source.devices;
    assert(device !== undefined && device.precopyBytes > 0 && device.stopCopyBytes > 0);
    assertEquals(destination.devices[0]?.loadedBytes, device.precopyBytes + device.stopCopyBytes);
  });
}

Deno.test("REINIT is seen, acked again, and switched over", () => {
  // As the last initial data is read: the record's head and 16 buffers.
  freshMigdevs({ state_size: "16M", reinit_at_reads: "17", reinit_size: "4M" });
  const { source, destination } = play({ options: { switchoverAck: true } });
  assertEquals([source.failure, destination.failure, destination.refusals], [null, null, []]);
  const events = source.events.map(({ event }) => event);
  const count = (name: string) => events.filter((event) => event === name).length;
  assertEquals([count("reinit"), count("init_data_sent"), count("switchover_acked")], [1, 2, 2]);
  assert(events.lastIndexOf("switchover_acked") < events.indexOf("switchover"));
  assert((source.devices[0]?.precopyBytes ?? 0) >= 20 * 1024 * 1024);
  assertEquals(getMigdev("migdev.1", "checksum"), getMigdev("migdev.0", "checksum"));
});

/** What goes wrong at the source, what is said of it, and where that leaves the device. */
const SOURCE_FAILURES: readonly {
  readonly what: string;
  spoil(): void;
  readonly at?: number;
  act(): void;
  readonly phase: string;
  readonly call: string;
  readonly errno: string;
}[] = [
  {
    what: "a device that falls to ERROR in precopy",
    spoil() {},
    at: 3,
    act: () => setMigdev("migdev.0", { error: 1 }),
    phase: "precopy",
    call: "read",
    errno: "ENODEV",
  },
  {
    what: "a read that fails",
    spoil: () => setMigdev("migdev.0", { fail_read: "4 EIO" }),
    act() {},
    phase: "precopy",
    call: "read",
    errno: "EIO",
  },
  {
    what: "PRE_COPY that cannot be entered",
    spoil: () => setMigdev("migdev.0", { fail_state: "PRE_COPY EBUSY" }),
    act() {},
    phase: "setup",
    call: "SET MIG_DEVICE_STATE",
    errno: "EBUSY",
  },
  {
    what: "STOP_COPY that cannot be entered",
    spoil: () => setMigdev("migdev.0", { fail_state: "STOP_COPY EIO" }),
    act() {},
    phase: "switchover",
    call: "SET MIG_DEVICE_STATE",
    errno: "EIO",
  },
  {
    what: "STOP_COPY that ends in ERROR",
    spoil: () => setMigdev("migdev.0", { fail_state: "STOP_COPY EIO ERROR" }),
    act() {},
    phase: "switchover",
    call: "SET MIG_DEVICE_STATE",
    errno: "EIO",
  },
];

for (const { what, spoil, at, act, phase, call, errno } of SOURCE_FAILURES) {
  Deno.test(`${what}: one error with device, phase, call and errno, and RUNNING again`, () => {
    freshMigdevs({ state_size: "8M" });
    const { source, obstacles } = play({
      options: { switchoverAck: true },
      spoil,
      ...(at === undefined ? {} : { at, act }),
    });
    const { failure } = source;
    assertEquals([failure?.device, failure?.phase, failure?.call, failure?.errno], [
      "migdev.0",
      phase,
      call,
      errno,
    ]);
    assertEquals(failure?.message.includes("\n"), false);
    assertEquals([source.devices[0]?.leftIn, obstacles], ["RUNNING", []]);
  });
}

Deno.test("a device that is unplugged in precopy: ENODEV, and it is told that it cannot be brought back", () => {
  freshMigdevs({ state_size: "8M" });
  const unplug = () => setMigdev("migdev.0", { unplug: 1 });
  const { source, obstacles } = play({ options: { switchoverAck: true }, at: 3, act: unplug });
  const { failure } = source;
  assertEquals([failure?.phase, failure?.call, failure?.errno], ["precopy", "read", "ENODEV"]);
  assertStringIncludes(failure?.message ?? "", "migdev.0 is left in ERROR");
  assertEquals(obstacles.length, 1);
  assertStringIncludes(obstacles[0] ?? "", "ENODEV");
  setMigdev("migdev.0", { unplug: 0 });
});

Deno.test("a write that fails is the destination's failure, and both devices run again", () => {
  freshMigdevs({ state_size: "8M" });
  const spoil = () => setMigdev("migdev.1", { fail_write: "5 ENOMEM" });
  const { destination, obstacles } = play({ spoil });
  const { failure } = destination;
  assertEquals([failure?.device, failure?.phase, failure?.call, failure?.errno], [
    "migdev.1",
    "load",
    "write",
    "ENOMEM",
  ]);
  assertEquals(obstacles, []);
});

Deno.test("what the driver finds wrong at RESUMING -> STOP is a refusal", () => {
  freshMigdevs({ state_size: "8M" });
  const { destination, obstacles } = play({
    spoil: () => setMigdev("migdev.1", { corrupt: 4096 }),
  });
  const [refusal] = destination.refusals;
  assertEquals([refusal?.phase, refusal?.call, refusal?.errno], [
    "resume",
    "SET MIG_DEVICE_STATE",
    "EBADMSG",
  ]);
  assertEquals(obstacles, []);
  freshMigdevs();
});
