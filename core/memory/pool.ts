/**
 * A pool of buffers of one size, made when first needed and used again ever after. Within one
 * thread only; what crosses threads goes through a ring.
 *
 * @module
 */

import type { PageStart } from "./page_start.ts";

/** Most buffers a pool may have. */
export const MAX_POOL_CAPACITY = 65_536;

/** Largest buffer of a pool, in bytes: 1 GiB. */
export const MAX_POOL_BUFFER_SIZE = 1024 * 1024 * 1024;

/** What a new pool looks like. */
export interface PoolOptions {
  /** Size of every buffer, in bytes: 1 to 1 GiB. */
  readonly bufferSize: number;
  /** Most buffers at any time: 1 to 65536. */
  readonly capacity: number;
  /** Buffers to make at once: 0 to `capacity`, 0 where not given. */
  readonly initial?: number;
  /** Where given, every buffer's bytes begin on a page. */
  readonly pageStart?: PageStart;
}

/** A buffer of a pool. The pool gives the same object every time, so that it allocates nothing. */
export interface PoolEntry {
  /** Its place in the pool, 0 to `capacity - 1`: an index for what the caller keeps beside it. */
  readonly index: number;
  readonly buffer: ArrayBuffer;
  /** `bufferSize` bytes of `buffer`. Holds what its last user left in it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * The state of a pool. Read it freely; only this file's functions write it.
 *
 * ```text
 *   entries    | 0 | 1 | 2 | 3 |           made so far; grows up to capacity
 *   lent       | 0 | 1 | 0 | 1 |  ...      1 where a user has it
 *   free       | 2 | 0 | . | . |  ...      a stack of the others, freeCount = 2
 * ```
 */
export interface Pool {
  /** In bytes. */
  readonly bufferSize: number;
  readonly capacity: number;
  readonly pageStart: PageStart | undefined;
  readonly entries: PoolEntry[];
  readonly lent: Uint8Array<ArrayBuffer>;
  readonly free: Int32Array<ArrayBuffer>;
  freeCount: number;
  /** Buffers that users have now. */
  inUse: number;
  /** The most that users ever had at once: the capacity that would have been enough. */
  highWater: number;
}

/**
 * Makes a pool.
 *
 * @throws {RangeError} If an option is outside its limits.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const pool = createPool({ bufferSize: 4096, capacity: 1 });
 * const entry = acquire(pool);
 * assertEquals(entry?.bytes.length, 4096);
 * assertEquals(acquire(pool), undefined);
 * if (entry !== undefined) releaseBuffer(pool, entry);
 * assertEquals(pool.inUse, 0);
 * assertEquals(pool.highWater, 1);
 * ```
 */
export function createPool(
  { bufferSize, capacity, initial = 0, pageStart }: PoolOptions,
): Pool {
  checkOption("bufferSize", bufferSize, 1, MAX_POOL_BUFFER_SIZE);
  checkOption("capacity", capacity, 1, MAX_POOL_CAPACITY);
  checkOption("initial", initial, 0, capacity);
  const pool: Pool = {
    bufferSize,
    capacity,
    pageStart,
    entries: [],
    lent: new Uint8Array(capacity),
    free: new Int32Array(capacity),
    freeCount: 0,
    inUse: 0,
    highWater: 0,
  };
  // The stack gives the last one first, so that the lowest index comes out first.
  for (let index = 0; index < initial; index++) {
    makeEntry(pool);
    pool.free[pool.freeCount++] = initial - 1 - index;
  }
  return pool;
}

/**
 * Lends a buffer, of those released the last one, whose bytes are the likeliest to be in a cache.
 *
 * @returns The buffer's entry, or `undefined` when `capacity` buffers are lent.
 */
export function acquire(pool: Pool): PoolEntry | undefined {
  let entry: PoolEntry | undefined;
  if (pool.freeCount > 0) {
    const index = pool.free[--pool.freeCount];
    entry = index === undefined ? undefined : pool.entries[index];
  } else if (pool.entries.length < pool.capacity) {
    entry = makeEntry(pool);
  }
  if (entry === undefined) return undefined;
  pool.lent[entry.index] = 1;
  pool.inUse++;
  if (pool.inUse > pool.highWater) pool.highWater = pool.inUse;
  return entry;
}

/**
 * Takes a buffer back.
 *
 * @throws {TypeError} If the entry is not this pool's, is not lent, or its buffer was transferred
 * to another thread and is empty here.
 */
export function releaseBuffer(pool: Pool, entry: PoolEntry): void {
  const { index } = entry;
  if (pool.entries[index] !== entry) {
    throw new TypeError(
      `Cannot release a buffer to a pool that did not lend it: received a foreign entry ${index}`,
    );
  }
  if (pool.lent[index] !== 1) {
    throw new TypeError(`Cannot release a buffer to its pool twice: received entry ${index}`);
  }
  if (entry.buffer.detached) {
    throw new TypeError(
      `Cannot release a buffer to its pool after a transfer: received entry ${index}, detached`,
    );
  }
  pool.lent[index] = 0;
  pool.free[pool.freeCount++] = index;
  pool.inUse--;
}

function makeEntry({ bufferSize, pageStart, entries }: Pool): PoolEntry {
  const buffer = new ArrayBuffer(bufferSize + (pageStart === undefined ? 0 : PAGE_SIZE));
  const bytes = new Uint8Array(buffer, pageStart?.(buffer) ?? 0, bufferSize);
  const entry = { index: entries.length, buffer, bytes };
  entries.push(entry);
  return entry;
}

const PAGE_SIZE = 4096;

function checkOption(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(
      `Cannot create a pool with a ${name} that is not an integer from ${min} to ${max}: received ${value}`,
    );
  }
}
