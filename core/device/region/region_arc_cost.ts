import { DEVICE_STATE, type DeviceState, MIGRATION, transitionPath } from "../../vfio/mod.ts";
import { REGION_STATE } from "../../vfio/region/mod.ts";
import type { DeviceProfile } from "../profile.ts";
import { arcCostMs } from "../simulated/arc_cost.ts";

/** Version 1 has precopy, and no state in which only P2P is quiesced. */
const FLAGS = MIGRATION.STOP_COPY | MIGRATION.PRE_COPY;

/**
 * How long a write of `device_state` takes, in milliseconds: the costs of all arcs that version 2 would
 * take for it, so that one profile describes the device under both protocols.
 *
 * @param from A valid state
 * @param to A valid state
 */
export function regionArcCostMs(profile: DeviceProfile, from: number, to: number): number {
  const [start, end] = [deviceStateOf(from), deviceStateOf(to)];
  const direct = pathCostMs(profile, start, end);
  if (direct !== null) return direct;
  // Version 2 has no way from stop-copy back to precopy; here it leads over the running device.
  const { RUNNING } = DEVICE_STATE;
  return (pathCostMs(profile, start, RUNNING) ?? 0) + (pathCostMs(profile, RUNNING, end) ?? 0);
}

function pathCostMs(profile: DeviceProfile, from: DeviceState, to: DeviceState): number | null {
  const path = transitionPath(FLAGS, from, to);
  if (path === null) return null;
  let sum = 0;
  let at = from;
  for (const next of path) {
    sum += arcCostMs(profile, at, next);
    at = next;
  }
  return sum;
}

function deviceStateOf(state: number): DeviceState {
  switch (state) {
    case REGION_STATE.RUNNING:
      return DEVICE_STATE.RUNNING;
    case REGION_STATE.SAVING:
      return DEVICE_STATE.STOP_COPY;
    case REGION_STATE.SAVING | REGION_STATE.RUNNING:
      return DEVICE_STATE.PRE_COPY;
    case REGION_STATE.RESUMING:
      return DEVICE_STATE.RESUMING;
    default:
      return DEVICE_STATE.STOP;
  }
}
