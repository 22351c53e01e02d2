import { type ChannelStrikes, noteStrike } from "../fault/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { callFailure, type Failure, MigrationError } from "./migration_error.ts";

/** What goes wrong on the channels of a virtual multifd. */
export interface VirtualMultifdFaults {
  /** By the channel's place; null: nothing. */
  readonly strikes: readonly (ChannelStrikes | null)[];
  /** When somebody breaks a channel that stalls for ever. */
  readonly limitNs: number;
  /** A byte of this device's state (its number from 1) arrived as another one. */
  damage(device: number): void;
}

/** What becomes of a buffer on its way. */
export interface BufferFate {
  /** How much later it arrives. */
  readonly delayNs: number;
  /** What the destination's channel fails with, in the buffer's place; null where it arrives. */
  readonly loadFailure: Failure | null;
  /** It is lost, and the source does not hear of it from this channel. */
  readonly isLost: boolean;
}

const ARRIVES: BufferFate = { delayNs: 0, loadFailure: null, isLost: false };

/** What the faults of the channels have done so far. */
export interface ChannelFates {
  /**
   * What becomes of the next buffer of a device on a channel. Where the source's end of the channel fails, throws a
   * `MigrationError`, and `onLoadFailure` has what the other end met.
   *
   * @param device Its number, from 1
   * @param wireBytes With its head, which is `headBytes` of them
   */
  next(channel: number, device: number, wireBytes: number, headBytes: number): BufferFate;
}

/** Goes through the faults of every channel as its bytes pass. */
export function createChannelFates(
  { strikes, limitNs, damage }: VirtualMultifdFaults,
  nowNs: () => number,
  advanceTo: (momentNs: number) => void,
  onLoadFailure: (failure: Failure) => void,
): ChannelFates {
  const position = strikes.map(() => 0);
  const nextStrike = strikes.map(() => 0);
  const isTruncated = strikes.map(() => false);

  const fail = (channel: number, errno: number): never => {
    onLoadFailure(gone(channel));
    const what = `send over multifd channel ${channel}`;
    throw new MigrationError(callFailure(what, null, "stop-copy", "writev", errno));
  };

  return {
    next(channel, device, wireBytes, headBytes) {
      const mine = strikes[channel] ?? null;
      if (mine === null) return ARRIVES;
      const start = position[channel] ?? 0;
      position[channel] = start + wireBytes;
      if (isTruncated[channel]) return { ...ARRIVES, isLost: true };
      let fate = ARRIVES;
      for (;;) {
        const one = mine.strikes[nextStrike[channel] ?? 0];
        if (one === undefined || one.byte >= start + wireBytes) return fate;
        nextStrike[channel] = (nextStrike[channel] ?? 0) + 1;
        noteStrike(mine.struck, one.fault, nowNs());
        switch (one.give) {
          case "stall":
            if (one.stallMs < Infinity) {
              fate = { ...fate, delayNs: fate.delayNs + one.stallMs * 1e6 };
              break;
            }
            advanceTo(limitNs);
            return fail(channel, -ERRNO.ETIMEDOUT);
          case "drop":
          case "ENOSPC":
            return fail(channel, -ERRNO.EPIPE);
          case "truncate":
            isTruncated[channel] = true;
            return { ...fate, isLost: true, loadFailure: gone(channel) };
          case "corrupt":
            if (one.byte - start >= headBytes) damage(device);
            else fate = { ...fate, isLost: true, loadFailure: unreadable(channel) };
        }
      }
    },
  };
}

function gone(channel: number): Failure {
  const what = `receive over multifd channel ${channel}`;
  return callFailure(what, null, "load", "read", -ERRNO.ECONNRESET);
}

function unreadable(channel: number): Failure {
  const what = `take what came over multifd channel ${channel}`;
  return callFailure(what, null, "load", "read", -ERRNO.EPROTO);
}
