import {
  close,
  ERRNO,
  ioctl,
  ioctlNumber,
  noteFd,
  OPEN,
  open,
  type Region,
  regionOf,
} from "../../libc/mod.ts";
import {
  BIND_IOMMUFD_SIZE,
  GROUP_STATUS,
  IOMMU_TYPE,
  readGroupStatus,
  VFIO_API_VERSION,
  VFIO_IOCTL,
  writeBindIommufd,
  writeGroupStatus,
} from "../../vfio/mod.ts";
import { callError, DeviceError } from "./device_error.ts";
import type { FoundDevice } from "./find_device.ts";

/** The fds of an open device: closing all of them, in this order, gives it back. */
export interface OpenedDevice {
  readonly deviceFd: number;
  /** The device's own first, then what it was reached through. */
  readonly fds: readonly number[];
}

/**
 * Opens a device the way that was found.
 *
 * ```text
 *   cdev    open /dev/iommu, open /dev/vfio/devices/vfioN, BIND_IOMMUFD
 *   group   open /dev/vfio/vfio, open /dev/vfio/N, SET_CONTAINER, SET_IOMMU, GET_DEVICE_FD
 * ```
 *
 * No memory is mapped for the device: what it saves and loads needs no DMA of a guest.
 *
 * @throws {DeviceError} With nothing left open
 */
export function openDevice(found: FoundDevice): OpenedDevice {
  const fds: number[] = [];
  try {
    const deviceFd = found.way === "cdev" ? openCdev(found, fds) : openByGroup(found, fds);
    return { deviceFd, fds: fds.reverse() };
  } catch (error) {
    for (const fd of fds.reverse()) close(fd);
    throw error;
  }
}

function openCdev(found: FoundDevice, fds: number[]): number {
  const iommufd = openFile(found, "/dev/iommu", fds);
  const deviceFd = openFile(found, `/dev/vfio/devices/${found.cdev}`, fds);
  const { view, pointer } = argument(BIND_IOMMUFD_SIZE);
  writeBindIommufd(view, 0, iommufd);
  const { DEVICE_BIND_IOMMUFD } = VFIO_IOCTL;
  must(found, ioctl(deviceFd, DEVICE_BIND_IOMMUFD, pointer), "VFIO_DEVICE_BIND_IOMMUFD");
  return deviceFd;
}

function openByGroup(found: FoundDevice, fds: number[]): number {
  if (found.group === null) {
    throw new DeviceError(
      found.given,
      `Cannot open ${found.given} by its IOMMU group: it has none; name it by /dev/vfio/devices/vfioN`,
    );
  }
  const container = openFile(found, "/dev/vfio/vfio", fds);
  const version = ioctl(container, VFIO_IOCTL.GET_API_VERSION, null);
  must(found, version, "VFIO_GET_API_VERSION");
  if (version !== VFIO_API_VERSION) {
    throw new DeviceError(
      found.given,
      `Cannot open ${found.given} with VFIO's API version ${VFIO_API_VERSION}: this kernel has ${version}`,
    );
  }
  const group = openFile(found, `/dev/vfio/${found.group}`, fds);
  const { view, pointer } = argument(8);
  writeGroupStatus(view, 0);
  must(found, ioctl(group, VFIO_IOCTL.GROUP_GET_STATUS, pointer), "VFIO_GROUP_GET_STATUS");
  if ((readGroupStatus(view, 0) & GROUP_STATUS.VIABLE) === 0) {
    throw new DeviceError(
      found.given,
      `Cannot open ${found.given}: IOMMU group ${found.group} is not viable, other devices of it are bound to other drivers; deno task doctor names them`,
    );
  }
  view.setInt32(0, container, true);
  must(found, ioctl(group, VFIO_IOCTL.GROUP_SET_CONTAINER, pointer), "VFIO_GROUP_SET_CONTAINER");
  must(found, setIommu(container, found.group), "VFIO_SET_IOMMU");
  const name = argument(found.name.length + 1);
  new TextEncoder().encodeInto(found.name, name.bytes);
  const deviceFd = noteFd(ioctl(group, VFIO_IOCTL.GROUP_GET_DEVICE_FD, name.pointer));
  must(found, deviceFd, "VFIO_GROUP_GET_DEVICE_FD");
  fds.push(deviceFd);
  return deviceFd;
}

function setIommu(container: number, group: string): number {
  const types = group.startsWith("noiommu-")
    ? [IOMMU_TYPE.NOIOMMU]
    : [IOMMU_TYPE.TYPE1v2, IOMMU_TYPE.TYPE1];
  let result = -ERRNO.ENODEV;
  for (const type of types) {
    if (ioctlNumber(container, VFIO_IOCTL.CHECK_EXTENSION, type) <= 0) continue;
    result = ioctlNumber(container, VFIO_IOCTL.SET_IOMMU, type);
    if (result >= 0) break;
  }
  return result;
}

function openFile(found: FoundDevice, path: string, fds: number[]): number {
  const fd = open(path, OPEN.O_RDWR);
  if (fd < 0) throw callError(found.given, "open", `open ${path}`, fd, nextStep(path, fd));
  fds.push(fd);
  return fd;
}

/** What a failure to open a file of VFIO is mended with. */
function nextStep(path: string, result: number): string {
  switch (-result) {
    case ERRNO.EACCES:
    case ERRNO.EPERM:
      return `sudo chown $USER ${path}`;
    case ERRNO.EBUSY:
      return `somebody has it open, this run's other end if both are in one group: sudo fuser -v ${path}`;
    case ERRNO.ENOENT:
      return path === "/dev/iommu"
        ? "sudo modprobe iommufd"
        : "deno task doctor says what is missing";
    default:
      return "deno task doctor says what is missing";
  }
}

function must(found: FoundDevice, result: number, call: string): void {
  if (result >= 0) return;
  const next = result === -ERRNO.EBUSY
    ? "somebody else uses it"
    : call === "VFIO_SET_IOMMU" && result === -ERRNO.ENODEV
    ? "sudo modprobe vfio_iommu_type1"
    : "deno task doctor says what is missing";
  throw callError(found.given, "open", call, result, next);
}

function argument(length: number): Region {
  return regionOf(new ArrayBuffer(length));
}
