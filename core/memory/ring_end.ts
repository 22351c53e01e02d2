/**
 * How a ring ends: closed by its producer when all is committed, or failed by anyone.
 *
 * @module
 */

import type { Ring } from "./ring.ts";
import {
  CLOSED_WORD,
  CONSUMER_WAITING_WORD,
  FAILED_WORD,
  PRODUCER_WAITING_WORD,
} from "./ring_layout.ts";
import { publish } from "./ring_produce.ts";
import { wake } from "./ring_wait.ts";

/**
 * The producer's last word: nothing more is committed. A slot claimed and not committed is dropped.
 * The consumer still gets every committed slot, held or not, and then `RING_CLOSED`. Closing again does nothing.
 */
export function closeRing(ring: Ring): void {
  ring.claimed = false;
  ring.closed = true;
  publish(ring);
  Atomics.store(ring.words, CLOSED_WORD, 1);
  wake(ring.words, CONSUMER_WAITING_WORD);
}

/**
 * Gives the ring up: from now on both sides get `RING_FAILED`, and a side that waits wakes up. Any
 * attached thread may call it. The first failure stays; later ones change nothing.
 *
 * @param code Why, for {@linkcode ringFailure}: a positive i32, such as an errno.
 * @throws {RangeError} If the code is not a positive i32.
 */
export function failRing(ring: Ring, code: number): void {
  if ((code | 0) !== code || code <= 0) {
    throw new RangeError(
      `Cannot fail a ring with a code that is not a positive i32: received ${code}`,
    );
  }
  Atomics.compareExchange(ring.words, FAILED_WORD, 0, code);
  wake(ring.words, PRODUCER_WAITING_WORD);
  wake(ring.words, CONSUMER_WAITING_WORD);
}

/** The code of the first failure, or 0. */
export function ringFailure(ring: Ring): number {
  return Atomics.load(ring.words, FAILED_WORD);
}
