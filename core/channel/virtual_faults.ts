import type { VirtualClock } from "../clock/mod.ts";
import { type ChannelStrikes, noteStrike } from "../fault/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { DATA_HEAD_SIZE } from "../wire/mod.ts";
import type { VirtualChannel } from "./virtual_channel.ts";
import type { Sender } from "./message.ts";

/** What a plan's faults do at the destination's end of a virtual channel. */
export interface VirtualFaultActs {
  /** The stream is over, or cannot be read: the destination meets a negative errno. */
  end(errno: number): void;
  /** A byte of this device's state (0: RAM's) arrived as another one. */
  damage(device: number): void;
}

/**
 * A virtual channel's sender to which a plan's faults happen. No bytes move, so a message is what is struck: the one
 * in which the byte would be.
 *
 * ```text
 *   drop       it does not arrive, and both sides get ECONNRESET
 *   truncate   neither it nor what follows arrives; the source hears when the destination gives up
 *   stall      the source waits before it is sent; for ever: until `limitNs`, when somebody breaks the channel
 *   corrupt    in the first bytes, where a stream has the record's head: the decoder refuses it;
 *              else it is taken in, and the state counts as damaged
 * ```
 *
 * @param limitNs When a channel that stalls for ever is broken, by the source's clock
 */
export function createFaultyVirtualSender(
  { sender, fail }: VirtualChannel,
  { strikes, struck }: ChannelStrikes,
  clock: VirtualClock,
  limitNs: number,
  { end, damage }: VirtualFaultActs,
): Sender {
  let position = 0;
  let next = 0;
  return {
    ...sender,
    send(kind, device, length, calls) {
      const start = position;
      position += length;
      for (let one = strikes[next]; one !== undefined; one = strikes[next]) {
        if (one.byte >= start + length) break;
        next++;
        noteStrike(struck, one.fault, clock.nowNs());
        switch (one.give) {
          case "stall":
            if (one.stallMs < Infinity) {
              clock.sleepNs(one.stallMs * 1e6);
              break;
            }
            clock.advanceTo(limitNs);
            end(-ERRNO.ETIMEDOUT);
            fail(ERRNO.ETIMEDOUT);
            return -ERRNO.ETIMEDOUT;
          case "drop":
            end(-ERRNO.ECONNRESET);
            return -ERRNO.ECONNRESET;
          case "ENOSPC":
            end(-ERRNO.ECONNRESET);
            return -ERRNO.ENOSPC;
          case "truncate":
            end(-ERRNO.ECONNRESET);
            break;
          case "corrupt":
            if (one.byte - start < DATA_HEAD_SIZE) end(-ERRNO.EPROTO);
            else damage(device);
        }
      }
      return sender.send(kind, device, length, calls);
    },
  };
}
