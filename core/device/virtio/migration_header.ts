import { readU64, writeU64 } from "../../vfio/mod.ts";

/**
 * The header before every record of a vfio-virtio stream, little-endian:
 *
 *      0               8       12      16
 *     +---------------+-------+-------+---------------------+
 *     | record_size   | flags | tag   | record_size bytes...|
 *     +---------------+-------+-------+---------------------+
 */
export const MIGRATION_HEADER_SIZE = 16;

/** Bits of `flags`: whether a destination that does not know the tag may pass over the record. */
export const HEADER_FLAGS = { TAG_MANDATORY: 0, TAG_OPTIONAL: 1 } as const;

/** All device parts: the only tag there is so far. */
export const HEADER_TAG = { DEVICE_DATA: 0 } as const;

export interface MigrationHeader {
  /** How many bytes follow, a u64 in the form of `core/vfio`. */
  readonly recordSize: number;
  readonly flags: number;
  readonly tag: number;
}

/** Writes a header. */
export function writeMigrationHeader(
  view: DataView,
  offset: number,
  header: MigrationHeader,
): void {
  writeU64(view, offset, header.recordSize);
  view.setUint32(offset + 8, header.flags, true);
  view.setUint32(offset + 12, header.tag, true);
}

/** Reads a header; any 16 bytes are one. */
export function readMigrationHeader(view: DataView, offset: number): MigrationHeader {
  return {
    recordSize: readU64(view, offset),
    flags: view.getUint32(offset + 8, true),
    tag: view.getUint32(offset + 12, true),
  };
}
