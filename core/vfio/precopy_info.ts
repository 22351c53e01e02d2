/**
 * `struct vfio_precopy_info`: what a device still has to send before it is stopped.
 *
 * ```text
 *    0        4        8                 16                24
 *    +--------+--------+-----------------+-----------------+
 *    | argsz  | flags  |  initial_bytes  |   dirty_bytes   |   little-endian
 *    +--------+--------+-----------------+-----------------+
 * ```
 *
 * @module
 */

import { readU64, writeU64 } from "./u64.ts";

/** The size of the structure, in bytes. Less in `argsz` is answered with `EINVAL`. */
export const PRECOPY_INFO_SIZE = 24;

/** Bits of `flags`, an output of the kernel. */
export const PRECOPY_INFO = {
  /**
   * There is new initial data: `initial_bytes` is a new value that has nothing to do with earlier
   * ones, and `dirty_bytes` starts again. The query that discovers it reports it, the next one does
   * not, so every report counts. Means nothing before the MIG_PRECOPY_INFOv2 feature was set.
   */
  REINIT: 1,
} as const;

/** The answer of a precopy info query. */
export interface PrecopyInfo {
  /** Bits of {@linkcode PRECOPY_INFO}. */
  flags: number;
  /**
   * Initial data not yet read, a u64 in the form of `u64.ts`. It is recommended, not required, to
   * let it reach 0 before the device is stopped.
   */
  initialBytes: number;
  /** Data changed since and not yet read, a u64 in the form of `u64.ts`. */
  dirtyBytes: number;
}

/**
 * Writes the structure, `argsz` included.
 *
 * To ask the kernel, `flags` should be 0: without the opt-in it comes back as it was given.
 *
 * @param view The view to write to
 * @param offset Where the structure begins, in bytes
 * @param info The fields
 */
export function writePrecopyInfo(
  view: DataView,
  offset: number,
  info: Readonly<PrecopyInfo>,
): void {
  view.setUint32(offset, PRECOPY_INFO_SIZE, true);
  view.setUint32(offset + 4, info.flags, true);
  writeU64(view, offset + 8, info.initialBytes);
  writeU64(view, offset + 16, info.dirtyBytes);
}

/**
 * Reads the structure.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PRECOPY_INFO, readPrecopyInfo, writePrecopyInfo } from "./precopy_info.ts";
 *
 * const view = new DataView(new ArrayBuffer(24));
 * writePrecopyInfo(view, 0, { flags: PRECOPY_INFO.REINIT, initialBytes: 4096, dirtyBytes: 0 });
 *
 * const info = { flags: 0, initialBytes: 0, dirtyBytes: 0 }; // one object for every query
 * readPrecopyInfo(view, 0, info);
 * assertEquals(info, { flags: PRECOPY_INFO.REINIT, initialBytes: 4096, dirtyBytes: 0 });
 * ```
 *
 * @param view The view to read from
 * @param offset Where the structure begins, in bytes
 * @param into Gets the fields
 */
export function readPrecopyInfo(view: DataView, offset: number, into: PrecopyInfo): void {
  into.flags = view.getUint32(offset + 4, true);
  into.initialBytes = readU64(view, offset + 8);
  into.dirtyBytes = readU64(view, offset + 16);
}

/** What decides over the flags that a precopy info query returns. */
export interface PrecopyFlagsSituation {
  /** Whether the MIG_PRECOPY_INFOv2 feature was set since the device was opened. */
  readonly optedIn: boolean;
  /** Whether the device has new initial data that no query has reported. */
  readonly reinit: boolean;
  /** What the caller left in `flags`. */
  readonly callerFlags: number;
}

/**
 * The flags that a precopy info query returns.
 *
 * With the opt-in the kernel clears `flags`, then the driver sets `REINIT` if there is reason to.
 * Without it `flags` is what the caller passed in: drivers used to copy the structure in and
 * out, and that stays so on purpose.
 *
 * @param situation See {@linkcode PrecopyFlagsSituation}
 * @returns Bits of {@linkcode PRECOPY_INFO}, or the caller's own
 */
export function kernelPrecopyFlags(situation: PrecopyFlagsSituation): number {
  if (!situation.optedIn) return situation.callerFlags;
  return situation.reinit ? PRECOPY_INFO.REINIT : 0;
}
