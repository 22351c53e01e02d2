import { ERRNO } from "../libc/mod.ts";

/**
 * How often in a row a call may be interrupted before that is taken for a failure: a signal may come twice, a device
 * that is interrupted for ever would be called for ever.
 */
export const MAX_INTERRUPTIONS = 1000;

/** How often a device's calls have been interrupted in a row; one for each loop that calls it. */
export interface Interruptions {
  inARow: number;
}

export function createInterruptions(): Interruptions {
  return { inARow: 0 };
}

/**
 * Whether a call is to be made again: a signal came before it moved anything (EINTR), and not for the
 * thousandth time in a row. EAGAIN is not such an answer: the data_fd blocks, so that a driver that gives it has failed.
 *
 * QEMU makes a write again, and fails with a read that was interrupted; a signal is no more of a reason there.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ERRNO } from "../libc/mod.ts";
 *
 * const interruptions = createInterruptions();
 * assertEquals(isInterrupted(interruptions, -ERRNO.EINTR), true);
 * assertEquals(isInterrupted(interruptions, 4096), false);
 * assertEquals(isInterrupted(interruptions, -ERRNO.EAGAIN), false);
 * ```
 *
 * @param interruptions The loop's, which goes on
 * @param result What the call gave
 */
export function isInterrupted(interruptions: Interruptions, result: number): boolean {
  if (result !== -ERRNO.EINTR) {
    interruptions.inARow = 0;
    return false;
  }
  return ++interruptions.inARow < MAX_INTERRUPTIONS;
}
