/**
 * The consumer's half of a ring. Only the one consuming thread may call these.
 *
 * @module
 */

import type { Ring } from "./ring.ts";
import {
  CLOSED_WORD,
  CONSUMER_WAITING_WORD,
  FAILED_WORD,
  HEAD_WORD,
  PRODUCER_WAITING_WORD,
  TAIL_WORD,
} from "./ring_layout.ts";
import { RING_CLOSED, RING_EMPTY, RING_FAILED } from "./ring_status.ts";
import { waitFor, wake } from "./ring_wait.ts";

/**
 * Looks at the oldest committed slot, without waiting. Until it is released, the same slot is given
 * again. To hold several, count them with `pending`: the next ones are `(slot + 1) & ring.mask` and
 * so on, and are released in that order.
 *
 * A failure is told at once, even with slots left: what would follow them never comes. A close is
 * told only when nothing is left.
 *
 * @returns The slot, or {@linkcode RING_EMPTY}, {@linkcode RING_CLOSED} or {@linkcode RING_FAILED}.
 */
export function tryPeek(ring: Ring): number {
  const { head, words } = ring;
  if (words[FAILED_WORD] !== 0) return RING_FAILED;
  if (head === ring.cachedTail) {
    ring.cachedTail = Atomics.load(words, TAIL_WORD);
    if (head === ring.cachedTail) {
      // The producer may be waiting for what is held.
      giveBack(ring);
      if (Atomics.load(words, CLOSED_WORD) === 0) return RING_EMPTY;
      // A commit may have come between the two looks. After the close there is no other.
      ring.cachedTail = Atomics.load(words, TAIL_WORD);
      if (head === ring.cachedTail) return RING_CLOSED;
    }
  }
  return head & ring.mask;
}

/**
 * Looks at the oldest committed slot, and waits for one where there is none.
 *
 * @param timeoutMs How long to wait, in milliseconds.
 * @returns The slot, or `RING_CLOSED`, `RING_FAILED` or `RING_TIMEOUT`.
 */
export function peek(ring: Ring, timeoutMs = Infinity): number {
  const slot = tryPeek(ring);
  return slot !== RING_EMPTY ? slot : waitFor(ring, tryPeek, CONSUMER_WAITING_WORD, timeoutMs);
}

/**
 * Gives the oldest committed slot back to the producer, who may overwrite it at once, and all that were held with it. The
 * same as {@linkcode releaseHeld} and {@linkcode giveBack}.
 */
export function release(ring: Ring): void {
  releaseHeld(ring);
  giveBack(ring);
}

/**
 * Is done with the oldest committed slot and does not tell the producer yet, for the reason of `commitHeld`. Who looks
 * into the ring and finds it empty tells of what is held by that.
 *
 * @throws {Error} If no slot is committed: a slot is released once.
 */
export function releaseHeld(ring: Ring): void {
  if (ring.head === ring.cachedTail) {
    // Slots counted with `pending` may be newer than the last peek.
    ring.cachedTail = Atomics.load(ring.words, TAIL_WORD);
    if (ring.head === ring.cachedTail) {
      throw new Error("Cannot release a slot of a ring before it is committed: received no slot");
    }
  }
  ring.head = (ring.head + 1) | 0;
}

/** Gives all slots that are released and held back to the producer. */
export function giveBack(ring: Ring): void {
  if (ring.given === ring.head) return;
  ring.given = ring.head;
  Atomics.store(ring.words, HEAD_WORD, ring.head);
  wake(ring.words, PRODUCER_WAITING_WORD);
}

/** How many slots are released that the producer does not know of. */
export function heldBack({ head, given }: Ring): number {
  return (head - given) | 0;
}
