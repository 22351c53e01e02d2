/**
 * The 100 ms window over which the source measures bandwidth, and the threshold that follows.
 *
 * ```text
 *   window   |<- at least 100 ms ->|<- at least 100 ms ->|
 *   threshold  0 until it closes     from the first one    from the second one
 * ```
 *
 * The window is opened before the setup of the migration, so that the first one measures setup too. It is
 * looked at once a pass, so that a long pass makes a long window.
 *
 * @module
 */

import type { Policy } from "./policy/mod.ts";

/** How long a window is at least. */
export const WINDOW_MS = 100;

/** The current window, and what the last closed one said. */
export interface BandwidthWindow {
  /** When the window was opened, in whole milliseconds. */
  startMs: number;
  /** What had been transferred then, in bytes. */
  startBytes: number;
  /** What the last window transferred, in bytes. */
  transferredBytes: number;
  /** How long the last window was, in whole milliseconds. */
  timeSpentMs: number;
  /** What the last window transferred in Mbit/s, as `query-migrate` shows it. */
  mbps: number;
  /** The bandwidth that the threshold was made of, in bytes per millisecond: given or measured. */
  switchoverBytesPerMs: number;
  /** How many bytes fit into the downtime limit. 0 before the first window has closed. */
  threshold: number;
}

/** What the user chose about the threshold. Can change at any time; the next window takes it. */
export interface ThresholdOptions {
  /** `avail-switchover-bandwidth`, in bytes per second; 0 = take what was measured. */
  readonly availSwitchoverBandwidth: number;
  /** `downtime-limit`, in whole milliseconds. */
  readonly downtimeLimitMs: number;
}

/**
 * Opens the first window.
 *
 * @param nowNs The time, in nanoseconds
 * @returns The window
 */
export function createBandwidthWindow(nowNs: number): BandwidthWindow {
  return {
    startMs: wholeMs(nowNs),
    startBytes: 0,
    transferredBytes: 0,
    timeSpentMs: 0,
    mbps: 0,
    switchoverBytesPerMs: 0,
    threshold: 0,
  };
}

/**
 * Closes the window if it is at least 100 ms old, and opens the next.
 *
 * The generations do the same sum in their own order of operations, which can show in the last byte. All
 * cut the threshold to whole bytes. Up to 11.0 a given bandwidth is first divided by 1000 as an integer:
 * less than 1000 bytes per second is none at all.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createBandwidthWindow, updateBandwidthWindow } from "./bandwidth_window.ts";
 * import { POLICIES } from "./policy/mod.ts";
 *
 * const policy = POLICIES["qemu-11.1"];
 * const options = { availSwitchoverBandwidth: 0, downtimeLimitMs: 300 };
 * const window = createBandwidthWindow(0);
 * assertEquals(updateBandwidthWindow(policy, window, 99e6, 1_000_000, options), false);
 * assertEquals(updateBandwidthWindow(policy, window, 100e6, 1_000_000, options), true);
 * assertEquals(window.threshold, 3_000_000);
 * ```
 *
 * @param policy The generation
 * @param window The window
 * @param nowNs The time, in nanoseconds
 * @param transferredBytes What has been transferred since the migration started, over all channels
 * @param options What the user chose
 * @returns `true` if the window closed
 */
export function updateBandwidthWindow(
  policy: Policy,
  window: BandwidthWindow,
  nowNs: number,
  transferredBytes: number,
  options: ThresholdOptions,
): boolean {
  const nowMs = wholeMs(nowNs);
  const timeSpentMs = nowMs - window.startMs;
  if (timeSpentMs < WINDOW_MS) return false;
  const transferred = transferredBytes - window.startBytes;
  window.transferredBytes = transferred;
  window.timeSpentMs = timeSpentMs;
  window.mbps = transferred * 8 / (timeSpentMs / 1000) / 1000 / 1000;
  window.switchoverBytesPerMs = switchoverBytesPerMs(
    policy,
    window,
    options.availSwitchoverBandwidth,
  );
  window.threshold = Math.trunc(window.switchoverBytesPerMs * options.downtimeLimitMs);
  window.startMs = nowMs;
  window.startBytes = transferredBytes;
  return true;
}

/**
 * The bandwidth that 11.1 counts on for switchover: the given one, or the measured one.
 *
 * @param window The window, for what was measured
 * @param availSwitchoverBandwidth What the user gave, in bytes per second, or 0
 * @returns Bytes per second
 */
export function switchoverBytesPerS(
  window: Readonly<BandwidthWindow>,
  availSwitchoverBandwidth: number,
): number {
  return availSwitchoverBandwidth !== 0 ? availSwitchoverBandwidth : window.mbps * 0.125e6;
}

/** The same in bytes per millisecond, in each generation's own order of operations. */
function switchoverBytesPerMs(
  policy: Policy,
  window: Readonly<BandwidthWindow>,
  availSwitchoverBandwidth: number,
): number {
  if (!policy.integerAvailBandwidth) {
    return switchoverBytesPerS(window, availSwitchoverBandwidth) / 1000;
  }
  return availSwitchoverBandwidth !== 0
    ? Math.trunc(availSwitchoverBandwidth / 1000)
    : window.transferredBytes / window.timeSpentMs;
}

/** The clock that QEMU's windows go by counts whole milliseconds. */
function wholeMs(ns: number): number {
  return Math.floor(ns / 1e6);
}
