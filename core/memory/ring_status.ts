/**
 * What the functions of the ring answer when they have no slot to give. All are negative, so that
 * `slot >= 0` is the whole test in a loop. They are not errno values.
 *
 * @module
 */

/** `tryClaim`: the consumer has not released a slot yet. */
export const RING_FULL = -1;

/** `tryPeek`: the producer has not committed a slot yet. The same value as {@linkcode RING_FULL}. */
export const RING_EMPTY = -1;

/** The producer closed the ring and, for the consumer, everything committed has been released. */
export const RING_CLOSED = -2;

/** Either side failed the ring. `ringFailure` has the code. */
export const RING_FAILED = -3;

/** The timeout passed first. */
export const RING_TIMEOUT = -4;
