/**
 * Devices of this host as sysfs knows them.
 *
 * ```text
 *   /sys/class/vfio-dev/vfio3 -> /sys/devices/pci0000:00/0000:00:05.0/vfio-dev/vfio3
 *                                \____________________ the device ____________________/
 *                                  subsystem   -> /sys/bus/pci
 *                                  driver      -> /sys/bus/pci/drivers/mlx5_vfio_pci
 *                                  iommu_group -> /sys/kernel/iommu_groups/12     /dev/vfio/12
 *                                  vfio-dev/vfio3                                 /dev/vfio/devices/vfio3
 * ```
 *
 * Deno asks for every permission in /sys and /dev, so `core/libc` reads there.
 *
 * @module
 */
import { ACCESS, access, readDirectory, readLink } from "../../libc/mod.ts";

/** A device of this host, whether VFIO has it or not. */
export interface HostDevice {
  /** Its name on its bus: a PCI address, an mdev's UUID, a platform device's name. */
  readonly name: string;
  /** `pci`, `mdev`, `platform`, ... */
  readonly bus: string;
  /** Its folder in sysfs. */
  readonly path: string;
  /** null where no driver is bound. */
  readonly driver: string | null;
  /** The name of its IOMMU group's file in /dev/vfio, such as `12`; null where it has none. */
  readonly group: string | null;
  /** Its name in /dev/vfio/devices, such as `vfio3`; null where VFIO does not have it. */
  readonly cdev: string | null;
}

/** Where the host's /sys and /dev begin: "" on a real host. */
export type HostRoot = string;

/** Whether the kernel has VFIO, loaded. */
export function hasVfio(root: HostRoot = ""): boolean {
  return access(`${root}/dev/vfio`, ACCESS.F_OK) === 0;
}

/** Every device that a VFIO driver has, in the order of their names. */
export function vfioDevices(root: HostRoot = ""): HostDevice[] {
  const devices = new Map<string, HostDevice>();
  for (const cdev of namesIn(`${root}/sys/class/vfio-dev`)) {
    const device = deviceOfCdev(root, cdev);
    if (device !== null) devices.set(device.path, device);
  }
  // Before 6.1 there was no such class: the groups that VFIO has are in one of their own.
  for (const group of namesIn(`${root}/sys/class/vfio`)) {
    for (const device of devicesOfGroup(root, group.replace(/^noiommu-/, ""))) {
      if (isVfioDriver(device.driver)) devices.set(device.path, device);
    }
  }
  return [...devices.values()].sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** The device whose file is /dev/vfio/devices/CDEV, or null. */
export function deviceOfCdev(root: HostRoot, cdev: string): HostDevice | null {
  const folder = `${root}/sys/class/vfio-dev`;
  const link = readLink(`${folder}/${cdev}`);
  if (typeof link === "number") return null;
  return readDevice(root, resolve(folder, `${link}/../..`));
}

/** The devices of an IOMMU group. */
export function devicesOfGroup(root: HostRoot, group: string): HostDevice[] {
  const folder = `${root}/sys/kernel/iommu_groups/${group}/devices`;
  return namesIn(folder).flatMap((name) => {
    const link = readLink(`${folder}/${name}`);
    return typeof link === "number" ? [] : [readDevice(root, resolve(folder, link))];
  });
}

/** The device of this name on any bus, or null. Several buses have one of that name: the first that VFIO has. */
export function deviceByName(root: HostRoot, name: string): HostDevice | null {
  const found = namesIn(`${root}/sys/bus`).flatMap((bus) => {
    const folder = `${root}/sys/bus/${bus}/devices`;
    const link = readLink(`${folder}/${name}`);
    return typeof link === "number" ? [] : [readDevice(root, resolve(folder, link))];
  });
  return found.find(({ cdev }) => cdev !== null) ?? found[0] ?? null;
}

/** What sysfs says of the device in this folder. */
export function readDevice(root: HostRoot, path: string): HostDevice {
  const target = (name: string) => {
    const link = readLink(`${path}/${name}`);
    return typeof link === "number" ? null : lastPart(link);
  };
  const group = target("iommu_group");
  const isNoIommu = group !== null &&
    access(`${root}/dev/vfio/noiommu-${group}`, ACCESS.F_OK) === 0;
  return {
    name: lastPart(path),
    bus: target("subsystem") ?? "unknown",
    path,
    driver: target("driver"),
    group: isNoIommu ? `noiommu-${group}` : group,
    cdev: namesIn(`${path}/vfio-dev`)[0] ?? null,
  };
}

/** Whether a driver is one of VFIO's, by the name that they all have. */
export function isVfioDriver(driver: string | null): boolean {
  return driver !== null && /vfio|^mtty$/.test(driver);
}

/** The names in a folder, sorted; none where there is no such folder. */
export function namesIn(folder: string): string[] {
  const names = readDirectory(folder);
  return typeof names === "number" ? [] : names.sort();
}

/** A path that a link in a folder says, without "." and "..". */
function resolve(folder: string, link: string): string {
  const parts: string[] = [];
  for (const part of (link.startsWith("/") ? link : `${folder}/${link}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
