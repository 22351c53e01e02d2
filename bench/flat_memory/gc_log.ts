/**
 * What V8 says of its collections with `--trace-gc-nvp`, for every thread of a process, among other things:
 *
 * ```text
 *   [4711:0x5581c0a0:0]  123 ms: GC: {"pause":0.5,"mutator":7.1,"gc":"s", ... "allocated":1048576, ...}
 *    pid  isolate: a thread's own heap                                  since its last collection
 * ```
 *
 * @module
 */

/** What the heaps of a process did. */
export interface HeapActivity {
  readonly collections: number;
  /**
   * All that the Workers allocated until each heap's last collection, in bytes. What came after it is in no line. The
   * main thread's is not in it: that looks on, and allocates with the time and not with the buffers.
   */
  readonly allocated_bytes: number;
  /** How many heaps collected anything. */
  readonly heaps: number;
}

const COLLECTION = /\[\d+:(0x[0-9a-f]+):\d+\]\s+\d+ ms: GC: \{[^{}]*?"allocated":(\d+)/g;

/** Adds up the collections of a process's output; whatever else is in it is passed over. */
export function readGcLog(text: string): HeapActivity {
  const heaps = new Set<string>();
  let collections = 0;
  let allocated_bytes = 0;
  for (const [, heap = "", allocated = ""] of text.matchAll(COLLECTION)) {
    heaps.add(heap);
    collections++;
    // The main thread's heap is full before there is any other: it loads what starts the Workers.
    if (heaps.values().next().value === heap) continue;
    // Sometimes V8 counts less than before: below 0, and written as if it had no sign.
    allocated_bytes += Number(BigInt.asIntN(64, BigInt(allocated)));
  }
  return { collections, allocated_bytes, heaps: heaps.size };
}
