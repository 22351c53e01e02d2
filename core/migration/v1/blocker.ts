import type { RegionDevice } from "../../device/region/mod.ts";
import { REGION_HEADER_SIZE } from "../../vfio/region/mod.ts";

/**
 * Why a device blocks migration, in words; null where it does not. A device that blocks lets no migration
 * begin, whatever the other devices are like.
 *
 * @param xEnableMigration `x-enable-migration`: version 1 stayed an experiment, off unless asked for
 */
export function regionMigrationBlocker(
  device: RegionDevice,
  xEnableMigration: boolean,
): string | null {
  if (!xEnableMigration) {
    return `Cannot migrate ${device.id} with protocol v1: it is an experiment that is off by default, ` +
      `set region.x_enable_migration=on`;
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
