/**
 * `struct vfio_device_bind_iommufd`: the first request to a device that was opened as
 * `/dev/vfio/devices/vfioN`; before it every other one is answered with `EINVAL`.
 *
 * ```text
 *    0        4        8         12           16
 *    +--------+--------+---------+------------+
 *    | argsz  | flags  | iommufd | out_devid  |   u32 u32 s32 u32, little-endian
 *    +--------+--------+---------+------------+
 * ```
 *
 * @module
 */

/** The size of the structure, in bytes. */
export const BIND_IOMMUFD_SIZE = 16;

/** Writes the structure as a request for the iommufd of this fd, `/dev/iommu` opened. */
export function writeBindIommufd(view: DataView, offset: number, iommufd: number): void {
  view.setUint32(offset, BIND_IOMMUFD_SIZE, true);
  view.setUint32(offset + 4, 0, true);
  view.setInt32(offset + 8, iommufd, true);
  view.setUint32(offset + 12, 0, true);
}

/** Reads `out_devid`, the device's name in its iommufd. */
export function readBoundDevid(view: DataView, offset: number): number {
  return view.getUint32(offset + 12, true);
}
