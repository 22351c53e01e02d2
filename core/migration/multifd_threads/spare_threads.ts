import { endThreads, type Thread } from "./threads.ts";

/** The threads of one side, and what they have in common. */
export interface ThreadSet<Shared> {
  readonly shared: Shared;
  readonly threads: readonly Thread[];
  /** Makes the shared words what they were when they were made. No thread may run. */
  renew(): void;
}

/**
 * Threads that have done their work, for the next migration of the same shape: a Worker that begins runs every function
 * slowly until V8 has compiled it, in the middle of a downtime.
 */
export interface SpareThreads<Shared> {
  /** Those of this shape, as new; null where there are none. They are the caller's, until kept. */
  take(shape: string): ThreadSet<Shared> | null;
  /** Takes threads over of which none runs. */
  keep(shape: string, set: ThreadSet<Shared>): void;
}

/** Larger sets are not kept: each thread takes 13 MiB while nobody has work for it. */
const MOST_THREADS = 16;

/** None yet. One set is kept at most; those of another shape than is wanted end. */
export function createSpareThreads<Shared>(): SpareThreads<Shared> {
  let kept: { readonly shape: string; readonly set: ThreadSet<Shared> } | null = null;
  return {
    take(shape) {
      const found = kept;
      kept = null;
      if (found === null) return null;
      const { threads, renew } = found.set;
      if (found.shape !== shape) {
        endThreads(threads);
        return null;
      }
      renew();
      for (const thread of threads) thread.result = null;
      return found.set;
    },
    keep(shape, set) {
      if (kept !== null) endThreads(kept.set.threads);
      kept = set.threads.length > MOST_THREADS ? null : { shape, set };
      if (kept === null) endThreads(set.threads);
    },
  };
}

/** Gives what makes words again what they are now. */
export function renewing(words: readonly Int32Array[]): () => void {
  const copies = words.map((one) => Int32Array.from(one));
  return () => {
    for (const [i, one] of words.entries()) one.set(copies[i] ?? []);
  };
}
