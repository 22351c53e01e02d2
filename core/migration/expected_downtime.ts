/**
 * The downtime that `query-migrate` promises while the migration runs.
 *
 * Up to 11.0 it is RAM at the last bitmap sync, over the bandwidth, and knows nothing of devices. 11.1
 * takes all of the last exact total.
 *
 * @module
 */

import {
  type BandwidthWindow,
  switchoverBytesPerS,
  type ThresholdOptions,
} from "./bandwidth_window.ts";
import type { Policy } from "./policy/mod.ts";

/** QEMU's INT64_MAX, to the nearest number: no bandwidth, so no end. */
export const NO_EXPECTED_DOWNTIME_MS = 2 ** 63;

/** A window that sent no more than this says nothing about the downtime (up to 11.0). */
const TOO_FEW_BYTES = 10_000;

/** What the expected downtime is made of. */
export interface ExpectedDowntime {
  /** Up to 11.0: the value of the last window that had one. */
  windowMs: number;
  /** 11.1: the last exact total, a u64 in the form of `u64.ts`. */
  exactTotal: number;
}

/** What RAM's dirty tracking knows. */
export interface RamDirtyState {
  /** Pages per second; 0 until it was measured over a second. */
  readonly dirtyPagesRate: number;
  /** Dirty bytes right after the last bitmap sync. */
  readonly dirtyBytesLastSync: number;
}

/**
 * What is expected before anything is known: the downtime limit.
 *
 * @param downtimeLimitMs `downtime-limit`, in milliseconds
 * @returns The state
 */
export function createExpectedDowntime(downtimeLimitMs: number): ExpectedDowntime {
  return { windowMs: downtimeLimitMs, exactTotal: 0 };
}

/**
 * Takes in a window that has just closed.
 *
 * @param expected The state
 * @param window The window
 * @param ram What RAM's dirty tracking knows
 */
export function noteWindowClosed(
  expected: ExpectedDowntime,
  window: Readonly<BandwidthWindow>,
  ram: RamDirtyState,
): void {
  if (ram.dirtyPagesRate === 0 || window.transferredBytes <= TOO_FEW_BYTES) return;
  expected.windowMs = wholeMs(ram.dirtyBytesLastSync / window.switchoverBytesPerMs);
}

/**
 * Takes in the total of an exact query, but not of the final one.
 *
 * @param expected The state
 * @param total The total, a u64 in the form of `u64.ts`
 */
export function noteExactTotal(expected: ExpectedDowntime, total: number): void {
  expected.exactTotal = total;
}

/**
 * The expected downtime, as `query-migrate` would show it now.
 *
 * @param policy The generation
 * @param expected The state
 * @param window The bandwidth window
 * @param iterations The iteration counter; 11.1 promises the limit before the second iteration
 * @param options What the user chose
 * @returns Whole milliseconds, or {@linkcode NO_EXPECTED_DOWNTIME_MS}
 */
export function expectedDowntimeMs(
  policy: Policy,
  expected: Readonly<ExpectedDowntime>,
  window: Readonly<BandwidthWindow>,
  iterations: number,
  options: ThresholdOptions,
): number {
  if (policy.expectedDowntime === "ram") return expected.windowMs;
  if (iterations <= 1) return options.downtimeLimitMs;
  const bytesPerS = switchoverBytesPerS(window, options.availSwitchoverBandwidth);
  const total = expected.exactTotal < 0 ? expected.exactTotal + 2 ** 64 : expected.exactTotal;
  return wholeMs(total / bytesPerS * 1000);
}

/** Cut to whole milliseconds; not a number, or 2^63 and more, is QEMU's INT64_MAX. */
function wholeMs(ms: number): number {
  return ms < NO_EXPECTED_DOWNTIME_MS ? Math.trunc(ms) : NO_EXPECTED_DOWNTIME_MS;
}
