/**
 * The migration region of protocol version 1 (`struct vfio_device_migration_info`): registers at its start,
 * and a data section wherever the `data_offset` register says.
 *
 * ```text
 *    0              4              8              16             24             32
 *    +--------------+--------------+--------------+--------------+--------------+----
 *    | device_state |  reserved    | pending_bytes| data_offset  |  data_size   | ...
 *    +--------------+--------------+--------------+--------------+--------------+----
 *          u32            u32            u64            u64            u64   little-endian
 *
 *    0        32            data_offset                                region size
 *    +--------+- - - - - - -+--------------------------------------------+
 *    | header |             | data section: staging, maybe mmapped       |
 *    +--------+- - - - - - -+--------------------------------------------+
 * ```
 *
 * @module
 */

/** The type and subtype by which a device's region is known as its migration region. */
export const MIGRATION_REGION_TYPE = { TYPE: 3, SUBTYPE: 1 } as const;

/** Where each register begins, in bytes, by the structure's own names. */
export const REGION_REGISTER = {
  /** u32. Bits of `REGION_STATE`; read and write. */
  DEVICE_STATE: 0,
  /** u32. Reads as 0. */
  RESERVED: 4,
  /** u64, read only. Read while saving: how much is left; what was staged before counts as taken. */
  PENDING_BYTES: 8,
  /** u64, read only. Read while saving: the device stages its next data. Resuming: where to put some. */
  DATA_OFFSET: 16,
  /** u64. Saving: how much is staged. Resuming: written to commit so many bytes. */
  DATA_SIZE: 24,
} as const;

/** The offset of a register. */
export type RegionRegister = (typeof REGION_REGISTER)[keyof typeof REGION_REGISTER];

/** The size of the structure, in bytes. */
export const REGION_HEADER_SIZE = 32;

/**
 * How wide a register is.
 *
 * @param register The register
 * @returns 4 or 8 bytes
 */
export function registerWidth(register: RegionRegister): 4 | 8 {
  return register < REGION_REGISTER.PENDING_BYTES ? 4 : 8;
}

/**
 * The register that an access is for: only whole ones can be accessed.
 *
 * @param offset Where the access begins, in bytes from the region's start
 * @param length Its length in bytes
 * @returns The register, or `undefined` if it is no access to one whole register
 */
export function registerAt(offset: number, length: number): RegionRegister | undefined {
  switch (offset) {
    case REGION_REGISTER.DEVICE_STATE:
    case REGION_REGISTER.RESERVED:
    case REGION_REGISTER.PENDING_BYTES:
    case REGION_REGISTER.DATA_OFFSET:
    case REGION_REGISTER.DATA_SIZE:
      return length === registerWidth(offset) ? offset : undefined;
    default:
      return undefined;
  }
}

/**
 * What lies at an offset of the region, for people.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { REGION_REGISTER, regionPlaceName } from "./layout.ts";
 *
 * assertEquals(regionPlaceName(REGION_REGISTER.DATA_OFFSET), "data_offset");
 * assertEquals(regionPlaceName(4096), "the data section");
 * ```
 *
 * @param offset In bytes from the region's start
 * @returns A register's name, or that of the part
 */
export function regionPlaceName(offset: number): string {
  switch (offset) {
    case REGION_REGISTER.DEVICE_STATE:
      return "device_state";
    case REGION_REGISTER.RESERVED:
      return "reserved";
    case REGION_REGISTER.PENDING_BYTES:
      return "pending_bytes";
    case REGION_REGISTER.DATA_OFFSET:
      return "data_offset";
    case REGION_REGISTER.DATA_SIZE:
      return "data_size";
    default:
      return offset < REGION_HEADER_SIZE ? "the middle of a register" : "the data section";
  }
}
