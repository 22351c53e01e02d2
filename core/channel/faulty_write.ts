import { type ChannelStrike, type ChannelStrikes, corruptedBit, noteStrike } from "../fault/mod.ts";
import { ERRNO, flipBit, monotonicNs, POLL, poll, SHUT, shutdown } from "../libc/mod.ts";
import { createGather, type Gather, writeGathered } from "./gather.ts";

/** Writes all of a gather, as `writeGathered` does. */
export type WriteGathered = (fd: number, gather: Gather) => number;

/** How long a wait on a word is at most, where nobody may be there any more to notify it. */
const SLICE_MS = 50;

/**
 * A `writeGathered` to which a plan's faults happen, at the very byte that they name: what comes before it is on its way
 * by then. It takes the place of the other one where there is a plan, so that without one nothing is paid for it.
 *
 * ```text
 *   drop       ....|            both directions end; the next write gives EPIPE (a file: EIO)
 *   truncate   ....|~~~~~~~     the stream ends; what follows goes nowhere until the peer hangs up
 *   stall      ....|   ....     this thread waits; who breaks the channel ends that
 *   corrupt    ....x.......     one bit of the byte is another
 *   ENOSPC     ....|            the write gives ENOSPC
 * ```
 *
 * @param broken One word, not 0 once the channel is broken: for a file, which cannot be shut down
 */
export function createFaultyWrite(
  { strikes, struck }: ChannelStrikes,
  isSocket: boolean,
  broken: Int32Array<SharedArrayBuffer> | null,
): WriteGathered {
  /** What has been written, or went nowhere. */
  let position = 0;
  let next = 0;
  /** What every write gives from now on. */
  let failure = 0;
  let isTruncated = false;
  let part: Gather | null = null;

  /** Writes the stretch from `from` to `to` of what is gathered: 0, or a negative errno. */
  function writeStretch(fd: number, whole: Gather, from: number, to: number): number {
    if (failure < 0) return failure;
    if (isTruncated) return isSocket && hasHungUp(fd) ? -ERRNO.EPIPE : 0;
    part ??= createGather(whole.lengths.length);
    let at = 0;
    for (const [i, length] of whole.lengths.entries()) {
      const skipped = Math.min(length, Math.max(0, from - at));
      part.addresses[i] = (whole.addresses[i] ?? 0) + skipped;
      part.lengths[i] = Math.max(0, Math.min(length, to - at) - skipped);
      at += length;
    }
    const n = writeGathered(fd, part);
    return n < 0 ? n : 0;
  }

  function strike(fd: number, { give, stallMs }: ChannelStrike): void {
    switch (give) {
      case "drop":
        if (isSocket) shutdown(fd, SHUT.SHUT_RDWR);
        else failure = -ERRNO.EIO;
        return;
      case "truncate":
        if (isSocket) shutdown(fd, SHUT.SHUT_WR);
        isTruncated = true;
        return;
      case "ENOSPC":
        failure = -ERRNO.ENOSPC;
        return;
      case "stall":
        if (isSocket) waitForHangUp(fd, stallMs);
        else if (broken !== null) failure = -waitForWord(broken, stallMs);
    }
  }

  return (fd, gather) => {
    let total = 0;
    for (const length of gather.lengths) total += length;
    const start = position;
    const corrupted: number[] = [];
    let done = 0;
    let result = 0;
    for (let one = strikes[next]; one !== undefined && result === 0; one = strikes[next]) {
      if (one.byte >= start + total) break;
      next++;
      noteStrike(struck, one.fault, monotonicNs());
      if (one.give === "corrupt") {
        corrupted.push(one.byte);
        flip(gather, one.byte - start, corruptedBit(one.byte));
        continue;
      }
      result = writeStretch(fd, gather, done, one.byte - start);
      done = one.byte - start;
      if (result === 0) strike(fd, one);
    }
    if (result === 0) result = writeStretch(fd, gather, done, total);
    // The memory is the caller's: it is as it was.
    for (const byte of corrupted) flip(gather, byte - start, corruptedBit(byte));
    position += total;
    return result < 0 ? result : total;
  };
}

function flip({ addresses, lengths }: Gather, at: number, bit: number): void {
  let left = at;
  for (const [i, length] of lengths.entries()) {
    if (left < length) return flipBit((addresses[i] ?? 0) + left, bit);
    left -= length;
  }
}

/** Whether the socket is over in both directions, or was reset. */
function hasHungUp(fd: number): boolean {
  return (poll(fd, 0, 0) & (POLL.POLLHUP | POLL.POLLERR)) !== 0;
}

function waitForHangUp(fd: number, wait_ms: number): void {
  const endNs = monotonicNs() + wait_ms * 1e6;
  for (;;) {
    const left_ms = Math.ceil((endNs - monotonicNs()) / 1e6);
    if (left_ms <= 0) return;
    const events = poll(fd, 0, Math.min(left_ms, 0x7fffffff));
    if (events !== 0 && events !== -ERRNO.EINTR) return;
  }
}

/** Waits until the word is not 0, at most so long: what it is then. */
function waitForWord(word: Int32Array<SharedArrayBuffer>, wait_ms: number): number {
  const endNs = monotonicNs() + wait_ms * 1e6;
  for (;;) {
    const value = Atomics.load(word, 0);
    const left_ms = (endNs - monotonicNs()) / 1e6;
    if (value !== 0 || left_ms <= 0) return value;
    Atomics.wait(word, 0, 0, Math.min(left_ms, SLICE_MS));
  }
}
