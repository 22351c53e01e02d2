import { ACCESS, access } from "../../libc/mod.ts";
import { DeviceError } from "./device_error.ts";
import {
  deviceByName,
  deviceOfCdev,
  devicesOfGroup,
  type HostDevice,
  type HostRoot,
  isVfioDriver,
  lastPart,
} from "./host_device.ts";

/** A device and the way in: its own file with an iommufd, or its IOMMU group's with a container. */
export interface FoundDevice extends HostDevice {
  /** As the user named it. */
  readonly given: string;
  readonly way: "cdev" | "group";
}

const DOCTOR = "deno task doctor lists what there is and says what to do";

/**
 * The device that a name means:
 *
 *     /dev/vfio/devices/vfio3   that device, by its own file
 *     vfio3                     the same
 *     /dev/vfio/12              the only device of IOMMU group 12, by the group
 *     0000:00:05.0, 00:05.0     a PCI device
 *     83b8f4f2-509f-...         an mdev
 *     migdev.0                  a device of any other bus, by its name in sysfs
 *
 * By name, a device is opened by its own file where the kernel has both that and /dev/iommu, else by its group.
 *
 * @throws {DeviceError} Where there is none, or VFIO does not have it
 */
export function findDevice(given: string, root: HostRoot = ""): FoundDevice {
  const cdev = /^(?:\/dev\/vfio\/devices\/)?(vfio\d+)$/.exec(given)?.[1];
  if (cdev !== undefined) return findCdev(given, cdev, root);
  const group = /^\/dev\/vfio\/((?:noiommu-)?\d+)$/.exec(given)?.[1];
  if (group !== undefined) return findInGroup(given, group, root);
  if (given.startsWith("/dev/")) {
    throw new DeviceError(
      given,
      `Cannot use ${given} as a VFIO device: expected /dev/vfio/devices/vfioN or /dev/vfio/N; ${DOCTOR}`,
    );
  }
  return findByName(given, root);
}

function findCdev(given: string, cdev: string, root: HostRoot): FoundDevice {
  const device = deviceOfCdev(root, cdev);
  if (device !== null) return { ...device, given, way: "cdev" };
  throw new DeviceError(
    given,
    `Cannot find the VFIO device ${given}: the kernel has no ${cdev}; ${DOCTOR}`,
  );
}

function findInGroup(given: string, group: string, root: HostRoot): FoundDevice {
  const devices = devicesOfGroup(root, group.replace(/^noiommu-/, ""));
  if (devices.length === 0) {
    throw new DeviceError(
      given,
      `Cannot find a device in ${given}: the kernel has no such IOMMU group; ${DOCTOR}`,
    );
  }
  const bound = devices.filter(isBound);
  const [only] = bound;
  if (only !== undefined && bound.length === 1) return { ...only, given, way: "group" };
  const names = (list: readonly HostDevice[]) => list.map(({ name }) => name).join(", ");
  throw new DeviceError(
    given,
    only === undefined
      ? `Cannot find a VFIO device in ${given}: no VFIO driver has ${names(devices)}; ${DOCTOR}`
      : `Cannot choose a device of ${given}: it has ${names(bound)}; name one of them instead`,
  );
}

function findByName(given: string, root: HostRoot): FoundDevice {
  // Paths of sysfs are taken by their last part, PCI addresses with or without their domain.
  const name = /^[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/i.test(given) ? `0000:${given}` : lastPart(given);
  const device = name === "" ? null : deviceByName(root, name);
  if (device === null) {
    throw new DeviceError(
      given,
      `Cannot find the device ${given}: no bus in /sys has it; ${DOCTOR}`,
    );
  }
  if (!isBound(device)) {
    const bound = device.driver === null
      ? "bound to no driver"
      : `bound to ${device.driver}, which is no VFIO driver`;
    throw new DeviceError(
      given,
      `Cannot use ${given} as a VFIO device: it is ${bound}; ${DOCTOR}`,
    );
  }
  return { ...device, given, way: hasCdevWay(device, root) ? "cdev" : "group" };
}

/** Whether VFIO has the device. Before 6.1 only its driver's name said so. */
function isBound({ cdev, driver }: HostDevice): boolean {
  return cdev !== null || isVfioDriver(driver);
}

function hasCdevWay({ cdev, group }: HostDevice, root: HostRoot): boolean {
  if (group === null) return true;
  return cdev !== null &&
    access(`${root}/dev/vfio/devices/${cdev}`, ACCESS.F_OK) === 0 &&
    access(`${root}/dev/iommu`, ACCESS.F_OK) === 0;
}
