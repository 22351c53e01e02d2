/**
 * The driver profiles: what drivers report, when they block, what their arcs cost; data, no code.
 * @module
 */
import type { DeviceProfile } from "../profile.ts";
import type { DriverProfile } from "./driver_profile.ts";
import { generic } from "./generic.ts";
import { mlx5, mlx5Older } from "./mlx5.ts";
import { hisiAcc, mtty, pds, qat } from "./small_drivers.ts";
import { xe, xeErrno } from "./xe.ts";

export type { DriverProfile } from "./driver_profile.ts";

/** The drivers, by the names that scenario files use. */
export const DRIVERS: Readonly<Record<string, DriverProfile>> = {
  generic,
  mlx5,
  "mlx5-older": mlx5Older,
  "hisi-acc": hisiAcc,
  qat,
  pds,
  xe,
  "xe-errno": xeErrno,
  mtty,
};

/** Their profiles alone. */
export const PROFILES: Readonly<Record<string, DeviceProfile>> = Object.fromEntries(
  Object.entries(DRIVERS).map(([name, { profile }]) => [name, profile]),
);
