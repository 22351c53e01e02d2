import { type DeviceProfile, GENERIC_PROFILE } from "../profile.ts";
import type { DriverProfile } from "./driver_profile.ts";

/** GBs with VRAM (facts); the numbers are assumed. */
const base: DeviceProfile = {
  ...GENERIC_PROFILE,
  precopy: false,
  state_size: 2 * 1024 * 1024 * 1024,
  save_rate: 8e9,
  load_rate: 8e9,
  suspend_p2p_ms: 10,
  suspend_stop_ms: 20,
  stop_copy_enter_ms: 20,
  resume_ms: 20,
};

/** An Intel GPU's VF: no PRE_COPY, so that all of its memory moves in the downtime. */
export const xe: DriverProfile = {
  about: "Intel GPU VF: no precopy, gigabytes with VRAM",
  profile: base,
};

/** facts: the driver stores a signed result, possibly an errno, straight into the unsigned length. */
export const xeErrno: DriverProfile = {
  about: "Intel GPU VF whose size estimate failed: says 2^64 - 22 bytes and calls it success",
  profile: { ...base, stop_copy_report: "errno-as-length" },
};
