import type { z } from "zod";
import { type DeviceProfile, GENERIC_PROFILE } from "../../core/device/profile.ts";
import { PROFILES } from "../../core/device/profiles/mod.ts";
import type { RegionOptions } from "../../core/device/region/region_options.ts";
import { VIRTIO_PROFILE, type VirtioProfile } from "../../core/device/virtio/virtio_profile.ts";
import { choice } from "./fields.ts";
import { PROFILE_FIELDS } from "./profile_fields.ts";
import { VIRTIO_FIELDS } from "./virtio_fields.ts";

/** What a scenario says of a device beside its profile's name. */
export type Given = Readonly<Record<string, unknown>>;

/** A device of a scenario: simulated, the vfio-virtio driver's, or one whose recorded session is played again. */
export type DeviceSpec =
  | {
    readonly id: string;
    readonly kind: "simulated";
    /** Complete: the named profile with the scenario's own keys over it. */
    readonly profile: DeviceProfile;
    readonly profile_name: string;
    /** The scenario's own keys, which stay where another profile is named. */
    readonly given: Given;
    /** Where `profile_name` is a profile file's path: what stands in it, once it is loaded. */
    readonly base?: DeviceProfile;
    /** With protocol v1, which has a region instead of a data_fd. */
    readonly region?: { readonly source: RegionOptions; readonly destination: RegionOptions };
  }
  | {
    readonly id: string;
    readonly kind: "virtio";
    readonly profile: VirtioProfile;
    readonly profile_name: typeof VIRTIO_NET;
    readonly given: Given;
  }
  | {
    readonly id: string;
    readonly kind: "replayed";
    /** The path of the capture's `.jsonl`; its `.bin` stands beside it. Absolute once it is loaded. */
    readonly capture: string;
  };

/** The profile whose device is a driver of its own. */
export const VIRTIO_NET = "virtio-net";

/** Every name that `profile` takes. */
export const PROFILE_NAMES: readonly string[] = [...Object.keys(PROFILES), VIRTIO_NET];

const PROFILE_NAME_FIELD = choice(
  { description: "The named profile that the device starts from." },
  ["generic", ...PROFILE_NAMES.filter((name) => name !== "generic")],
);

/** A profile file by its path: `./nic.json`, or `./nics.json#nic0` where it has several devices. */
export const PROFILE_FILE = /\.json(#.+)?$/;

/** What can be set of any device that has a profile. */
export const DEVICE_FIELDS: Readonly<Record<string, z.ZodType>> = {
  profile: PROFILE_NAME_FIELD,
  ...VIRTIO_FIELDS,
  ...PROFILE_FIELDS,
};

/** What can be set of devices of this profile. */
export function fieldsOfProfile(name: string): Readonly<Record<string, z.ZodType>> {
  const own: Readonly<Record<string, z.ZodType>> = name === VIRTIO_NET
    ? VIRTIO_FIELDS
    : PROFILE_FIELDS;
  return { profile: PROFILE_NAME_FIELD, ...own };
}

/**
 * A device of the named profile with what else is given; keys that such a device does not have are kept aside.
 *
 * @param base What stands in the profile file, where `profile_name` is the path of one
 */
export function specOf(
  id: string,
  profile_name: string,
  given: Given,
  base?: DeviceProfile,
): DeviceSpec {
  const fields = fieldsOfProfile(profile_name);
  const own = Object.fromEntries(Object.entries(given).filter(([key]) => key in fields));
  if (profile_name === VIRTIO_NET) {
    const profile: VirtioProfile = { ...VIRTIO_PROFILE, ...own };
    return { id, kind: "virtio", profile, profile_name, given };
  }
  const from = base ?? PROFILES[profile_name] ?? GENERIC_PROFILE;
  const profile: DeviceProfile = { ...from, ...own };
  const spec = { id, kind: "simulated", profile, profile_name, given } as const;
  return base === undefined ? spec : { ...spec, base };
}
