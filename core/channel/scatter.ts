import { createIovecs, ERRNO, type Iovecs, readv, type Region, setIovec } from "../libc/mod.ts";

/**
 * Stretches of memory that one readv(2) fills in their order, each up to the length that is asked of it. Afterwards
 * `chunk` is gone through first, from its start to `end`, then what `nextChunk` says.
 */
export interface Scatter {
  readonly stretches: readonly Region[];
  /** How much of each is to be filled, in bytes, from the one at `first` on; set before each `readScattered`. */
  readonly lengths: Int32Array<ArrayBuffer>;
  readonly iovecs: Iovecs;
  first: number;
  count: number;
  chunk: Region;
  end: number;
  /** The stretch of `chunk`, and how many bytes were read behind it. */
  at: number;
  behind: number;
}

/**
 * @throws {RangeError} Without a stretch, or with more than one readv(2) takes
 */
export function createScatter(stretches: readonly Region[]): Scatter {
  const [chunk] = stretches;
  if (chunk === undefined) {
    throw new RangeError("Cannot read into stretches of memory: received none");
  }
  return {
    stretches,
    lengths: new Int32Array(stretches.length),
    iovecs: createIovecs(stretches.length),
    first: 0,
    count: 0,
    chunk,
    end: 0,
    at: 0,
    behind: 0,
  };
}

/** Asks for `count` stretches from the one at `first` on, as long as `lengths` says. */
export function askFor(scatter: Scatter, first: number, count: number): void {
  const { stretches, lengths, iovecs } = scatter;
  scatter.first = first;
  scatter.count = count;
  for (let i = 0; i < count; i++) {
    setIovec(iovecs, i, stretches[first + i]?.address ?? 0, lengths[first + i] ?? 0);
  }
}

/** Reads what has been asked for: bytes read, 0 at the end, or a negative errno. */
export function readScattered(fd: number, scatter: Scatter): number {
  let n: number;
  do n = readv(fd, scatter.iovecs.pointer, scatter.count); while (n === -ERRNO.EINTR);
  scatter.end = 0;
  scatter.behind = 0;
  if (n <= 0) return n;
  scatter.at = scatter.first - 1;
  scatter.behind = n;
  nextChunk(scatter);
  return n;
}

/** Goes on to the next stretch that was read into: `false` where there is none. */
export function nextChunk(scatter: Scatter): boolean {
  if (scatter.behind === 0) return false;
  const at = ++scatter.at;
  scatter.chunk = scatter.stretches[at] ?? scatter.chunk;
  scatter.end = Math.min(scatter.lengths[at] ?? 0, scatter.behind);
  scatter.behind -= scatter.end;
  return true;
}
