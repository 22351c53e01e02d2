import {
  type ChannelGive,
  channelNumber,
  type FaultPlan,
  isChannelFault,
  isHostFault,
} from "./fault.ts";

/**
 * Which faults of a plan have struck, written by whoever makes them strike, in whatever thread: for each of the plan's
 * the moment in nanoseconds of the run's clock, or 0 as long as it has not.
 */
export type Struck = Float64Array<SharedArrayBuffer>;

/** Nothing has struck. */
export function createStruck(plan: FaultPlan): Struck {
  return new Float64Array(new SharedArrayBuffer(plan.length * 8));
}

/** Takes down that a fault strikes now; the first time is the one that is kept. */
export function noteStrike(struck: Struck, fault: number, nowNs: number): void {
  // 0 is "not yet", also at the moment 0 of the virtual clock.
  if (struck[fault] === 0) struck[fault] = Math.max(nowNs, Number.MIN_VALUE);
}

/** What happens to a channel at a byte of it. `ENOSPC`: whoever stores the stream has no room for that byte. */
export interface ChannelStrike {
  readonly give: ChannelGive | "ENOSPC";
  /** The offset in what has been sent. */
  readonly byte: number;
  /** With `stall`; Infinity: until somebody ends it. */
  readonly stallMs: number;
  /** Which of the plan's it is. */
  readonly fault: number;
}

/** What happens to one channel, in the order of its bytes, and where it is taken down. Plain data for any thread. */
export interface ChannelStrikes {
  readonly strikes: readonly ChannelStrike[];
  readonly struck: Struck;
}

/**
 * What a plan has for one channel; null where there is nothing, so that it is sent on as ever.
 *
 * @param channel 0 for the main one, multifd's from 1
 */
export function channelStrikes(
  plan: FaultPlan,
  channel: number,
  struck: Struck,
): ChannelStrikes | null {
  const strikes: ChannelStrike[] = [];
  for (const [fault, one] of plan.entries()) {
    if (isHostFault(one) && one.give === "ENOSPC" && channel === 0) {
      strikes.push({ give: "ENOSPC", byte: 0, stallMs: 0, fault });
    }
    if (!isChannelFault(one) || channelNumber(one.on) !== channel) continue;
    const { give, byte, stall_ms = 0 } = one;
    strikes.push({ give, byte, stallMs: stall_ms === "ever" ? Infinity : stall_ms, fault });
  }
  if (strikes.length === 0) return null;
  return { strikes: strikes.sort((a, b) => a.byte - b.byte), struck };
}

/** Which bit of a byte is another one where it is corrupted: not always the same, and always the same for a byte. */
export function corruptedBit(byte: number): number {
  return byte % 8;
}
