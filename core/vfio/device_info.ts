/**
 * `struct vfio_device_info`: what a device is.
 *
 * ```text
 *    0        4        8              12          16           20         24
 *    +--------+--------+--------------+-----------+------------+----------+
 *    | argsz  | flags  | num_regions  | num_irqs  | cap_offset |  (pad)   |   little-endian
 *    +--------+--------+--------------+-----------+------------+----------+
 * ```
 *
 * @module
 */

/** The size of the structure, in bytes. */
export const DEVICE_INFO_SIZE = 24;

/** Bits of `flags`. */
export const DEVICE_INFO = {
  /** VFIO_DEVICE_RESET does something. */
  RESET: 1,
  PCI: 2,
  PLATFORM: 4,
} as const;

/** Writes the structure as a request. */
export function writeDeviceInfo(view: DataView, offset: number): void {
  view.setUint32(offset, DEVICE_INFO_SIZE, true);
  for (let at = 4; at < DEVICE_INFO_SIZE; at += 4) view.setUint32(offset + at, 0, true);
}

/** Reads `flags`, bits of {@linkcode DEVICE_INFO}. */
export function readDeviceInfoFlags(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true);
}
