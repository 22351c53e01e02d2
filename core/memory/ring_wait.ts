/**
 * How one side of a ring waits for the other: a short spin, then a park that the other side ends.
 *
 * ```text
 *   the waiting side                      the other side
 *   waiting = 1                           publish (tail, head, closed or failed)
 *   look again at what it waits for       look at waiting
 *   park while waiting is 1               if 1: waiting = 0, notify
 * ```
 *
 * Each side first writes its own word and then reads the other's, and `Atomics` puts all of it in
 * one order. So at least one of them sees the other: the waiting side finds what was published, or
 * the other side finds it waiting. Parking on the flag itself closes the gap that is left, since a
 * flag already cleared does not let it sleep. An awake peer costs one load and no notify.
 *
 * @module
 */

import type { Ring } from "./ring.ts";
import { FAILED_WORD } from "./ring_layout.ts";
import { RING_EMPTY, RING_FAILED, RING_TIMEOUT } from "./ring_status.ts";

/** How patient a wait is. */
export interface WaitPlan {
  /** Looks before parking. */
  readonly spins: number;
  /** Longest single park, in milliseconds. */
  readonly sliceMs: number;
}

/**
 * A look with its pause takes about 80 ns, so 100 of them cost what one park and wake-up costs: the
 * spin at worst doubles a wait. With two free processors 50 to 1,000 looks all did the same; where
 * both sides had to share one, 1,000 were 3 to 5 times slower per small slot than 50, because they
 * take the processor from the very peer they wait for.
 *
 * The slice is a net, not the mechanism: were a wake-up ever lost, it would cost 50 ms and no more.
 */
export const SPIN_THEN_PARK: WaitPlan = { spins: 100, sliceMs: 50 };

// `Atomics.pause` is newer than the declarations of TypeScript's library.
const atomics: Atomics & { readonly pause?: (iterations?: number) => void } = Atomics;
const pause = atomics.pause ?? (() => {});

/**
 * Calls `attempt` until it answers something else than empty or full, or the timeout has passed.
 * A timeout of 0 (or less) does not wait at all. Counts in `ring.waits` when it had to park.
 *
 * @param flagWord The waiting flag of the calling side.
 * @returns What `attempt` answered, or {@linkcode RING_TIMEOUT}.
 */
export function waitFor(
  ring: Ring,
  attempt: (ring: Ring) => number,
  flagWord: number,
  timeoutMs: number,
  plan: WaitPlan = SPIN_THEN_PARK,
): number {
  if (!(timeoutMs > 0)) return RING_TIMEOUT;
  for (let spin = 0; spin < plan.spins; spin++) {
    pause();
    const answer = attempt(ring);
    if (answer !== RING_EMPTY) return answer;
  }
  ring.waits++;
  const { words } = ring;
  const deadlineMs = performance.now() + timeoutMs;
  while (true) {
    Atomics.store(words, flagWord, 1);
    // `attempt` looks at a failure without `Atomics`: that look is not in the one order, and this one is.
    const hasFailed = Atomics.load(words, FAILED_WORD) !== 0;
    const answer = hasFailed ? RING_FAILED : attempt(ring);
    const leftMs = deadlineMs - performance.now();
    if (answer !== RING_EMPTY || leftMs <= 0) {
      Atomics.store(words, flagWord, 0);
      return answer !== RING_EMPTY ? answer : RING_TIMEOUT;
    }
    Atomics.wait(words, flagWord, 1, Math.min(leftMs, plan.sliceMs));
  }
}

/** Wakes the side whose flag this is, if it waits. Call it after publishing, never before. */
export function wake(words: Int32Array<SharedArrayBuffer>, flagWord: number): void {
  if (Atomics.load(words, flagWord) === 0) return;
  Atomics.store(words, flagWord, 0);
  Atomics.notify(words, flagWord);
}
