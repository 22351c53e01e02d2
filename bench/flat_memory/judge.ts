/**
 * Whether a transfer allocates for each of its buffers, from what two of different length took. Pure.
 *
 * ```text
 *   short   | setup | 100,000 buffers | teardown |
 *   long    | setup | 1,000,000 buffers ...                  | teardown |
 *   what the long one allocated more, it allocated for its further buffers
 * ```
 *
 * @module
 */
import { formatSize } from "../scenario/units.ts";

/** What a transfer took. */
export interface TransferMemory {
  readonly buffers: number;
  /** On the heaps of all threads together. */
  readonly allocated_bytes: number;
  /** Resident memory after the first fifth of the transfer, and the most in the last fifth. */
  readonly early_bytes: number;
  readonly late_bytes: number;
}

/** What may be: the collector's moods, and no object for each buffer. */
export interface Allowance {
  /** The smallest object, a number, takes 16 bytes: one for each buffer is found. */
  readonly bytes_per_buffer: number;
  /** 16 bytes kept for each of a million buffers would be found. */
  readonly growth_bytes: number;
}

export const ALLOWANCE: Allowance = { bytes_per_buffer: 12, growth_bytes: 12 * 1024 * 1024 };

/** What the buffers between two transfers took, each. */
export function bytesPerBuffer(short: TransferMemory, long: TransferMemory): number {
  return (long.allocated_bytes - short.allocated_bytes) / (long.buffers - short.buffers);
}

/** What is not flat, a line for each; none where all is. */
export function findGrowth(
  short: TransferMemory,
  long: TransferMemory,
  { bytes_per_buffer, growth_bytes }: Allowance = ALLOWANCE,
): string[] {
  if (!(long.buffers > short.buffers)) {
    throw new RangeError(
      `Cannot compare transfers of ${short.buffers} and ${long.buffers} buffers: expected the longer one second`,
    );
  }
  const found: string[] = [];
  const each = bytesPerBuffer(short, long);
  if (!(each <= bytes_per_buffer)) {
    found.push(
      `${each.toFixed(1)} bytes are allocated for each buffer, more than ${bytes_per_buffer}`,
    );
  }
  const grown = long.late_bytes - long.early_bytes;
  if (!(grown <= growth_bytes)) {
    found.push(
      `resident memory grows by ${formatSize(grown)} over ${long.buffers} buffers, more than ${
        formatSize(growth_bytes)
      }`,
    );
  }
  return found;
}
