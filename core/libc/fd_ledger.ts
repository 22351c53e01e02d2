/**
 * Which fds a thread has open, kept where another thread can read it. A thread that dies closes nothing: its fds
 * are the process's, and stay open until somebody who knows of them closes them.
 *
 * ```text
 *   Worker                                     main thread
 *   keepFdLedger(ledger)
 *   open, memfd_create, socket ...: noted
 *   close: crossed out
 *   (dies)                                     closeLedger(ledger)
 * ```
 *
 * @module
 */

/** A bit for each fd, so that it never fills up: the hard limit of most systems is below this. */
const MAX_FDS = 1 << 19;

/** As plain data that a `postMessage` shares with another thread. */
export type FdLedger = Int32Array<SharedArrayBuffer>;

let own: FdLedger | null = null;

/** An empty ledger. */
export function createFdLedger(): FdLedger {
  return new Int32Array(new SharedArrayBuffer(MAX_FDS / 8));
}

/** From now on this thread notes every fd that it opens, and crosses out those that it closes; null: not any more. */
export function keepFdLedger(ledger: FdLedger | null): void {
  own = ledger;
}

/**
 * Notes an fd that was opened, where a ledger is kept.
 *
 * @param fd An fd, or a negative errno
 * @returns The same
 */
export function noteFd(fd: number): number {
  if (own !== null && fd >= 0 && fd < MAX_FDS) Atomics.or(own, fd >> 5, 1 << (fd & 31));
  return fd;
}

/** Crosses an fd out that is about to be closed: after that the number may be somebody else's. */
export function crossOutFd(fd: number): void {
  if (own !== null && fd >= 0 && fd < MAX_FDS) Atomics.and(own, fd >> 5, ~(1 << (fd & 31)));
}

/** The fds that a ledger has, in order. */
export function fdsOf(ledger: FdLedger): number[] {
  const fds: number[] = [];
  for (let word = 0; word < ledger.length; word++) {
    const bits = Atomics.load(ledger, word);
    for (let bit = 0; bits !== 0 && bit < 32; bit++) {
      if ((bits >>> bit & 1) === 1) fds.push(word * 32 + bit);
    }
  }
  return fds;
}
