/**
 * The kernel's rate limiter with a burst of one: yes to the first question, and to the first one after each
 * period that follows a yes. Not asking saves nothing up.
 */
export interface RateLimiter {
  readonly periodNs: number;
  /** When the last yes was. */
  allowedNs: number;
}

export function createRateLimiter(periodNs: number): RateLimiter {
  return { periodNs, allowedNs: -Infinity };
}

/** Forgets every yes. */
export function resetRateLimiter(limiter: RateLimiter): void {
  limiter.allowedNs = -Infinity;
}

/** Whether it may be done now; a yes counts as done. */
export function allow(limiter: RateLimiter, now_ns: number): boolean {
  // The kernel wants more than the period to have passed, in its ticks; without ticks that is this.
  if (now_ns - limiter.allowedNs <= limiter.periodNs) return false;
  limiter.allowedNs = now_ns;
  return true;
}
