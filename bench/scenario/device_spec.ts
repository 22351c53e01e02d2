import type { z } from "zod";
import { type DeviceProfile, GENERIC_PROFILE } from "../../core/device/profile.ts";
import type { Recording } from "../../core/device/mod.ts";
import { PROFILES } from "../../core/device/profiles/mod.ts";
import type { RegionOptions } from "../../core/device/region/region_options.ts";
import { VIRTIO_PROFILE, type VirtioProfile } from "../../core/device/virtio/virtio_profile.ts";
import { choice, positive } from "./fields.ts";
import { PROFILE_FIELDS } from "./profile_fields.ts";
import { VIRTIO_FIELDS } from "./virtio_fields.ts";

/** What a scenario says of a device beside its profile's name. */
export type Given = Readonly<Record<string, unknown>>;

/** A VFIO device of this host that takes the place of a scenario's, and where its state goes. */
export interface KernelSpec {
  readonly id: string;
  readonly kind: "kernel";
  /** The source, as the command line names it. */
  readonly device: string;
  /** The destination: another device, or what takes the bytes in its place: `null`, `file:PATH`. */
  readonly to: string;
  /** The source's driver. */
  readonly driver: string;
  /** What it can do, less what the scenario takes from it. */
  readonly precopy: boolean;
  readonly p2p: boolean;
  /** What MIG_DATA_SIZE said before the run, in bytes. */
  readonly state_size: number;
}

/** A device of a scenario: simulated, the vfio-virtio driver's, one whose recorded session is played again, or a real one. */
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
    /** Whether its calls take as long as they did when they were recorded, and how many times as fast. */
    readonly replay_timing: "recorded" | "none";
    readonly replay_speed: number;
    /** Where it is open already: whoever opened it closes it. */
    readonly recording?: Recording;
  }
  | KernelSpec;

/** A device that has a profile, and keys that can be set. */
export type ProfiledSpec = Exclude<DeviceSpec, { readonly kind: "replayed" | "kernel" }>;

/** Whether a device has a profile. */
export function isProfiled(device: DeviceSpec): device is ProfiledSpec {
  return device.kind !== "replayed" && device.kind !== "kernel";
}

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

/** What can be said of a replayed device beside its capture. */
export const REPLAY_FIELDS = {
  replay_timing: choice(
    {
      description:
        "Of a replayed device: whether its calls take as long as they did when they were recorded; none unless given.",
    },
    ["none", "recorded"],
  ),
  replay_speed: positive({
    description: "With replay_timing recorded: how many times as fast; 1 unless given.",
  }),
} as const;

/** What can be set of any device. */
export const DEVICE_FIELDS: Readonly<Record<string, z.ZodType>> = {
  profile: PROFILE_NAME_FIELD,
  ...REPLAY_FIELDS,
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

/** What can be set of this device: a real one is what it is. */
export function fieldsOfDevice(device: DeviceSpec): Readonly<Record<string, z.ZodType>> {
  if (device.kind === "kernel") return {};
  return device.kind === "replayed" ? REPLAY_FIELDS : fieldsOfProfile(device.profile_name);
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
