/**
 * The producer's half of a ring. Only the one producing thread may call these.
 *
 * @module
 */

import type { Ring } from "./ring.ts";
import {
  CONSUMER_WAITING_WORD,
  FAILED_WORD,
  HEAD_WORD,
  META_A,
  META_B,
  META_LENGTH,
  META_TAG,
  META_WORDS,
  PRODUCER_WAITING_WORD,
  TAIL_WORD,
} from "./ring_layout.ts";
import { RING_CLOSED, RING_FAILED, RING_FULL } from "./ring_status.ts";
import { waitFor, wake } from "./ring_wait.ts";

/**
 * Takes the next free slot for writing, without waiting. Until it is committed, the same slot is
 * given again.
 *
 * @returns The slot, or {@linkcode RING_FULL}, {@linkcode RING_CLOSED} or {@linkcode RING_FAILED}.
 */
export function tryClaim(ring: Ring): number {
  if (ring.words[FAILED_WORD] !== 0) return RING_FAILED;
  const { tail } = ring;
  if (ring.claimed) return tail & ring.mask;
  if (ring.closed) return RING_CLOSED;
  if (((tail - ring.cachedHead) | 0) === ring.slotCount) {
    // Of what is held nothing would ever be released.
    publish(ring);
    ring.cachedHead = Atomics.load(ring.words, HEAD_WORD);
    if (((tail - ring.cachedHead) | 0) === ring.slotCount) return RING_FULL;
  }
  ring.claimed = true;
  return tail & ring.mask;
}

/**
 * Takes the next free slot for writing, and waits for one where there is none.
 *
 * @param timeoutMs How long to wait, in milliseconds.
 * @returns The slot, or `RING_CLOSED`, `RING_FAILED` or `RING_TIMEOUT`.
 */
export function claim(ring: Ring, timeoutMs = Infinity): number {
  const slot = tryClaim(ring);
  return slot !== RING_FULL ? slot : waitFor(ring, tryClaim, PRODUCER_WAITING_WORD, timeoutMs);
}

/**
 * Hands the claimed slot to the consumer, and all that were held with it. The same as {@linkcode commitHeld} and
 * {@linkcode publish}.
 */
export function commit(ring: Ring, length: number, tag: number, a: number, b: number): void {
  commitHeld(ring, length, tag, a, b);
  publish(ring);
}

/**
 * Commits the claimed slot and does not tell the consumer yet: of many small slots the telling is a large part, and every
 * time it takes the index's cache line from a consumer that waits for it. A full or a closed ring is told of by itself.
 *
 * @param length How many bytes of the slot count, 0 to `slotSize`.
 * @param tag What the slot is; like `a` and `b` the caller's own, kept as an i32.
 * @throws {Error} If no slot is claimed: a slot is committed once.
 * @throws {RangeError} If the length is no integer from 0 to `slotSize`. The slot stays claimed.
 */
export function commitHeld(ring: Ring, length: number, tag: number, a: number, b: number): void {
  if (!ring.claimed) {
    throw new Error("Cannot commit a slot of a ring before it is claimed: received no claim");
  }
  if ((length | 0) !== length || length < 0 || length > ring.slotSize) {
    throw new RangeError(
      `Cannot commit a slot with a length that is not an integer from 0 to ${ring.slotSize}: received ${length}`,
    );
  }
  const { meta } = ring;
  const at = (ring.tail & ring.mask) * META_WORDS;
  meta[at + META_LENGTH] = length;
  meta[at + META_TAG] = tag;
  meta[at + META_A] = a;
  meta[at + META_B] = b;
  ring.claimed = false;
  ring.tail = (ring.tail + 1) | 0;
}

/** Hands all slots that are committed and held to the consumer. */
export function publish(ring: Ring): void {
  if (ring.published === ring.tail) return;
  ring.published = ring.tail;
  // The one store that publishes the slots' bytes and metadata.
  Atomics.store(ring.words, TAIL_WORD, ring.tail);
  wake(ring.words, CONSUMER_WAITING_WORD);
}

/** How many slots are committed that the consumer does not know of. */
export function heldSlots({ tail, published }: Ring): number {
  return (tail - published) | 0;
}
