import { type ChannelStrikes, corruptedBit, noteStrike } from "../fault/mod.ts";
import { ERRNO, monotonicNs, type Region, regionOf } from "../libc/mod.ts";
import { attachRing, failRing, ringFailure } from "../memory/mod.ts";
import type { Sender } from "./message.ts";
import { createRingSender, type RingEnds } from "./ring_channel.ts";

/** How long a stall looks at nothing else. */
const SLICE_MS = 5;

/**
 * A ring's sender to which a plan's faults happen. A ring has no framing: the bytes that count are those of the
 * messages.
 *
 * ```text
 *   drop       both sides get ECONNRESET at once; what lay in the ring is lost
 *   truncate   the message is cut short, and the ring closed: what follows goes nowhere until the other side fails it
 *   stall      this thread waits; who fails the ring ends that
 *   corrupt    one bit of the byte is another
 * ```
 */
export function createFaultyRingSender(
  ends: RingEnds,
  { strikes, struck }: ChannelStrikes,
): Sender {
  const sender = createRingSender(ends);
  // As an onlooker: what the sender itself does it does through its own.
  const data = attachRing(ends.data);
  const replies = attachRing(ends.replies);
  let position = 0;
  let next = 0;
  let region: Region | null = null;
  /** Where a device is read into once the ring is closed. */
  let nowhere: Region | null = null;
  let lost = 0;

  function stall(wait_ms: number): void {
    const endNs = monotonicNs() + wait_ms * 1e6;
    while (ringFailure(data) === 0) {
      const left_ms = (endNs - monotonicNs()) / 1e6;
      if (left_ms <= 0) return;
      sleep(Math.min(left_ms, SLICE_MS));
    }
  }

  /** Whatever it is, it does not arrive: 0, or why the ring was failed. */
  function lose(length: number): number {
    const failure = ringFailure(data);
    if (failure !== 0) return -failure;
    lost += length;
    return 0;
  }

  return {
    ...sender,
    transferred: () => sender.transferred() + lost,
    claim() {
      if (nowhere !== null) return ringFailure(data) === 0 ? nowhere : null;
      region = sender.claim();
      return region;
    },
    send(kind, device, length) {
      if (length > sender.capacity) return -ERRNO.EMSGSIZE;
      const start = position;
      position += length;
      if (nowhere !== null) return lose(length);
      for (let one = strikes[next]; one !== undefined; one = strikes[next]) {
        if (one.byte >= start + length) break;
        next++;
        noteStrike(struck, one.fault, monotonicNs());
        const at = one.byte - start;
        if (one.give === "corrupt") {
          if (region !== null) {
            region.bytes[at] = (region.bytes[at] ?? 0) ^ 1 << corruptedBit(one.byte);
          }
        } else if (one.give === "stall") {
          stall(one.stallMs);
        } else if (one.give === "truncate") {
          const result = at > 0 ? sender.send(kind, device, at) : 0;
          sender.finish();
          nowhere = regionOf(new ArrayBuffer(sender.capacity));
          return result < 0 ? result : lose(length - at);
        } else {
          const errno = one.give === "drop" ? ERRNO.ECONNRESET : ERRNO.ENOSPC;
          failRing(data, errno);
          failRing(replies, errno);
        }
      }
      return sender.send(kind, device, length);
    },
  };
}

const parked = new Int32Array(new SharedArrayBuffer(4));

function sleep(ms: number): void {
  Atomics.wait(parked, 0, 0, ms);
}
