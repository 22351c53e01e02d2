import type { Clock } from "../clock/mod.ts";
import { regionOf } from "../libc/mod.ts";
import type { Sender } from "./message.ts";

/** How long a device that has nothing for now is left alone. */
const IDLE_NS = 1e6;

/**
 * A channel to nowhere: the saving side alone. Nobody answers, and everything is taken at once. Where a read gave
 * nothing, the next one waits a millisecond: no link slows the source down, and it would ask as fast as it can.
 *
 * @param capacity How much one read asks for, in bytes
 */
export function createDiscardSender(capacity: number, clock: Clock): Sender {
  const region = regionOf(new ArrayBuffer(capacity));
  let transferred = 0;
  let isClaimed = false;
  return {
    capacity,
    bulk: null,
    hasReturnPath: false,
    transferred: () => transferred,
    claim() {
      if (isClaimed) clock.sleepNs(IDLE_NS);
      isClaimed = true;
      return region;
    },
    send(_kind, _device, length) {
      isClaimed = false;
      transferred += length;
      return 0;
    },
    pollReply: () => 0,
    waitReply: () => 0,
    finish() {},
    close() {},
  };
}
