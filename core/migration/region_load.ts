import type { RegionDevice } from "../device/region/mod.ts";
import { REGION_STATE, regionStateName } from "../vfio/region/mod.ts";
import type { LoadHandlers } from "./load_handlers.ts";
import { MigrationError } from "./migration_error.ts";
import {
  createRegionLoad,
  loadCleanup,
  loadData,
  loadSetup,
  regionFailure,
  startRegionDevice,
} from "./v1/mod.ts";

/** The loading of a device of migration protocol v1. */
export function createRegionLoadHandlers(device: RegionDevice): LoadHandlers {
  const load = createRegionLoad(device);
  return {
    id: device.id,
    // Facts: acks are younger than v1.
    supportsPrecopy: false,
    setUp() {
      const result = loadSetup(load);
      return result < 0 ? regionFailure(load, "load", result) : null;
    },
    load(_run, { region, offset, length }) {
      const result = loadData(load, region, offset, length);
      if (result < 0) throw new MigrationError(regionFailure(load, "load", result));
    },
    prepareRun: () => null,
    run() {
      const result = startRegionDevice(load);
      loadCleanup(load);
      if (result >= 0) return null;
      const failure = regionFailure(load, "resume", result);
      if (device.reset() >= 0) load.deviceState = REGION_STATE.RUNNING;
      return failure;
    },
    // As it was last written: another reading of the register would be one that a migration does not make.
    leftIn: () => regionStateName(load.deviceState),
  };
}
