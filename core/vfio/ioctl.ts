/**
 * The numbers of the VFIO ioctls that a migration needs.
 *
 * @module
 */

/**
 * The number of an ioctl that names no direction and no size, as the kernel's `_IO()` makes it.
 * Every VFIO ioctl is one: its structure carries its own size.
 *
 * These are the numbers of x86-64, arm64, riscv and s390; on powerpc, mips and sparc `_IO()` also
 * sets bit 29.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { io } from "./ioctl.ts";
 *
 * assertEquals(io(";", 111), 0x3b6f);
 * ```
 *
 * @param type The one character that stands for the subsystem
 * @param nr The number within the subsystem, 0 to 255
 * @returns The request number
 */
export function io(type: string, nr: number): number {
  return (type.charCodeAt(0) << 8) | nr;
}

const TYPE = ";";
const BASE = 100;

/** Request numbers, by kernel name without the `VFIO_` in front, grouped by the fd they are for. */
export const VFIO_IOCTL = {
  // The container, /dev/vfio/vfio.
  GET_API_VERSION: io(TYPE, BASE + 0),
  CHECK_EXTENSION: io(TYPE, BASE + 1),
  SET_IOMMU: io(TYPE, BASE + 2),
  // A group, /dev/vfio/N.
  GROUP_GET_STATUS: io(TYPE, BASE + 3),
  GROUP_SET_CONTAINER: io(TYPE, BASE + 4),
  GROUP_GET_DEVICE_FD: io(TYPE, BASE + 6),
  // A device.
  DEVICE_GET_INFO: io(TYPE, BASE + 7),
  DEVICE_RESET: io(TYPE, BASE + 11),
  DEVICE_FEATURE: io(TYPE, BASE + 17),
  // A device opened as /dev/vfio/devices/vfioN, before anything else.
  DEVICE_BIND_IOMMUFD: io(TYPE, BASE + 18),
  // A data_fd, not the device: other fds have other ioctls of this number.
  MIG_GET_PRECOPY_INFO: io(TYPE, BASE + 21),
} as const;
