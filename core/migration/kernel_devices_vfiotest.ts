/**
 * Run in the guest: deno task test:vfio. The engine on real devices, both halves in one thread, one after the other
 * over a file.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { closeChannel, createReceiver, createSender, openChannel } from "../channel/mod.ts";
import { wallClock } from "../clock/mod.ts";
import { bringBack, type KernelDevice, openKernelDevice } from "../device/kernel/mod.ts";
import { countOpenFds } from "../libc/mod.ts";
import {
  fileOf,
  freshMigdevs,
  getMigdev,
  setMigdev,
} from "../device/kernel/testdata/guest_devices.ts";
import {
  type DestinationReport,
  NO_COSTS,
  POLICIES,
  runDestination,
  runSource,
  type SourceReport,
} from "./mod.ts";
import { OPTIONS } from "./testdata/virtual_setup.ts";

interface Played {
  readonly source: SourceReport;
  readonly destination: DestinationReport | null;
  /** What kept the devices from RUNNING afterwards. */
  readonly obstacles: readonly string[];
}

/** Migrates migdev.0 to migdev.1 and sees that no fd stays; `spoil` is called once both are open. */
function play(spoil: () => void, passes: { at?: number; act?: () => void } = {}): Played {
  const before = countOpenFds();
  const path = Deno.makeTempFileSync();
  const channel = openChannel({ kind: "file", bufferSize: 65536, ringSlots: 0, port: 0, path });
  const [from, to] = ["migdev.0", "migdev.1"].map((id) =>
    openKernelDevice(fileOf(id, "cdev"), { id })
  );
  assert(from !== undefined && to !== undefined);
  spoil();
  const played = migrate(from, to, channel, passes);
  from.close();
  to.close();
  closeChannel(channel);
  Deno.removeSync(path);
  assertEquals(countOpenFds(), before);
  return played;
}

function migrate(
  from: KernelDevice,
  to: KernelDevice,
  channel: ReturnType<typeof openChannel>,
  { at = 0, act = () => {} }: { at?: number; act?: () => void },
): Played {
  const common = { ram: null, policy: POLICIES["qemu-11.1"], options: OPTIONS };
  const sender = createSender(channel.source, { deviceIds: ["migdev.0"], ramSize: 0 });
  let passes = 0;
  const source = runSource({
    ...common,
    devices: [from],
    clock: wallClock,
    costs: NO_COSTS,
    sender,
    isCancelled() {
      if (++passes === at) act();
      return false;
    },
    onRead: null,
  });
  sender.close();
  if (source.failure !== null) {
    return { source, destination: null, obstacles: obstaclesOf(from, to) };
  }
  const receiver = createReceiver(channel.destination);
  const destination = runDestination({
    ...common,
    devices: [to],
    clock: wallClock,
    costs: NO_COSTS,
    receiver,
    onWrite: null,
  });
  receiver.close();
  return { source, destination, obstacles: obstaclesOf(from, to) };
}

function obstaclesOf(...devices: KernelDevice[]): string[] {
  return devices.map(bringBack).filter((why) => why !== null);
}

Deno.test("a migration ends with the state accepted by the driver, and both devices RUNNING", () => {
  freshMigdevs({ state_size: "8M", dirty_rate: "4M" });
  const { source, destination, obstacles } = play(() => {});
  assertEquals([source.failure, destination?.failure, destination?.refusals], [null, null, []]);
  assertEquals([source.devices[0]?.leftIn, obstacles], ["STOP", []]);
  assertEquals(getMigdev("migdev.1", "checksum"), getMigdev("migdev.0", "checksum"));
});

/** What goes wrong at the source, what is said of it, and where that leaves the device. */
const SOURCE_FAILURES: readonly {
  readonly what: string;
  spoil(): void;
  readonly at?: number;
  act?(): void;
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
    errno: "EIO",
  },
  {
    what: "a read that fails",
    spoil: () => setMigdev("migdev.0", { fail_read: "4 EIO" }),
    phase: "precopy",
    call: "read",
    errno: "EIO",
  },
  {
    what: "PRE_COPY that cannot be entered",
    spoil: () => setMigdev("migdev.0", { fail_state: "PRE_COPY EBUSY" }),
    phase: "setup",
    call: "SET MIG_DEVICE_STATE",
    errno: "EBUSY",
  },
  {
    what: "STOP_COPY that cannot be entered",
    spoil: () => setMigdev("migdev.0", { fail_state: "STOP_COPY EIO" }),
    phase: "switchover",
    call: "SET MIG_DEVICE_STATE",
    errno: "EIO",
  },
  {
    what: "STOP_COPY that ends in ERROR",
    spoil: () => setMigdev("migdev.0", { fail_state: "STOP_COPY EIO ERROR" }),
    phase: "switchover",
    call: "SET MIG_DEVICE_STATE",
    errno: "EIO",
  },
];

for (const { what, spoil, at, act, phase, call, errno } of SOURCE_FAILURES) {
  Deno.test(`${what}: one error with device, phase, call and errno, and RUNNING again`, () => {
    freshMigdevs({ state_size: "8M" });
    const { source, obstacles } = play(spoil, {
      ...(at === undefined ? {} : { at }),
      ...(act === undefined ? {} : { act }),
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
  const { source, obstacles } = play(() => {}, { at: 3, act: unplug });
  const { failure } = source;
  assertEquals([failure?.phase, failure?.call, failure?.errno], ["precopy", "read", "ENODEV"]);
  assertStringIncludes(failure?.message ?? "", "migdev.0 is left in ERROR");
  assertEquals(obstacles.length, 1);
  assertStringIncludes(obstacles[0] ?? "", "ENODEV");
  setMigdev("migdev.0", { unplug: 0 });
});

Deno.test("a write that fails is the destination's failure; the source was done", () => {
  freshMigdevs({ state_size: "8M" });
  const spoil = () => setMigdev("migdev.1", { fail_write: "5 ENOMEM" });
  const { destination, obstacles } = play(spoil);
  const failure = destination?.failure;
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
  const { destination, obstacles } = play(() => setMigdev("migdev.1", { corrupt: 4096 }));
  const [refusal] = destination?.refusals ?? [];
  assertEquals([refusal?.phase, refusal?.call, refusal?.errno], [
    "resume",
    "SET MIG_DEVICE_STATE",
    "EBADMSG",
  ]);
  assertEquals(obstacles, []);
  freshMigdevs();
});
