import type { HostDevice } from "../../core/device/kernel/mod.ts";
import type { Candidate, Survey, SurveyedDevice } from "./survey.ts";

/** What stands in the way of something, and what would mend it. */
export interface Obstacle {
  /** The device's name; null: of the host. */
  readonly device: string | null;
  readonly why: string;
  /** A command to type; null where nothing mends it. */
  readonly mend: string | null;
}

/** What stands in the way on this host, the host's own obstacles first. Pure. */
export function diagnose(host: Survey): Obstacle[] {
  return [
    ...hostObstacles(host),
    ...host.devices.flatMap((device) => deviceObstacles(device)),
    ...host.candidates.map((device) => unbound(device, host)),
  ];
}

/** Whether a device can be migrated from or to as it stands. */
export function isUsable(device: SurveyedDevice): boolean {
  return "abilities" in device.probe && device.probe.abilities.stop_copy;
}

function hostObstacles({ vfio, devices, iommufd, container, mdev_types }: Survey): Obstacle[] {
  const obstacles: Obstacle[] = [];
  if (!vfio) {
    obstacles.push({
      device: null,
      why: "this kernel has no VFIO, or it is not loaded",
      mend: "sudo modprobe vfio-pci",
    });
    return obstacles;
  }
  if (!iommufd && !container) {
    obstacles.push({
      device: null,
      why:
        "there is neither /dev/iommu nor /dev/vfio/vfio, through one of which a device is opened",
      mend: "sudo modprobe vfio_iommu_type1 || sudo modprobe iommufd",
    });
  }
  const [type] = mdev_types.filter(({ available }) => available > 0);
  if (devices.length === 0 && type !== undefined) {
    obstacles.push({
      device: null,
      why:
        `no mdev is made of ${type.parent}, which can have ${type.available} more of ${type.type}`,
      mend: `uuidgen | sudo tee ${type.create}`,
    });
  }
  return obstacles;
}

function deviceObstacles(device: SurveyedDevice): Obstacle[] {
  const { name, driver, probe, groupBlockers, variant, group, cdev } = device;
  if (groupBlockers.length > 0 && !("abilities" in probe)) {
    return groupBlockers.map((other) => ({
      device: name,
      why: `IOMMU group ${group} is not viable: ${other.name} in it is bound to ${other.driver}`,
      mend:
        `echo ${other.name} | sudo tee /sys/bus/${other.bus}/devices/${other.name}/driver/unbind`,
    }));
  }
  if (!("abilities" in probe)) {
    const path = /^open (\S+)$/.exec(probe.call)?.[1] ?? fileOf(group, cdev);
    const mend = probe.errno === "EACCES" || probe.errno === "EPERM"
      ? `sudo chown $USER ${path}`
      : probe.errno === "EBUSY"
      ? `sudo fuser -v ${path}`
      : null;
    return [{ device: name, why: `${probe.call} gave ${probe.errno}`, mend }];
  }
  if (probe.abilities.stop_copy) return [];
  if (variant !== null && moduleName(driver) !== variant) {
    return [{
      device: name,
      why: `${driver} does not migrate it, and ${variant} does`,
      mend: bindCommand(device, variant),
    }];
  }
  return [{ device: name, why: `its driver ${driver} offers no migration`, mend: null }];
}

/** A device that no VFIO driver has. */
function unbound(device: Candidate, { iommu }: Survey): Obstacle {
  const { name, driver, variant } = device;
  if (!iommu) {
    return {
      device: name,
      why: "the kernel uses no IOMMU, and VFIO needs one for it",
      mend:
        "add intel_iommu=on (Intel) or amd_iommu=on (AMD) to the kernel's command line and reboot",
    };
  }
  return {
    device: name,
    why: `it is bound to ${driver ?? "no driver"}, and ${variant} migrates it`,
    mend: bindCommand(device, variant),
  };
}

function bindCommand({ name, driver }: HostDevice, variant: string): string {
  const folder = `/sys/bus/pci/devices/${name}`;
  return [
    `sudo sh -c 'modprobe ${variant}`,
    `echo ${variant} > ${folder}/driver_override`,
    ...(driver === null ? [] : [`echo ${name} > ${folder}/driver/unbind`]),
    `echo ${name} > /sys/bus/pci/drivers_probe'`,
  ].join(" && ");
}

function fileOf(group: string | null, cdev: string | null): string {
  return cdev !== null ? `/dev/vfio/devices/${cdev}` : `/dev/vfio/${group}`;
}

/** Modules have _ where drivers may have -. */
function moduleName(driver: string | null): string | null {
  return driver === null ? null : driver.replaceAll("-", "_");
}
