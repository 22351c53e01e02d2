import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ERRNO } from "../../libc/mod.ts";
import { playTransfer, type TransferDevice, type TransferPlan } from "./virtual_transfer.ts";

const MIB = 1024 * 1024;
const DEVICE: TransferDevice = {
  stopCopyBytes: 100 * MIB,
  configBytes: 4096,
  enterStopCopy_ns: 0,
  save_bytes_per_s: 1000 * MIB,
  load_bytes_per_s: 1000 * MIB,
  finish_ns: 0,
  config_ns: 0,
  adapter: 0,
};
const PLAN: TransferPlan = {
  devices: [DEVICE],
  channels: 4,
  channel_bytes_per_s: 0,
  link_bytes_per_s: 0,
  latency_ns: 0,
  bufferSize: MIB,
  contention: 0,
  maxQueuedBytes: Infinity,
  switchoverStart_ns: 0,
};

/** A transfer of so many of the same device; when it ended, in ms. */
function endMs(
  count: number,
  device: Partial<TransferDevice>,
  plan: Partial<TransferPlan>,
): number {
  const devices = Array.from({ length: count }, () => ({ ...DEVICE, ...device }));
  const report = playTransfer({ ...PLAN, ...plan, devices });
  assertEquals(report.result, 0);
  return report.endNs / 1e6;
}

function assertMs(received: number, expected: number, tolerance = 1e-6): void {
  assertAlmostEquals(received, expected, tolerance);
}

Deno.test("one device: saving and loading overlap but for one buffer", () => {
  assertMs(endMs(1, {}, {}), 101);
  assertMs(endMs(1, { enterStopCopy_ns: 30e6, finish_ns: 20e6, config_ns: 5e6 }, {}), 156);
  assertMs(endMs(1, {}, { latency_ns: 7e6 }), 108);
});

Deno.test("devices without contention cost no more than one, but for their configurations", () => {
  assertMs(endMs(4, {}, { channels: 4 }), 101);
  // The configurations are loaded one after another.
  assertMs(endMs(4, { config_ns: 10e6 }, {}), 101 + 40);
});

Deno.test("full contention makes parallel saves as long as serial ones", () => {
  assertMs(endMs(4, {}, { contention: 1 }), 404);
  // Half of it lies between.
  assertMs(endMs(4, {}, { contention: 0.5 }), 101 * 2.5);
  // Devices of different adapters do not contend.
  const devices = [0, 1, null, null].map((adapter) => ({ ...DEVICE, adapter }));
  assertMs(playTransfer({ ...PLAN, devices, contention: 1 }).endNs / 1e6, 101);
});

Deno.test("contention lasts only while others are at work", () => {
  // 10 ms of both at half speed, then 90 ms of the longer one alone: 20 + 90, and its last buffer.
  const devices = [DEVICE, { ...DEVICE, stopCopyBytes: 10 * MIB }];
  const report = playTransfer({ ...PLAN, devices, contention: 1 });
  assertMs((report.devices[0]?.saveEndNs ?? 0) / 1e6, 110);
  assertMs((report.devices[1]?.saveEndNs ?? 0) / 1e6, 20);
});

Deno.test("the link is shared: it alone decides when it is the slowest", () => {
  const bytes = 4 * (100 * (MIB + 288) + 4096 + 288);
  const expected = 1 + bytes / (500 * MIB) * 1e3 + 1;
  assertMs(endMs(4, {}, { link_bytes_per_s: 500 * MIB }), expected, 1);
});

Deno.test("more channels help while one channel is the slowest", () => {
  const ends = [1, 2, 4, 8].map((channels) =>
    endMs(1, {}, { channels, channel_bytes_per_s: 200 * MIB })
  );
  // 200 MiB/s each: 500, 250, 125 ms, then the device's own rate.
  for (const [i, expected] of [500, 250, 125, 101].entries()) assertMs(ends[i] ?? 0, expected, 6);
});

Deno.test("nothing is loaded before SWITCHOVER_START, and all that came by then is queued", () => {
  const report = playTransfer({ ...PLAN, switchoverStart_ns: 500e6 });
  assertMs(report.endNs / 1e6, 600);
  assertEquals(report.devices[0]?.peakQueuedBytes, 100 * MIB + 4096);
});

Deno.test("a device that loads slower than it saves queues the difference", () => {
  const devices = [{ ...DEVICE, load_bytes_per_s: 250 * MIB }];
  const [report] = playTransfer({ ...PLAN, devices }).devices;
  const peak = (report?.peakQueuedBytes ?? 0) / MIB;
  assert(peak > 74 && peak < 77, `${peak}`);
  assertEquals(report?.starved, 1);
});

Deno.test("a device that loads faster starves", () => {
  const devices = [{ ...DEVICE, load_bytes_per_s: 2000 * MIB }];
  const [report] = playTransfer({ ...PLAN, devices }).devices;
  assertEquals(report?.starved, 100);
  assertEquals(report?.peakQueuedBytes, MIB + 4096);
});

Deno.test("above the cap the transfer fails", () => {
  const devices = [{ ...DEVICE, load_bytes_per_s: 250 * MIB }];
  const report = playTransfer({ ...PLAN, devices, maxQueuedBytes: 50 * MIB });
  assertEquals(report.result, -ERRNO.ENOBUFS);
  assertEquals(report.devices[0]?.configLoadedNs, null);
  assert((report.devices[0]?.peakQueuedBytes ?? 0) <= 50 * MIB);
});

Deno.test("a device without state has its configuration loaded", () => {
  assertMs(endMs(2, { stopCopyBytes: 0, config_ns: 3e6, finish_ns: 9e6 }, {}), 6);
});

Deno.test("any transfer ends, in order, and gives the same answer again", () => {
  const device = fc.record({
    stopCopyBytes: fc.nat(40 * MIB),
    configBytes: fc.nat(8192),
    enterStopCopy_ns: fc.nat(50e6),
    save_bytes_per_s: fc.integer({ min: 0, max: 4000 * MIB }),
    load_bytes_per_s: fc.integer({ min: 0, max: 4000 * MIB }),
    finish_ns: fc.nat(50e6),
    config_ns: fc.nat(10e6),
    adapter: fc.constantFrom(null, 0, 1),
  });
  const plans = fc.record({
    devices: fc.array(device, { minLength: 1, maxLength: 6 }),
    channels: fc.integer({ min: 1, max: 8 }),
    channel_bytes_per_s: fc.nat(2000 * MIB),
    link_bytes_per_s: fc.nat(4000 * MIB),
    latency_ns: fc.nat(1e6),
    bufferSize: fc.integer({ min: 64 * 1024, max: 4 * MIB }),
    contention: fc.double({ min: 0, max: 2, noNaN: true }),
    maxQueuedBytes: fc.constant(Infinity),
    switchoverStart_ns: fc.nat(100e6),
  });
  fc.assert(fc.property(plans, (plan) => {
    const report = playTransfer(plan);
    assertEquals(report.result, 0);
    for (const [d, { saveEndNs, loadEndNs, configLoadedNs }] of report.devices.entries()) {
      assert(saveEndNs !== null && loadEndNs !== null && configLoadedNs !== null);
      assert(saveEndNs >= (plan.devices[d]?.enterStopCopy_ns ?? 0) - 1);
      assert(loadEndNs >= plan.switchoverStart_ns && configLoadedNs >= saveEndNs);
      assert(loadEndNs <= configLoadedNs && configLoadedNs <= report.endNs);
    }
    assertEquals(playTransfer(plan), report);
  }));
});
