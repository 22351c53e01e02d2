/**
 * `struct vfio_group_status`: whether the devices of a group can be used.
 *
 * ```text
 *    0        4        8
 *    +--------+--------+
 *    | argsz  | flags  |   little-endian
 *    +--------+--------+
 * ```
 *
 * @module
 */

/** The size of the structure, in bytes. */
export const GROUP_STATUS_SIZE = 8;

/** Bits of `flags`. */
export const GROUP_STATUS = {
  /** Every device of the group is bound to a VFIO driver, or to one that does no DMA, or to none. */
  VIABLE: 1,
  CONTAINER_SET: 2,
} as const;

/** Writes the structure as a request. */
export function writeGroupStatus(view: DataView, offset: number): void {
  view.setUint32(offset, GROUP_STATUS_SIZE, true);
  view.setUint32(offset + 4, 0, true);
}

/** Reads `flags`, bits of {@linkcode GROUP_STATUS}. */
export function readGroupStatus(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true);
}
