import type { RegionDevice } from "../../device/region/mod.ts";
import { REGION_HEADER_SIZE } from "../../vfio/region/mod.ts";

/** A user's choice for a device, as its property in QEMU. */
export interface RegionSwitches {
  /** `x-enable-migration`: version 1 stayed an experiment, off unless asked for. */
  readonly xEnableMigration: boolean;
}

export const REGION_SWITCHES: RegionSwitches = { xEnableMigration: false };

/**
 * Why a device blocks migration, in words; null where it does not. A device that blocks lets no migration
 * begin, whatever the other devices are like.
 */
export function regionMigrationBlocker(
  device: RegionDevice,
  switches: RegionSwitches = REGION_SWITCHES,
): string | null {
  if (!switches.xEnableMigration) {
    return `Cannot migrate ${device.id} with protocol v1: it is an experiment that is off by default, ` +
      `set x_enable_migration to true`;
  }
  if (!device.canTrackDirtyPages) {
    return `Cannot migrate ${device.id} with protocol v1: its IOMMU cannot track dirty pages`;
  }
  if (device.regionSize <= REGION_HEADER_SIZE) {
    return `Cannot migrate ${device.id} with protocol v1: ` +
      `received a migration region of ${device.regionSize} bytes`;
  }
  return null;
}
