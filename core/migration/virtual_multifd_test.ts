import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ERRNO } from "../libc/mod.ts";
import {
  downtimeMs,
  MIB,
  playVirtual,
  type VirtualSetup,
  wrapDevice,
} from "./testdata/virtual_setup.ts";

const VF = { state_size: 100e6, initial_fraction: 0, precopy: false, save_rate: 1e9 };
const OPTIONS = { availSwitchoverBandwidth: 12.5e9 };

function devices(n: number, given: object = {}): VirtualSetup {
  return {
    profiles: Array.from({ length: n }, () => ({ ...VF, ...given })),
    policy: "qemu-9.2",
    options: OPTIONS,
  };
}

const multifd = { channels: 6, maxQueuedBytes: 0 };

Deno.test("devices are saved side by side, where over the main channel they wait for each other", () => {
  for (const n of [1, 2, 4]) {
    const serial = downtimeMs(playVirtual(devices(n)));
    const parallel = downtimeMs(playVirtual({ ...devices(n), multifd }));
    assert(Math.abs(serial - 100 * n) < 2, `${n}: ${serial} ms`);
    assert(Math.abs(parallel - 100) < 2, `${n}: ${parallel} ms`);
  }
});

Deno.test("RAM goes over the main channel meanwhile", () => {
  const ram = { size: 1e9, dirty_rate: 0, dirty_span: 0 };
  const setup = {
    ...devices(1),
    ram,
    bandwidth: 1e9,
    options: { ...OPTIONS, cancelAtMs: Infinity },
  };
  const serial = playVirtual(setup);
  const parallel = playVirtual({ ...setup, multifd });
  assert(serial.source.finalRamBytes > 300e6, `${serial.source.finalRamBytes}`);
  const ramMs = serial.source.finalRamBytes / 1e6;
  assert(downtimeMs(serial) > ramMs + 90, `${downtimeMs(serial)} ms`);
  assert(downtimeMs(parallel) < ramMs + 20, `${downtimeMs(parallel)} ms`);
});

Deno.test("the channels share the link: it is what holds them up where it is slow", () => {
  const report = playVirtual({ ...devices(4, { save_rate: 0 }), multifd, bandwidth: 1e9 });
  assert(Math.abs(downtimeMs(report) - 400) < 5, `${downtimeMs(report)} ms`);
});

Deno.test("with one channel a device waits while the other's buffer is on it", () => {
  const slow = { ...devices(2, { save_rate: 0 }), bandwidth: 1e9 };
  const one = downtimeMs(playVirtual({ ...slow, multifd: { channels: 1, maxQueuedBytes: 0 } }));
  assert(Math.abs(one - 200) < 5, `${one} ms`);
});

Deno.test("a device that loads slower than it is saved queues, up to all of its state", () => {
  const slow = devices(1, { load_rate: 100e6 });
  const report = playVirtual({ ...slow, multifd });
  assertEquals(report.destination.failure, null);
  assert(Math.abs(downtimeMs(report) - 1000) < 20, `${downtimeMs(report)} ms`);
  const capped = playVirtual({ ...slow, multifd: { channels: 6, maxQueuedBytes: 32 * MIB } });
  assertStringIncludes(capped.destination.failure?.message ?? "", "would exceed the size max");
  assertEquals(capped.source.devices[0]?.leftIn, "RUNNING");
  const enough = playVirtual({ ...slow, multifd: { channels: 6, maxQueuedBytes: 100 * MIB } });
  assertEquals(enough.destination.failure, null);
});

Deno.test("devices that come from STOP enter STOP_COPY side by side", () => {
  const entering = { stop_copy_enter_ms: 50 };
  const serial = downtimeMs(playVirtual(devices(4, entering)));
  const parallel = downtimeMs(playVirtual({ ...devices(4, entering), multifd }));
  assert(Math.abs(serial - 600) < 5 && Math.abs(parallel - 150) < 5, `${serial}, ${parallel} ms`);
});

Deno.test("a device that cannot be read or written fails the migration, by name, and all run on", () => {
  const unreadable = playVirtual({
    ...devices(2),
    multifd,
    wrapSource: (device) =>
      device.id === "nic1" ? wrapDevice(device, { read: () => -ERRNO.EIO }) : device,
  });
  const { failure, devices: left } = unreadable.source;
  assertEquals([failure?.device, failure?.call, failure?.errno], ["nic1", "read", "EIO"]);
  assertEquals(left.map(({ leftIn }) => leftIn), ["RUNNING", "RUNNING"]);
  const unwritable = playVirtual({
    ...devices(2),
    multifd,
    wrapDestination: (device) =>
      device.id === "nic0" ? wrapDevice(device, { write: () => -ERRNO.ENOMEM }) : device,
  });
  const refused = unwritable.destination.failure;
  assertEquals([refused?.device, refused?.call, refused?.errno], ["nic0", "write", "ENOMEM"]);
  assert(unwritable.source.failure !== null);
});

Deno.test("a cancel during the transfer leaves the devices RUNNING", () => {
  const whole = playVirtual({ ...devices(2), multifd });
  const decidedMs = ((whole.source.switchover?.decidedNs ?? 0) - whole.source.startNs) / 1e6;
  const { source } = playVirtual({
    ...devices(2),
    multifd,
    options: { ...OPTIONS, cancelAtMs: decidedMs + 50 },
  });
  assertEquals([source.failure?.cancelled, source.devices[1]?.leftIn], [true, "RUNNING"]);
});

Deno.test("rule 11: nothing is written before SWITCHOVER_START, and then in the order it was read", () => {
  const writes: { atNs: number; bytes: number }[] = [];
  const { source, destination } = playVirtual({
    ...devices(1, { load_rate: 500e6 }),
    multifd,
    latencyNs: 20e6,
    wrapDestination: (device, clock) =>
      wrapDevice(device, {
        write(region, offset, length) {
          writes.push({ atNs: clock.nowNs(), bytes: length });
          return device.write(region, offset, length);
        },
      }),
  });
  assertEquals([source.failure, destination.failure], [null, null]);
  assert(writes.length > 90);
  const started = destination.switchoverStartNs ?? Infinity;
  assert(writes.every(({ atNs }) => atNs >= started));
  assertEquals(writes.map(({ atNs }) => atNs).toSorted((a, b) => a - b), writes.map((w) => w.atNs));
});

Deno.test("a terabyte is moved in as many steps as a gigabyte", () => {
  const report = playVirtual({ ...devices(4, { state_size: 2 ** 40, save_rate: 0 }), multifd });
  assertEquals(report.source.failure, null);
});
