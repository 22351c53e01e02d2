import { assertEquals } from "@std/assert";
import { createBandwidthWindow, updateBandwidthWindow } from "./bandwidth_window.ts";
import { POLICIES } from "./policy/mod.ts";
import { quotaPerWindow, RATE_LIMIT_OFF, rateExceeded, rateLimitWaitNs } from "./rate_limit.ts";

Deno.test("the quota is a tenth of max-bandwidth, cut", () => {
  assertEquals(quotaPerWindow(134217728), 13421772);
  assertEquals(quotaPerWindow(33554432), 3355443);
  assertEquals(quotaPerWindow(0), RATE_LIMIT_OFF);
});

Deno.test("less than 10 bytes per second is no limit", () => {
  assertEquals([quotaPerWindow(10), quotaPerWindow(9)], [1, RATE_LIMIT_OFF]);
});

Deno.test("the quota may be used to the last byte", () => {
  const window = createBandwidthWindow(0);
  assertEquals(rateExceeded(100, window, 100), false);
  assertEquals(rateExceeded(100, window, 101), true);
});

Deno.test("the quota is per window", () => {
  const window = createBandwidthWindow(0);
  const options = { availSwitchoverBandwidth: 0, downtimeLimitMs: 300 };
  assertEquals(rateExceeded(100, window, 150), true);
  updateBandwidthWindow(POLICIES["qemu-9.2"], window, 100e6, 150, options);
  assertEquals(rateExceeded(100, window, 250), false);
  assertEquals(rateExceeded(100, window, 251), true);
});

Deno.test("rule: from the switchover on nothing is limited", () => {
  assertEquals(rateExceeded(RATE_LIMIT_OFF, createBandwidthWindow(0), 1e15), false);
});

Deno.test("the wait is until the window is 100 ms old, in whole milliseconds", () => {
  const window = createBandwidthWindow(7_900_000);
  assertEquals(rateLimitWaitNs(window, 7_900_000), 100e6);
  assertEquals(rateLimitWaitNs(window, 31_999_999), 76e6);
  assertEquals(rateLimitWaitNs(window, 107e6), 0);
  assertEquals(rateLimitWaitNs(window, 500e6), 0);
});
