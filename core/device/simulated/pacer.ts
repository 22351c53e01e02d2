import type { Clock } from "../../clock/mod.ts";

/** Holds a stream of bytes to a rate: what it owes is slept off, in pieces large enough to be worth a sleep. */
export interface Pacer {
  readonly nsPerByte: number;
  /** How far the other side has worked ahead where nobody took anything for a while. */
  readonly aheadNs: number;
  /** When the bytes so far should have been through. */
  dueNs: number;
}

/** Debts below this are carried on: a shorter sleep costs more than it sleeps. */
const SMALLEST_SLEEP_NS = 100_000;

/**
 * @param rate bytes per second; 0 = no limit
 * @param ahead bytes that are got ready while nobody takes any
 */
export function createPacer(rate: number, ahead = 0): Pacer {
  const nsPerByte = rate > 0 ? 1e9 / rate : 0;
  return { nsPerByte, aheadNs: ahead * nsPerByte, dueNs: -Infinity };
}

/** `n` bytes went through a call that began at `began_ns`; sleeps where that was faster than the rate. */
export function pace(pacer: Pacer, clock: Clock, began_ns: number, n: number): void {
  // Starting from the call's own begin, the time it really took counts, and idle time saves up no credit.
  pacer.dueNs = Math.max(pacer.dueNs, began_ns - pacer.aheadNs) + n * pacer.nsPerByte;
  const debt_ns = pacer.dueNs - clock.nowNs();
  if (debt_ns >= SMALLEST_SLEEP_NS) clock.sleepNs(debt_ns);
}
