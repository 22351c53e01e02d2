/**
 * Migration protocol version 1 as QEMU 5.2 to 7.2 spoke it: what a source and a destination do with a
 * device's migration region, as sequences that give 0 or more, or a negative errno.
 *
 *     source        saveSetup -> (savePending, saveIterate)* -> stopRegionDevice -> saveComplete -> saveCleanup
 *     destination   loadSetup -> loadData* -> startRegionDevice -> loadCleanup
 *     given up      abandonRegionDevice -> saveCleanup or loadCleanup
 *
 * @example A device that is saved into nothing, on simulated time
 * ```ts
 * import { createVirtualClock } from "../../clock/mod.ts";
 * import { GENERIC_PROFILE } from "../../device/mod.ts";
 * import { REGION_DEFAULTS, SimulatedRegionDevice } from "../../device/region/mod.ts";
 * import { assertEquals } from "@std/assert";
 * import {
 *   createRegionSave,
 *   REGION_SAVE_DEFAULTS,
 *   saveComplete,
 *   saveIterate,
 *   saveSetup,
 *   stopRegionDevice,
 * } from "./mod.ts";
 *
 * const device = new SimulatedRegionDevice({
 *   id: "nic0",
 *   profile: { ...GENERIC_PROFILE, state_size: 1000, chunk_size: 100 },
 *   region: REGION_DEFAULTS,
 *   clock: createVirtualClock(),
 *   memory: null,
 * });
 * const save = createRegionSave(device, REGION_SAVE_DEFAULTS);
 * const output = { capacity: 65536, claim: () => null, send: () => 0 };
 * assertEquals(saveSetup(save, output), 0);
 * while (saveIterate(save, output) === 0); // precopy
 * assertEquals(stopRegionDevice(save), 0);
 * assertEquals(saveComplete(save, output), 0);
 * assertEquals(save.transferredBytes, 1000 + 2 * 24); // and two record headers
 * ```
 *
 * @module
 */
export { regionMigrationBlocker } from "./blocker.ts";
export { createRegionLoad, loadCleanup, loadData, loadSetup, type RegionLoad } from "./load.ts";
export type { SlowPath } from "./move_data.ts";
export { leftInRegionState, type RegionAccess, type RegionCall } from "./region_access.ts";
export { regionFailure } from "./region_failure.ts";
export { abandonRegionDevice, startRegionDevice, stopRegionDevice } from "./run_state.ts";
export {
  createRegionSave,
  REGION_SAVE_DEFAULTS,
  type RegionOutput,
  type RegionSave,
  type RegionSaveOptions,
  saveCleanup,
  saveComplete,
  saveIterate,
  savePending,
  saveSetup,
} from "./save.ts";
