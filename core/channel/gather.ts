import { createIovecs, ERRNO, type Iovecs, setIovec, writev } from "../libc/mod.ts";

/** Stretches of memory that are written as one: what they are is set before each `writeGathered`. */
export interface Gather {
  /** Where each begins. */
  readonly addresses: Float64Array<ArrayBuffer>;
  /** How long each is, in bytes; 0 leaves it out. */
  readonly lengths: Float64Array<ArrayBuffer>;
  readonly iovecs: Iovecs;
}

export function createGather(count: number): Gather {
  return {
    addresses: new Float64Array(count),
    lengths: new Float64Array(count),
    iovecs: createIovecs(count),
  };
}

/**
 * Writes all of it, with one writev(2) where the fd takes it whole.
 *
 * @returns Bytes written, or a negative errno where it broke off
 */
export function writeGathered(fd: number, gather: Gather): number {
  const { iovecs } = gather;
  for (let done = 0;;) {
    const count = setIovecs(gather, done);
    if (count === 0) return done;
    const n = writev(fd, iovecs.pointer, count);
    if (n === -ERRNO.EINTR) continue;
    if (n < 0) return n;
    done += n;
  }
}

/** Sets the entries to what is left behind the first `done` bytes; how many there are. */
function setIovecs({ addresses, lengths, iovecs }: Gather, done: number): number {
  let count = 0;
  for (let i = 0, skip = done; i < lengths.length; i++) {
    const length = lengths[i] ?? 0;
    if (skip >= length) {
      skip -= length;
      continue;
    }
    setIovec(iovecs, count++, (addresses[i] ?? 0) + skip, length - skip);
    skip = 0;
  }
  return count;
}
