/**
 * A bounded queue of small records, from many threads to one.
 *
 * @module
 */

// The words, in order; those that different threads write are apart by 128 bytes, as in the ring.
const HEAD = 0;
const TAIL = 32;
const BELL = 64;
const HEADER_WORDS = 96;
/** Of each cell: its turn, then the record's four numbers. */
const CELL_WORDS = 8;
const MAX_CAPACITY = 2 ** 22;

/** A record: four integers of 32 bits, whose meaning is their users'. */
export interface QueueRecord {
  a: number;
  b: number;
  c: number;
  d: number;
}

/**
 * The queue, as plain data that a `postMessage` shares with another thread.
 *
 * ```text
 *   head (consumer's)          tail (producers')
 *     v                          v
 *   | cell | cell | cell | cell | ...      cell n & mask
 *
 *   a cell's turn is n      it is free for the record number n
 *                   n + 1   record n is in it, to be taken
 * ```
 *
 * A producer gets its cell by raising the tail, and publishes the record by the cell's turn. Records come out in
 * the order of their cells.
 */
export interface RecordQueue {
  readonly words: Int32Array<SharedArrayBuffer>;
  /** The number of cells less 1; that number is a power of two. */
  readonly mask: number;
}

/**
 * Makes an empty queue with room for `capacity` records or some more.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createRecordQueue, popRecord, pushRecord } from "./record_queue.ts";
 *
 * const queue = createRecordQueue(8);
 * const record = { a: 0, b: 0, c: 0, d: 0 };
 * assertEquals(popRecord(queue, record), false);
 * assertEquals(pushRecord(queue, 1, 2, 3, 4), true);
 * assertEquals(popRecord(queue, record), true);
 * assertEquals(record, { a: 1, b: 2, c: 3, d: 4 });
 * ```
 *
 * @throws {RangeError} If the capacity is not an integer from 1 to 2^22
 */
export function createRecordQueue(capacity: number): RecordQueue {
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > MAX_CAPACITY) {
    throw new RangeError(
      `Cannot create a record queue with a capacity from 1 to ${MAX_CAPACITY}: received ${capacity}`,
    );
  }
  let cells = 2;
  while (cells < capacity) cells *= 2;
  const words = new Int32Array(new SharedArrayBuffer((HEADER_WORDS + cells * CELL_WORDS) * 4));
  for (let n = 0; n < cells; n++) words[HEADER_WORDS + n * CELL_WORDS] = n;
  return { words, mask: cells - 1 };
}

/** Adds a record and rings the bell; `false` where the queue is full. */
export function pushRecord(
  queue: RecordQueue,
  a: number,
  b: number,
  c: number,
  d: number,
): boolean {
  const { words, mask } = queue;
  for (;;) {
    const n = Atomics.load(words, TAIL);
    const cell = HEADER_WORDS + (n & mask) * CELL_WORDS;
    const turn = (Atomics.load(words, cell) - n) | 0;
    // Behind: the record of one round before is still in it. Ahead: another producer was faster.
    if (turn < 0) return false;
    if (turn > 0 || Atomics.compareExchange(words, TAIL, n, (n + 1) | 0) !== n) continue;
    words[cell + 1] = a;
    words[cell + 2] = b;
    words[cell + 3] = c;
    words[cell + 4] = d;
    Atomics.store(words, cell, (n + 1) | 0);
    ringBell(queue);
    return true;
  }
}

/** Takes the next record out, by its only consumer; `false` where there is none. */
export function popRecord({ words, mask }: RecordQueue, record: QueueRecord): boolean {
  const n = Atomics.load(words, HEAD);
  const cell = HEADER_WORDS + (n & mask) * CELL_WORDS;
  if (Atomics.load(words, cell) !== ((n + 1) | 0)) return false;
  record.a = words[cell + 1] ?? 0;
  record.b = words[cell + 2] ?? 0;
  record.c = words[cell + 3] ?? 0;
  record.d = words[cell + 4] ?? 0;
  Atomics.store(words, cell, (n + mask + 1) | 0);
  Atomics.store(words, HEAD, (n + 1) | 0);
  return true;
}

/** How often the bell was rung, to be looked at before whatever might make {@linkcode awaitBell} needless. */
export function bellCount({ words }: RecordQueue): number {
  return Atomics.load(words, BELL);
}

/** Wakes the consumer: something has changed that it waits for. */
export function ringBell({ words }: RecordQueue): void {
  Atomics.add(words, BELL, 1);
  Atomics.notify(words, BELL);
}

/** Blocks the consumer until the bell is rung again after `seen`, at most so long. */
export function awaitBell({ words }: RecordQueue, seen: number, timeoutMs: number): void {
  Atomics.wait(words, BELL, seen, timeoutMs);
}
