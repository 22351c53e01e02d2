/**
 * A guest that dirties device state by sweeping over it, chunk after chunk, round and round. Because it
 * sweeps, what is dirty is always one stretch of the circle, so that the answer "how much is dirty, and
 * where" costs the same for 64 MiB and for 1 TiB, with bytes and without.
 *
 *          base                                  base + chunks x chunkSize
 *           |      tail ........... head          |
 *           |------[=== dirty =======>------------|
 *     `head` counts chunks dirtied since the sweep was reset, `tail` those no longer dirty because
 *     they were taken to be sent; head - tail is capped at `chunks`: a chunk dirtied twice is dirty once.
 */
export interface DirtySweep {
  readonly base: number;
  readonly chunkSize: number;
  readonly chunks: number;
  readonly chunksPerNs: number;
  /** For how long the guest has run since the sweep was reset. */
  ranNs: number;
  /** Chunks dirtied since then by something else than time. */
  extra: number;
  head: number;
  tail: number;
}

/** The sweep over `span` bytes from `base` at `rate` bytes per second; whole chunks only, at least one. */
export function createDirtySweep(
  base: number,
  span: number,
  chunkSize: number,
  rate: number,
): DirtySweep {
  return {
    base,
    chunkSize,
    chunks: Math.max(1, Math.floor(span / chunkSize)),
    chunksPerNs: rate / chunkSize / 1e9,
    ranNs: 0,
    extra: 0,
    head: 0,
    tail: 0,
  };
}

/** Nothing is dirty; what was dirtied before is of no interest any more. */
export function resetSweep(sweep: DirtySweep): void {
  sweep.ranNs = 0;
  sweep.extra = 0;
  sweep.head = 0;
  sweep.tail = 0;
}

/** The guest ran for `ranNs` more. Returns how many chunks it dirtied, counting each visit. */
export function advanceSweep(sweep: DirtySweep, ranNs: number): number {
  sweep.ranNs += ranNs;
  return moveHead(sweep, sweep.extra + Math.floor(sweep.ranNs * sweep.chunksPerNs));
}

/** So many chunks more are dirtied, whatever the time. Returns how many. */
export function pushSweep(sweep: DirtySweep, chunks: number): number {
  sweep.extra += chunks;
  return moveHead(sweep, sweep.head + chunks);
}

function moveHead(sweep: DirtySweep, head: number): number {
  const before = sweep.head;
  sweep.head = head;
  if (sweep.head - sweep.tail > sweep.chunks) sweep.tail = sweep.head - sweep.chunks;
  return sweep.head - before;
}

export function dirtyChunks(sweep: DirtySweep): number {
  return sweep.head - sweep.tail;
}

/** How many contiguous stretches the dirty part lies in: 0, 1, or 2 where it wraps. */
export function dirtyStretches(sweep: DirtySweep): number {
  const count = dirtyChunks(sweep);
  if (count === 0) return 0;
  return (sweep.tail % sweep.chunks) + count > sweep.chunks ? 2 : 1;
}

/** Where the next stretch starts. */
export function stretchOffset(sweep: DirtySweep): number {
  return sweep.base + (sweep.tail % sweep.chunks) * sweep.chunkSize;
}

/** Takes the next stretch to be sent; returns its length in bytes. What is dirtied from now on is dirty again. */
export function takeStretch(sweep: DirtySweep): number {
  const count = Math.min(dirtyChunks(sweep), sweep.chunks - (sweep.tail % sweep.chunks));
  sweep.tail += count;
  return count * sweep.chunkSize;
}
