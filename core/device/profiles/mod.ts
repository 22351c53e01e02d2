import { type DeviceProfile, GENERIC_PROFILE } from "../profile.ts";

/** The driver profiles, by the names that scenario files use. */
export const PROFILES: Readonly<Record<string, DeviceProfile>> = {
  generic: GENERIC_PROFILE,
};
