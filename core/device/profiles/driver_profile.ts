import type { DeviceProfile } from "../profile.ts";

/** A driver as a profile: what is known of it, and the numbers. */
export interface DriverProfile {
  /** One line: what the driver is, and in which way its answers are wrong. */
  readonly about: string;
  readonly profile: DeviceProfile;
}
