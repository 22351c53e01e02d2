import { diagnose, isUsable, type Obstacle } from "./diagnose.ts";
import type { Abilities } from "./abilities.ts";
import type { MdevType, Survey } from "./survey.ts";

/** What `deno task doctor --json` prints. */
export interface DoctorDocument {
  readonly schema: "vfio-migbench/doctor@1";
  readonly vfio: boolean;
  readonly iommufd: boolean;
  readonly container: boolean;
  readonly iommu: boolean;
  readonly memlock_bytes: number | null;
  readonly devices: readonly DoctorDevice[];
  /** Devices that a driver of this kernel would migrate, if it had them. */
  readonly candidates: readonly DoctorCandidate[];
  readonly mdev_types: readonly MdevType[];
  readonly obstacles: readonly Obstacle[];
}

export interface DoctorDevice {
  readonly name: string;
  readonly bus: string;
  readonly driver: string | null;
  readonly iommu_group: string | null;
  readonly cdev: string | null;
  readonly usable: boolean;
  /** null where it could not be asked. */
  readonly abilities: Abilities | null;
}

export interface DoctorCandidate {
  readonly name: string;
  readonly bus: string;
  readonly driver: string | null;
  readonly iommu_group: string | null;
  /** The driver that would migrate it. */
  readonly variant: string;
}

/** What was found, and what stands in the way. Pure. */
export function doctorDocument(host: Survey): DoctorDocument {
  const { vfio, iommufd, container, iommu, memlock_bytes, mdev_types } = host;
  return {
    schema: "vfio-migbench/doctor@1",
    vfio,
    iommufd,
    container,
    iommu,
    memlock_bytes,
    devices: host.devices.map((device) => ({
      name: device.name,
      bus: device.bus,
      driver: device.driver,
      iommu_group: device.group,
      cdev: device.cdev,
      usable: isUsable(device),
      abilities: "abilities" in device.probe ? device.probe.abilities : null,
    })),
    candidates: host.candidates.map(({ name, bus, driver, group, variant }) => ({
      name,
      bus,
      driver,
      iommu_group: group,
      variant,
    })),
    mdev_types,
    obstacles: diagnose(host),
  };
}
