import { DEVICE_STATE, type DeviceState } from "../../vfio/mod.ts";
import type { DeviceProfile } from "../profile.ts";

const { STOP, RUNNING, STOP_COPY, RESUMING, RUNNING_P2P, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;

/**
 * How long a single arc takes on a device of this profile, in milliseconds. Quiescing P2P, suspending and
 * getting the stopped state ready are costs of their own, so that an arc that does several of them (a
 * device without P2P going from PRE_COPY straight to STOP_COPY) takes their sum.
 */
export function arcCostMs(profile: DeviceProfile, from: DeviceState, to: DeviceState): number {
  const { suspend_p2p_ms, suspend_stop_ms, stop_copy_enter_ms } = profile;
  switch (to) {
    case PRE_COPY:
      return from === RUNNING ? profile.precopy_enter_ms : 0;
    case PRE_COPY_P2P:
      return from === PRE_COPY ? suspend_p2p_ms : profile.precopy_enter_ms;
    case RUNNING_P2P:
      if (from === RUNNING) return suspend_p2p_ms;
      return from === STOP ? profile.resume_ms : 0;
    case STOP_COPY:
      if (from === PRE_COPY_P2P) return suspend_stop_ms + stop_copy_enter_ms;
      if (from === PRE_COPY) return suspend_p2p_ms + suspend_stop_ms + stop_copy_enter_ms;
      return stop_copy_enter_ms;
    case STOP:
      if (from === RUNNING_P2P) return suspend_stop_ms;
      if (from === RUNNING) return suspend_p2p_ms + suspend_stop_ms;
      return from === RESUMING ? profile.load_finish_ms : 0;
    case RESUMING:
      return profile.resuming_enter_ms;
    case RUNNING:
      return from === STOP ? profile.resume_ms : 0;
    default:
      return 0;
  }
}
