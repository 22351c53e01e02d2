import { REGION_STATE, REGION_STATE_MASK } from "../../vfio/region/mod.ts";
import { type RegionAccess, setRegionState } from "./region_access.ts";

const { RUNNING, SAVING, RESUMING } = REGION_STATE;

/** The guest stops: RUNNING is cleared, so that a device that was saving goes on with stop-and-copy. 0 or a negative errno. */
export function stopRegionDevice(access: RegionAccess): number {
  return setRegionState(access, ~RUNNING, 0);
}

/** The guest starts: RUNNING alone. At the destination that ends the load. 0 or a negative errno. */
export function startRegionDevice(access: RegionAccess): number {
  return setRegionState(access, ~REGION_STATE_MASK, RUNNING);
}

/**
 * The migration was cancelled, or failed: SAVING and RESUMING are cleared and RUNNING is set. Where that
 * fails, or the device shows the error marker, it is reset, which leaves it RUNNING. QEMU ends itself there.
 *
 * @returns 0, 1 where it took a reset, or a negative errno where that failed too
 */
export function abandonRegionDevice(access: RegionAccess): number {
  access.transferredBytes = 0;
  const result = setRegionState(access, ~(SAVING | RESUMING), RUNNING);
  if (result >= 0) return 0;
  const reset = access.device.reset();
  if (reset < 0) return result;
  access.deviceState = RUNNING;
  access.inError = false;
  return 1;
}
