/**
 * VFIO_DEVICE_FEATURE: one ioctl behind which all requests to a device for a migration stand.
 *
 * A header, then the payload of the feature. Everything is little-endian.
 *
 * ```text
 *    0        4        8
 *    +--------+--------+---------------------------
 *    | argsz  | flags  |  payload, 0 to 32 bytes
 *    +--------+--------+---------------------------
 *                  \__ bits 0-15 the feature, 16 GET, 17 SET, 18 PROBE
 * ```
 *
 * The functions that read and write a payload take the offset of the payload, not of the header.
 *
 * @module
 */

import type { DeviceState } from "./device_state.ts";
import { ERRNO } from "../libc/errno.ts";
import { readU64, writeU64 } from "./u64.ts";

/** The features of a migration, by kernel name without `VFIO_DEVICE_FEATURE_`. */
export const FEATURE = {
  /** GET what the device can do. */
  MIGRATION: 1,
  /** GET the state, or SET it. */
  MIG_DEVICE_STATE: 2,
  /** SET: begin to log which memory the device writes to. */
  DMA_LOGGING_START: 6,
  /** SET: end the logging. */
  DMA_LOGGING_STOP: 7,
  /** GET the dirty bitmap and clear it. */
  DMA_LOGGING_REPORT: 8,
  /** GET an estimate of what stop-copy would send, in any state. */
  MIG_DATA_SIZE: 9,
  /** SET: from now on the flags of a precopy info query can be trusted, and may say REINIT. */
  MIG_PRECOPY_INFOv2: 12,
} as const;

/** The bits of `flags` that hold the feature. */
export const FEATURE_MASK = 0xffff;

/** The bits of `flags` that say what to do with the feature. */
export const FEATURE_OP = {
  GET: 1 << 16,
  SET: 1 << 17,
  /** Only ask whether the feature, and GET or SET if they are named too, would be served. */
  PROBE: 1 << 18,
} as const;

/** Sizes in bytes: of the header, and of each payload. */
export const FEATURE_SIZE = {
  HEADER: 8,
  MIGRATION: 8,
  MIG_DEVICE_STATE: 8,
  DMA_LOGGING_START: 24,
  DMA_LOGGING_STOP: 0,
  DMA_LOGGING_REPORT: 32,
  MIG_DATA_SIZE: 8,
  MIG_PRECOPY_INFOv2: 0,
} as const;

const { GET, SET, PROBE } = FEATURE_OP;

/** For each feature the operations it serves and the payload it needs at least. */
const SERVED: { readonly [feature: number]: { ops: number; size: number } | undefined } = {
  [FEATURE.MIGRATION]: { ops: GET, size: FEATURE_SIZE.MIGRATION },
  [FEATURE.MIG_DEVICE_STATE]: { ops: GET | SET, size: FEATURE_SIZE.MIG_DEVICE_STATE },
  [FEATURE.DMA_LOGGING_START]: { ops: SET, size: FEATURE_SIZE.DMA_LOGGING_START },
  [FEATURE.DMA_LOGGING_STOP]: { ops: SET, size: FEATURE_SIZE.DMA_LOGGING_STOP },
  [FEATURE.DMA_LOGGING_REPORT]: { ops: GET, size: FEATURE_SIZE.DMA_LOGGING_REPORT },
  [FEATURE.MIG_DATA_SIZE]: { ops: GET, size: FEATURE_SIZE.MIG_DATA_SIZE },
  [FEATURE.MIG_PRECOPY_INFOv2]: { ops: SET, size: FEATURE_SIZE.MIG_PRECOPY_INFOv2 },
};

/**
 * What the kernel makes of a feature request before it looks at the payload.
 *
 * In this order: `EINVAL` for an `argsz` below the header, for unknown bits in `flags`, and for GET
 * with SET unless it is a PROBE; `ENOTTY` for a feature that is not in `features`; `EINVAL` for an
 * operation the feature does not serve; then a PROBE is answered with success; `EINVAL` if neither
 * GET nor SET was asked for, or the payload does not fit in `argsz`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ERRNO } from "../libc/errno.ts";
 * import { checkFeatureRequest, FEATURE, FEATURE_OP } from "./feature.ts";
 *
 * const features = 1 << FEATURE.MIGRATION | 1 << FEATURE.MIG_DEVICE_STATE; // an older kernel
 * assertEquals(checkFeatureRequest(16, FEATURE.MIGRATION | FEATURE_OP.GET, features), 1);
 * assertEquals(
 *   checkFeatureRequest(8, FEATURE.MIG_PRECOPY_INFOv2 | FEATURE_OP.SET, features),
 *   -ERRNO.ENOTTY,
 * );
 * ```
 *
 * @param argsz The caller's `argsz`, header included
 * @param flags The caller's `flags`
 * @param features The features that kernel and driver have: bit N for feature N
 * @returns 1 if the request is to be carried out, 0 for a PROBE that is thereby answered, or a
 * negative errno
 */
export function checkFeatureRequest(argsz: number, flags: number, features: number): number {
  if (argsz < FEATURE_SIZE.HEADER) return -ERRNO.EINVAL;
  if ((flags & ~(FEATURE_MASK | GET | SET | PROBE)) !== 0) return -ERRNO.EINVAL;
  const ops = flags & (GET | SET);
  const probe = (flags & PROBE) !== 0;
  if (ops === (GET | SET) && !probe) return -ERRNO.EINVAL;
  const feature = flags & FEATURE_MASK;
  const served = SERVED[feature];
  if (served === undefined || (features & (1 << feature)) === 0) return -ERRNO.ENOTTY;
  if ((ops & ~served.ops) !== 0) return -ERRNO.EINVAL;
  if (probe) return 0;
  if (ops === 0 || argsz - FEATURE_SIZE.HEADER < served.size) return -ERRNO.EINVAL;
  return 1;
}

/**
 * Writes the header of a request.
 *
 * @param view The view to write to
 * @param offset Where the header begins, in bytes
 * @param argsz The size of header and payload together, in bytes
 * @param flags A feature with bits of {@linkcode FEATURE_OP}
 */
export function writeFeatureHeader(
  view: DataView,
  offset: number,
  argsz: number,
  flags: number,
): void {
  view.setUint32(offset, argsz, true);
  view.setUint32(offset + 4, flags, true);
}

/**
 * Reads `argsz` from the header of a request.
 *
 * @param view The view to read from
 * @param offset Where the header begins, in bytes
 * @returns The size of header and payload together, in bytes
 */
export function readFeatureArgsz(view: DataView, offset: number): number {
  return view.getUint32(offset, true);
}

/**
 * Reads `flags` from the header of a request.
 *
 * @param view The view to read from
 * @param offset Where the header begins, in bytes
 * @returns A feature with bits of {@linkcode FEATURE_OP}
 */
export function readFeatureFlags(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true);
}

/**
 * Writes the payload of MIGRATION.
 *
 * @param view The view to write to
 * @param offset Where the payload begins, in bytes
 * @param flags Bits of `MIGRATION`
 */
export function writeMigrationFlags(view: DataView, offset: number, flags: number): void {
  writeU64(view, offset, flags);
}

/**
 * Reads the payload of MIGRATION.
 *
 * @param view The view to read from
 * @param offset Where the payload begins, in bytes
 * @returns Bits of `MIGRATION`, and perhaps bits of a newer kernel
 */
export function readMigrationFlags(view: DataView, offset: number): number {
  return readU64(view, offset);
}

/**
 * Writes the payload of MIG_DEVICE_STATE: the state as a u32, then the data_fd as an s32.
 *
 * @param view The view to write to
 * @param offset Where the payload begins, in bytes
 * @param state The requested state, or the one the device is in
 * @param dataFd The data_fd of a session that begins with this request, otherwise -1
 */
export function writeMigDeviceState(
  view: DataView,
  offset: number,
  state: DeviceState,
  dataFd: number,
): void {
  view.setUint32(offset, state, true);
  view.setInt32(offset + 4, dataFd, true);
}

/**
 * Reads the state from the payload of MIG_DEVICE_STATE.
 *
 * @param view The view to read from
 * @param offset Where the payload begins, in bytes
 * @returns A number to be checked with `isDeviceState`
 */
export function readMigDeviceState(view: DataView, offset: number): number {
  return view.getUint32(offset, true);
}

/**
 * Reads the data_fd from the payload of MIG_DEVICE_STATE.
 *
 * @param view The view to read from
 * @param offset Where the payload begins, in bytes
 * @returns The data_fd if the SET began a session; -1 if not, after a GET, and after a failure
 */
export function readMigDataFd(view: DataView, offset: number): number {
  return view.getInt32(offset + 4, true);
}

/**
 * Writes the payload of MIG_DATA_SIZE.
 *
 * @param view The view to write to
 * @param offset Where the payload begins, in bytes
 * @param stopCopyLength The estimate in bytes, a u64 in the form of `u64.ts`
 */
export function writeStopCopyLength(view: DataView, offset: number, stopCopyLength: number): void {
  writeU64(view, offset, stopCopyLength);
}

/**
 * Reads the payload of MIG_DATA_SIZE.
 *
 * @param view The view to read from
 * @param offset Where the payload begins, in bytes
 * @returns The estimate in bytes, a u64 in the form of `u64.ts`: negative if bit 63 is set
 */
export function readStopCopyLength(view: DataView, offset: number): number {
  return readU64(view, offset);
}
