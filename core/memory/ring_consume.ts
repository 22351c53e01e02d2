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
 * Gives the oldest committed slot back to the producer, who may overwrite it at once.
 *
 * @throws {Error} If no slot is committed: a slot is released once.
 */
export function release(ring: Ring): void {
  const { words } = ring;
  if (ring.head === ring.cachedTail) {
    // Slots counted with `pending` may be newer than the last peek.
    ring.cachedTail = Atomics.load(words, TAIL_WORD);
    if (ring.head === ring.cachedTail) {
      throw new Error("Cannot release a slot of a ring before it is committed: received no slot");
    }
  }
  ring.head = (ring.head + 1) | 0;
  Atomics.store(words, HEAD_WORD, ring.head);
  wake(words, PRODUCER_WAITING_WORD);
}
