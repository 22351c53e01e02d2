import { acquire, type Pool, type PoolEntry } from "../memory/mod.ts";

/**
 * Takes a buffer that a channel's end keeps until it is closed.
 *
 * @throws {RangeError} If the pool has none left
 */
export function takeBuffer(pool: Pool): PoolEntry {
  const entry = acquire(pool);
  if (entry !== undefined) return entry;
  throw new RangeError(
    `Cannot take a buffer for a channel: received a pool with all ${pool.capacity} in use`,
  );
}
