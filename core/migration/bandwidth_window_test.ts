import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type BandwidthWindow,
  createBandwidthWindow,
  switchoverBytesPerS,
  updateBandwidthWindow,
} from "./bandwidth_window.ts";
import { POLICIES, POLICY_NAMES, type PolicyName } from "./policy/mod.ts";

const MEASURED = { availSwitchoverBandwidth: 0, downtimeLimitMs: 300 };

/** The first window, closed after so many milliseconds and bytes. */
function closed(name: PolicyName, ms: number, bytes: number, options = MEASURED): BandwidthWindow {
  const window = createBandwidthWindow(0);
  assert(updateBandwidthWindow(POLICIES[name], window, ms * 1e6, bytes, options));
  return window;
}

Deno.test("rule: the threshold is 0 until the first window closes", () => {
  for (const name of POLICY_NAMES) {
    const window = createBandwidthWindow(5_000_000);
    assertEquals(window.threshold, 0);
    assert(!updateBandwidthWindow(POLICIES[name], window, 104_999_999, 1e9, MEASURED));
    assertEquals(window.threshold, 0);
    assert(updateBandwidthWindow(POLICIES[name], window, 105_000_000, 1e9, MEASURED));
    assert(window.threshold > 0);
  }
});

Deno.test("the clock counts whole milliseconds", () => {
  // Opened at 0.999999 ms, which is 0; 100 ms later is 100, whatever the fraction.
  const window = createBandwidthWindow(999_999);
  assert(!updateBandwidthWindow(POLICIES["qemu-9.2"], window, 99_999_999, 1, MEASURED));
  assert(updateBandwidthWindow(POLICIES["qemu-9.2"], window, 100_000_000, 1, MEASURED));
  assertEquals([window.timeSpentMs, window.startMs], [100, 100]);
});

Deno.test("a window counts from where the one before ended", () => {
  const window = closed("qemu-9.2", 113, 1737086);
  assert(updateBandwidthWindow(POLICIES["qemu-9.2"], window, 256e6, 3885048, MEASURED));
  assertEquals([window.transferredBytes, window.timeSpentMs], [2147962, 143]);
  assertEquals([window.startMs, window.startBytes], [256, 3885048]);
});

Deno.test("a window that transferred nothing has no threshold, and the next one is not bound by it", () => {
  for (const name of POLICY_NAMES) {
    const window = closed(name, 100, 0);
    assertEquals([window.threshold, window.mbps], [0, 0]);
    assert(updateBandwidthWindow(POLICIES[name], window, 200e6, 1000, MEASURED));
    assertEquals(window.threshold, 3000);
  }
});

Deno.test("rule: under the default limit of 128 MiB/s the threshold stays at 38.4 MiB, on any link", () => {
  // A window of 100 ms that used its quota up.
  for (const name of POLICY_NAMES) {
    assertEquals(closed(name, 100, 13_421_772).threshold, 40_265_316);
    assertEquals(closed(name, 1000, 134_217_728).threshold, 40_265_318);
  }
});

Deno.test("the threshold is cut to whole bytes", () => {
  // Windows of real runs, and the thresholds they had.
  assertEquals(closed("qemu-9.2", 113, 1737086).threshold, 4611732);
  assertEquals(closed("qemu-11.1", 142, 2783356).threshold, 5880329);
  assertEquals(closed("qemu-11.1", 100, 4194512).threshold, 12583536);
  const raised = { ...MEASURED, downtimeLimitMs: 5000 };
  assertEquals(closed("qemu-11.1", 103, 4194512, raised).threshold, 203617087);
});

Deno.test("the orders of operations can differ by a byte, and by no more", () => {
  const thresholds = (ms: number, bytes: number) =>
    POLICY_NAMES.map((name) => closed(name, ms, bytes).threshold);
  fc.assert(fc.property(fc.integer({ min: 100, max: 5000 }), fc.nat(1e9), (ms, bytes) => {
    const [oldest = 0, middle = 0, newest = 0] = thresholds(ms, bytes);
    assertEquals(oldest, middle);
    assert(Math.abs(newest - middle) <= 1);
    assert(Math.abs(middle - bytes / ms * 300) <= 1);
  }));
});

Deno.test("avail-switchover-bandwidth takes the place of what was measured", () => {
  const given = { availSwitchoverBandwidth: 12_500_000_999, downtimeLimitMs: 300 };
  assertEquals(POLICY_NAMES.map((name) => closed(name, 100, 1000, given).threshold), [
    12_500_000 * 300,
    12_500_000 * 300,
    12_500_000 * 300 + 299,
  ]);
  assertEquals(closed("qemu-11.1", 100, 1000, given).mbps, 0.08);
});

Deno.test("up to 11.0 less than 1000 bytes per second given is no bandwidth at all", () => {
  const given = { availSwitchoverBandwidth: 999, downtimeLimitMs: 300 };
  assertEquals(POLICY_NAMES.map((name) => closed(name, 100, 1e9, given).threshold), [0, 0, 299]);
});

Deno.test("what the user changes is taken by the next window", () => {
  const policy = POLICIES["qemu-11.1"];
  const window = closed("qemu-11.1", 100, 1_000_000);
  const raised = { ...MEASURED, downtimeLimitMs: 600 };
  assert(!updateBandwidthWindow(policy, window, 199e6, 2_000_000, raised));
  assertEquals(window.threshold, 3_000_000);
  assert(updateBandwidthWindow(policy, window, 200e6, 2_000_000, raised));
  assertEquals(window.threshold, 6_000_000);
});

Deno.test("mbps is what query-migrate shows", () => {
  // Of real runs, to the last digit.
  assertEquals(closed("qemu-9.2", 116, 6817087).mbps, 470.1439310344827);
  assertEquals(closed("qemu-11.1", 100, 4194512).mbps, 335.56096);
  assertEquals(closed("qemu-11.1", 101, 4194512).mbps, 332.23857425742574);
});

Deno.test("switchoverBytesPerS() is the given bandwidth, or the measured one", () => {
  const window = closed("qemu-11.1", 100, 1_000_000);
  assertEquals(switchoverBytesPerS(window, 0), 10_000_000);
  assertEquals(switchoverBytesPerS(window, 999), 999);
});
