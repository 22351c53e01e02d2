import { assertEquals } from "@std/assert";
import { createBandwidthWindow, updateBandwidthWindow } from "./bandwidth_window.ts";
import {
  createExpectedDowntime,
  expectedDowntimeMs,
  NO_EXPECTED_DOWNTIME_MS,
  noteExactTotal,
  noteWindowClosed,
} from "./expected_downtime.ts";
import { POLICIES, type PolicyName } from "./policy/mod.ts";

const OPTIONS = { availSwitchoverBandwidth: 0, downtimeLimitMs: 300 };

function closed(name: PolicyName, ms: number, bytes: number, options = OPTIONS) {
  const window = createBandwidthWindow(0);
  updateBandwidthWindow(POLICIES[name], window, ms * 1e6, bytes, options);
  return window;
}

Deno.test("before anything is known the downtime limit is expected", () => {
  const window = createBandwidthWindow(0);
  const expected = createExpectedDowntime(300);
  assertEquals(expectedDowntimeMs(POLICIES["qemu-9.2"], expected, window, 1, OPTIONS), 300);
  assertEquals(expectedDowntimeMs(POLICIES["qemu-11.1"], expected, window, 1, OPTIONS), 300);
});

Deno.test("up to 11.0 it is dirty RAM over the bandwidth, however much the devices have", () => {
  for (const name of ["qemu-8.1", "qemu-9.2"] as const) {
    // As a real run showed it.
    const window = closed(name, 116, 6817087);
    const expected = createExpectedDowntime(300);
    noteExactTotal(expected, 19798952);
    noteWindowClosed(expected, window, { dirtyPagesRate: 115, dirtyBytesLastSync: 524288 });
    assertEquals(expectedDowntimeMs(POLICIES[name], expected, window, 2, OPTIONS), 8);
  }
});

Deno.test("up to 11.0 it stays where the dirty rate is unknown, or the window sent 10000 bytes or less", () => {
  const policy = POLICIES["qemu-9.2"];
  const ram = { dirtyPagesRate: 115, dirtyBytesLastSync: 524288 };
  const after = (bytes: number, dirtyPagesRate: number) => {
    const window = closed("qemu-9.2", 100, bytes);
    const expected = createExpectedDowntime(300);
    noteWindowClosed(expected, window, { ...ram, dirtyPagesRate });
    return expectedDowntimeMs(policy, expected, window, 2, OPTIONS);
  };
  assertEquals(after(10_000, 115), 300);
  assertEquals(after(10_001, 115), 5242);
  assertEquals(after(10_001, 0), 300);
});

Deno.test("up to 11.0 a limit that changes does not change it", () => {
  const expected = createExpectedDowntime(300);
  const options = { ...OPTIONS, downtimeLimitMs: 5000 };
  const window = createBandwidthWindow(0);
  assertEquals(expectedDowntimeMs(POLICIES["qemu-9.2"], expected, window, 1, options), 300);
});

Deno.test("11.1 takes the last exact total, devices and all", () => {
  const policy = POLICIES["qemu-11.1"];
  const expected = createExpectedDowntime(300);
  noteExactTotal(expected, 37717160);
  const ms = (bytes: number, windowMs: number) =>
    expectedDowntimeMs(policy, expected, closed("qemu-11.1", windowMs, bytes), 2, OPTIONS);
  // As a real run showed it for these two windows.
  assertEquals(ms(4194512, 100), 899);
  assertEquals(ms(4194512, 101), 908);
});

Deno.test("11.1 promises the limit of the moment before the second iteration", () => {
  const expected = createExpectedDowntime(300);
  noteExactTotal(expected, 1e9);
  const window = closed("qemu-11.1", 100, 1e6);
  const options = { ...OPTIONS, downtimeLimitMs: 5000 };
  assertEquals(expectedDowntimeMs(POLICIES["qemu-11.1"], expected, window, 1, options), 5000);
});

Deno.test("11.1 takes a given bandwidth as it is", () => {
  const expected = createExpectedDowntime(300);
  noteExactTotal(expected, 1000);
  const options = { ...OPTIONS, availSwitchoverBandwidth: 999 };
  const window = closed("qemu-11.1", 100, 1e6, options);
  assertEquals(expectedDowntimeMs(POLICIES["qemu-11.1"], expected, window, 2, options), 1001);
});

Deno.test("11.1 has no end to expect without bandwidth", () => {
  const window = closed("qemu-11.1", 100, 0);
  for (const total of [0, 1, -22]) { // not a number, infinite, infinite
    const expected = createExpectedDowntime(300);
    noteExactTotal(expected, total);
    assertEquals(
      expectedDowntimeMs(POLICIES["qemu-11.1"], expected, window, 2, OPTIONS),
      NO_EXPECTED_DOWNTIME_MS,
    );
  }
});

Deno.test("11.1 takes a total with bit 63 set for the huge size it is", () => {
  const expected = createExpectedDowntime(300);
  noteExactTotal(expected, -22);
  const window = closed("qemu-11.1", 100, 1e6);
  assertEquals(
    expectedDowntimeMs(POLICIES["qemu-11.1"], expected, window, 2, OPTIONS),
    Math.trunc(2 ** 64 / 1e7 * 1000),
  );
});

Deno.test("up to 11.0 no bandwidth given as one is no end to expect", () => {
  const options = { ...OPTIONS, availSwitchoverBandwidth: 999 };
  const window = closed("qemu-9.2", 100, 1e6, options);
  const expected = createExpectedDowntime(300);
  noteWindowClosed(expected, window, { dirtyPagesRate: 1, dirtyBytesLastSync: 4096 });
  assertEquals(
    expectedDowntimeMs(POLICIES["qemu-9.2"], expected, window, 2, options),
    NO_EXPECTED_DOWNTIME_MS,
  );
});
