/**
 * How far another process's CLOCK_MONOTONIC is ahead of this one's. Nothing arrives before it was sent:
 *
 * ```text
 *     ours     t0 ----\                    /----> t3        offset <= t1 - t0
 *     theirs           \----> t1    t2 ---/                 offset >= t2 - t3
 * ```
 *
 * So a ping bounds the offset, whatever either way took, and the quicker it was the closer. What a migration itself
 * sent from one side to the other bounds it too.
 *
 * @module
 */

/** The offset lies between the two, in nanoseconds. */
export interface ClockBounds {
  readonly least_ns: number;
  readonly most_ns: number;
}

/** Nothing is known. */
export const NO_BOUNDS: ClockBounds = { least_ns: -Infinity, most_ns: Infinity };

/** The same clock on both sides. */
export const SAME_CLOCK: ClockBounds = { least_ns: 0, most_ns: 0 };

/** When a ping was sent, taken in there, answered there, and its answer taken in. */
export interface Ping {
  readonly sent_ns: number;
  readonly received_ns: number;
  readonly answered_ns: number;
  readonly back_ns: number;
}

/** What pings say that were sent within a moment: the tightest bounds of them all. */
export function boundsOfPings(pings: readonly Ping[]): ClockBounds {
  return pings.reduce<ClockBounds>(({ least_ns, most_ns }, ping) => ({
    least_ns: Math.max(least_ns, ping.answered_ns - ping.back_ns),
    most_ns: Math.min(most_ns, ping.received_ns - ping.sent_ns),
  }), NO_BOUNDS);
}

/**
 * What holds from one moment to another: clocks drift, and what lies between two moments lies between what was
 * so at them.
 */
export function boundsBetween(before: ClockBounds, after: ClockBounds): ClockBounds {
  return {
    least_ns: Math.min(before.least_ns, after.least_ns),
    most_ns: Math.max(before.most_ns, after.most_ns),
  };
}

/** What both say; null where they contradict each other. */
export function boundsOfBoth(a: ClockBounds, b: ClockBounds): ClockBounds | null {
  const least_ns = Math.max(a.least_ns, b.least_ns);
  const most_ns = Math.min(a.most_ns, b.most_ns);
  return least_ns > most_ns ? null : { least_ns, most_ns };
}

/**
 * The middle of the bounds, and by how much it may be wrong.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boundsOfPings, offsetOf } from "./clock_bounds.ts";
 *
 * // There and back took 10 us each, and their clock is 100 us ahead.
 * const ping = { sent_ns: 0, received_ns: 110_000, answered_ns: 112_000, back_ns: 22_000 };
 * assertEquals(offsetOf(boundsOfPings([ping])), { offset_ns: 100_000, uncertainty_ns: 10_000 });
 * ```
 */
export function offsetOf(
  { least_ns, most_ns }: ClockBounds,
): { readonly offset_ns: number; readonly uncertainty_ns: number } {
  if (least_ns === -Infinity || most_ns === Infinity) {
    return { offset_ns: 0, uncertainty_ns: Infinity };
  }
  return { offset_ns: (least_ns + most_ns) / 2, uncertainty_ns: (most_ns - least_ns) / 2 };
}
