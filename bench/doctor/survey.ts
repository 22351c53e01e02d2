import {
  deviceByName,
  devicesOfGroup,
  hasVfio,
  type HostDevice,
  type HostRoot,
  isVfioDriver,
  lastPart,
  namesIn,
  vfioDevices,
} from "../../core/device/kernel/mod.ts";
import { ACCESS, access, readText } from "../../core/libc/mod.ts";
import type { Probe } from "./abilities.ts";
import { variantAliases, variantDriver } from "./variant_driver.ts";

/** A device that VFIO has, and what came of asking it. */
export interface SurveyedDevice extends HostDevice {
  /** The driver that would migrate it, where the kernel has one; not for what is no PCI device. */
  readonly variant: string | null;
  /** The other devices of its group that keep it from being used. */
  readonly groupBlockers: readonly HostDevice[];
  readonly probe: Probe;
}

/** A device that a driver of this kernel could migrate, if it had it. */
export interface Candidate extends HostDevice {
  readonly variant: string;
}

/** A kind of mdev that can be made here. */
export interface MdevType {
  readonly parent: string;
  readonly type: string;
  readonly name: string;
  /** The file that a UUID is written to. */
  readonly create: string;
  readonly available: number;
}

/** What there is on a host, as it is found: no judgement. */
export interface Survey {
  readonly vfio: boolean;
  readonly iommufd: boolean;
  readonly container: boolean;
  /** Whether the kernel uses an IOMMU. Without one, only devices that have none of their own can be used. */
  readonly iommu: boolean;
  /** RLIMIT_MEMLOCK, in bytes; null = unlimited, or not known. */
  readonly memlock_bytes: number | null;
  readonly devices: readonly SurveyedDevice[];
  readonly candidates: readonly Candidate[];
  readonly mdev_types: readonly MdevType[];
}

/**
 * Looks a host over.
 *
 * @param root Where its /sys, /dev, /proc and /lib begin
 * @param probe Asks a device by its name
 */
export function survey(root: HostRoot, probe: (device: string) => Probe): Survey {
  const aliases = variantAliases(
    textOf(`${root}${modulesFolder(root)}/modules.alias`, ALIAS_BYTES),
  );
  const variantOf = (device: HostDevice) =>
    device.bus === "pci" ? variantDriver(aliases, textOf(`${device.path}/modalias`)) : null;
  const devices = vfioDevices(root).map((device) => ({
    ...device,
    variant: variantOf(device),
    groupBlockers: blockersOf(root, device),
    probe: probe(device.name),
  }));
  return {
    vfio: hasVfio(root),
    iommufd: exists(`${root}/dev/iommu`),
    container: exists(`${root}/dev/vfio/vfio`),
    iommu: namesIn(`${root}/sys/class/iommu`).length > 0,
    memlock_bytes: memlockOf(textOf(`${root}/proc/self/limits`)),
    devices,
    candidates: candidatesOf(root, variantOf),
    mdev_types: mdevTypesOf(root),
  };
}

const ALIAS_BYTES = 16 * 1024 * 1024;

function modulesFolder(root: HostRoot): string {
  return `/lib/modules/${textOf(`${root}/proc/sys/kernel/osrelease`).trim()}`;
}

/** PCI devices that no VFIO driver has and that one could migrate. */
function candidatesOf(
  root: HostRoot,
  variantOf: (device: HostDevice) => string | null,
): Candidate[] {
  return namesIn(`${root}/sys/bus/pci/devices`).flatMap((name) => {
    const device = deviceByName(root, name);
    if (device === null || device.cdev !== null || isVfioDriver(device.driver)) return [];
    const variant = variantOf(device);
    return variant === null ? [] : [{ ...device, variant }];
  });
}

/** Devices of its group whose drivers do DMA of their own. Ports of the bus do none. */
function blockersOf(root: HostRoot, device: HostDevice): HostDevice[] {
  if (device.group === null) return [];
  return devicesOfGroup(root, device.group.replace(/^noiommu-/, "")).filter((other) =>
    other.path !== device.path && other.cdev === null && other.driver !== null &&
    other.driver !== "pcieport" && other.driver !== "pci-stub" && !isVfioDriver(other.driver)
  );
}

function mdevTypesOf(root: HostRoot): MdevType[] {
  const parents = `${root}/sys/class/mdev_bus`;
  return namesIn(parents).flatMap((parent) =>
    namesIn(`${parents}/${parent}/mdev_supported_types`).map((type) => {
      const folder = `${parents}/${parent}/mdev_supported_types/${type}`;
      return {
        parent,
        type,
        name: textOf(`${folder}/name`).trim() || lastPart(type),
        create: `${folder}/create`,
        available: Number(textOf(`${folder}/available_instances`)) || 0,
      };
    })
  );
}

function memlockOf(limits: string): number | null {
  const soft = /^Max locked memory\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}

function exists(path: string): boolean {
  return access(path, ACCESS.F_OK) === 0;
}

function textOf(path: string, most?: number): string {
  const text = readText(path, most);
  return typeof text === "number" ? "" : text;
}
