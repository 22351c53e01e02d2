import { GENERIC_PROFILE } from "../profile.ts";
import type { DriverProfile } from "./driver_profile.ts";

export const generic: DriverProfile = {
  about: "A device with every manner at its simplest: honest answers, no latency.",
  profile: GENERIC_PROFILE,
};
