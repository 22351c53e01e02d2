/**
 * The bandwidth limit of precopy: a quota of bytes for each window of `bandwidth_window.ts`.
 *
 * @module
 */

import { type BandwidthWindow, WINDOW_MS } from "./bandwidth_window.ts";

/** The quota that limits nothing. In force from the switchover on. */
export const RATE_LIMIT_OFF = 0;

/**
 * How many bytes a window may transfer.
 *
 * The division is QEMU's and has its edge: less than 10 bytes per second is no limit.
 *
 * @param maxBandwidth `max-bandwidth`, in bytes per second; 0 = no limit
 * @returns Bytes, or {@linkcode RATE_LIMIT_OFF}
 */
export function quotaPerWindow(maxBandwidth: number): number {
  return Math.trunc(maxBandwidth / (1000 / WINDOW_MS));
}

/**
 * Says whether the quota is used up: more than it was transferred, so that a pass can overrun it by one
 * buffer of each handler.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createBandwidthWindow } from "./bandwidth_window.ts";
 * import { quotaPerWindow, rateExceeded, rateLimitWaitNs } from "./rate_limit.ts";
 *
 * const window = createBandwidthWindow(0);
 * const quota = quotaPerWindow(10_000_000);
 * assertEquals(rateExceeded(quota, window, 1_000_000), false);
 * assertEquals(rateExceeded(quota, window, 1_000_001), true);
 * assertEquals(rateLimitWaitNs(window, 30e6), 70e6);
 * ```
 *
 * @param quota Of {@linkcode quotaPerWindow}
 * @param window The current window
 * @param transferredBytes What has been transferred since the migration started, over all channels
 * @returns `true` if nothing more is to be sent in this window
 */
export function rateExceeded(
  quota: number,
  window: Readonly<BandwidthWindow>,
  transferredBytes: number,
): boolean {
  return quota !== RATE_LIMIT_OFF && transferredBytes - window.startBytes > quota;
}

/**
 * How long to wait once the quota is used up: until the window is 100 ms old, in whole milliseconds.
 *
 * @param window The current window
 * @param nowNs The time, in nanoseconds
 * @returns Nanoseconds, never negative
 */
export function rateLimitWaitNs(window: Readonly<BandwidthWindow>, nowNs: number): number {
  return Math.max(0, window.startMs + WINDOW_MS - Math.floor(nowNs / 1e6)) * 1e6;
}
