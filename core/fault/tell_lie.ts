import { ERRNO } from "../libc/errno.ts";
import { PRECOPY_INFO, type PrecopyInfo } from "../vfio/precopy_info.ts";
import { u64Add } from "../vfio/u64.ts";
import type { LieName } from "./lie.ts";

/**
 * What a lying device says, from what is true and what it said before. A query that is to fail gives a negative errno;
 * a lie that is about something else changes nothing. Sizes are u64 in the form of `core/vfio/u64.ts`.
 *
 * @module
 */

/** What a liar has to remember. */
export interface LieMemory {
  /** How often its size was asked for, and the first answer. */
  sizeQueries: number;
  firstSize: number;
  /** The same of precopy info. */
  infoQueries: number;
  firstInitialBytes: number;
  firstDirtyBytes: number;
  /** Whether MIG_PRECOPY_INFOv2 was set. */
  optedIn: boolean;
  /** Reads, or of protocol v1 buffers, after the stop. */
  stoppedReads: number;
  /** How much of what should not come after the end has come, in bytes. */
  surplusBytes: number;
}

export function createLieMemory(): LieMemory {
  return {
    sizeQueries: 0,
    firstSize: 0,
    infoQueries: 0,
    firstInitialBytes: 0,
    firstDirtyBytes: 0,
    optedIn: false,
    stoppedReads: 0,
    surplusBytes: 0,
  };
}

const KIB = 1024;
const MIB = 1024 * KIB;
/** How wrong a size is that is wrong by a factor. */
const FACTOR = 16;
const PDS_SIZE = 64 * KIB;
/** What comes after the end. */
export const SURPLUS_BYTES = 4 * KIB;

/**
 * What the device says its size is: MIG_DATA_SIZE, or of protocol v1 pending_bytes.
 *
 * @param size The truth
 * @returns What it says, or null where the query fails with EIO
 */
export function tellSize(lie: LieName, memory: Readonly<LieMemory>, size: number): number | null {
  switch (lie) {
    case "size-constant":
      return PDS_SIZE;
    case "size-stuck":
      return memory.sizeQueries === 0 ? size : memory.firstSize;
    case "size-zero":
      return 0;
    case "size-too-small":
      return fraction(size);
    case "size-too-large":
      return size * FACTOR;
    case "size-error":
      return null;
    case "size-negative":
      return -ERRNO.EINVAL;
    case "size-growing":
      return u64Add(size, (memory.sizeQueries + 1) * MIB);
    default:
      return size;
  }
}

/** Remembers that the size was asked for, and what is true of it. */
export function noteSizeQuery(memory: LieMemory, size: number): void {
  if (memory.sizeQueries++ === 0) memory.firstSize = size;
}

/**
 * What the device says in answer to VFIO_MIG_GET_PRECOPY_INFO.
 *
 * @param info The truth, which becomes what it says
 * @returns 0, or a negative errno
 */
export function tellPrecopyInfo(
  lie: LieName,
  memory: Readonly<LieMemory>,
  info: PrecopyInfo,
): number {
  switch (lie) {
    case "precopy-error":
      return -ERRNO.EIO;
    case "precopy-zero":
      setSizes(info, 0, 0);
      return 0;
    case "precopy-too-small":
      setSizes(info, fraction(info.initialBytes), fraction(info.dirtyBytes));
      return 0;
    case "precopy-too-large":
      setSizes(info, info.initialBytes * FACTOR, info.dirtyBytes * FACTOR);
      return 0;
    case "precopy-stuck":
      if (memory.infoQueries > 0) {
        setSizes(info, memory.firstInitialBytes, memory.firstDirtyBytes);
      }
      return 0;
    case "precopy-negative":
      info.initialBytes = -ERRNO.EINVAL;
      return 0;
    case "precopy-double":
      info.dirtyBytes = u64Add(info.dirtyBytes, info.initialBytes);
      return 0;
    case "initial-growing":
      info.initialBytes = u64Add(info.initialBytes, (memory.infoQueries + 1) * 64 * KIB);
      return 0;
    case "dirty-constant":
      info.dirtyBytes = Math.max(info.dirtyBytes, MIB);
      return 0;
    case "garbage-flags":
      info.flags = memory.optedIn ? (info.flags | ~PRECOPY_INFO.REINIT) >>> 0 : 0xffff_ffff;
      return 0;
    case "reinit-first":
      if (memory.infoQueries === 0) reinitialize(info);
      return 0;
    case "reinit-empty":
      if (memory.infoQueries === 1) {
        info.flags |= PRECOPY_INFO.REINIT;
        setSizes(info, 0, 0);
      }
      return 0;
    case "reinit-forever":
      reinitialize(info);
      return 0;
    default:
      return 0;
  }
}

/** Remembers that precopy info was asked for, and what is true of it. */
export function notePrecopyInfoQuery(memory: LieMemory, info: Readonly<PrecopyInfo>): void {
  if (memory.infoQueries++ > 0) return;
  memory.firstInitialBytes = info.initialBytes;
  memory.firstDirtyBytes = info.dirtyBytes;
}

/** REINIT as the kernel means it: all that is there is initial data, and dirty_bytes starts again. */
function reinitialize(info: PrecopyInfo): void {
  info.flags |= PRECOPY_INFO.REINIT;
  setSizes(info, u64Add(info.initialBytes, info.dirtyBytes), 0);
}

function setSizes(info: PrecopyInfo, initialBytes: number, dirtyBytes: number): void {
  info.initialBytes = initialBytes;
  info.dirtyBytes = dirtyBytes;
}

/** What is left of a size that is told too small: nothing only of nothing. */
function fraction(bytes: number): number {
  return bytes > 0 ? Math.max(1, Math.floor(bytes / FACTOR)) : bytes;
}

/** What a read does instead of what it should. */
export type ReadLie = "ENOMSG" | "end" | null;

/**
 * What a lying device's data_fd gives in place of data.
 *
 * @param isStopped Whether the device is in STOP_COPY, and not in PRE_COPY
 * @returns null where it gives what it should
 */
export function tellRead(lie: LieName, memory: Readonly<LieMemory>, isStopped: boolean): ReadLie {
  switch (lie) {
    case "enomsg-forever":
      return isStopped ? null : "ENOMSG";
    case "enomsg-at-stop":
      return isStopped ? "ENOMSG" : null;
    case "ends-early":
      return isStopped && memory.stoppedReads > 0 ? "end" : null;
    default:
      return null;
  }
}
