import type { z } from "zod";
import { closestString } from "@std/text/closest-string";
import { isParamName, PARAM_FIELDS, PARAM_NAMES } from "./params.ts";
import { PROFILES } from "../../core/device/profiles/mod.ts";
import { DEVICE_FIELDS } from "./profile_fields.ts";
import { HOST_FIELDS, LINK_FIELDS, RAM_FIELDS, RUN_FIELDS } from "./scenario_fields.ts";
import type { DeviceSpec, Scenario } from "./schema.ts";

/**
 * What `--set`, `--sweep` and a matrix can name, and where it stands in a scenario:
 *
 *     buffer_size               params
 *     trials                    the top of the scenario
 *     ram.size                  ram
 *     link.bandwidth            link
 *     host.stop_ms              host
 *     devices.nic0.dirty_rate   the profile of one simulated device of the list
 *     devices.*.dirty_rate      of all of them
 *     devices.nic0.profile      the name of the profile that it starts from
 */
export interface Setting {
  /** As the user wrote it. */
  readonly key: string;
  readonly group: "params" | "run" | "ram" | "link" | "host" | "devices";
  /** The key inside its group. */
  readonly name: string;
  /** What a value must be. */
  readonly field: z.ZodType;
  /** For a device's: which ones of the list. */
  readonly devices: readonly number[];
}

const GROUPS = { ram: RAM_FIELDS, link: LINK_FIELDS, host: HOST_FIELDS } as const;

function fieldOf(fields: Readonly<Record<string, z.ZodType>>, name: string): z.ZodType | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** The devices of the list that the id means: those that are simulated, for only they have a profile. */
function simulated(devices: readonly DeviceSpec[], id: string): number[] {
  return devices.flatMap((device, index) =>
    device.kind === "simulated" && (id === "*" || id === device.id) ? [index] : []
  );
}

/** The setting of this key for a scenario with these devices, or undefined where there is none. */
export function findSetting(key: string, devices: readonly DeviceSpec[]): Setting | undefined {
  const first = key.indexOf(".");
  if (first === -1) {
    const run = fieldOf(RUN_FIELDS, key);
    if (run !== undefined) return { key, group: "run", name: key, field: run, devices: [] };
    if (!isParamName(key)) return undefined;
    return { key, group: "params", name: key, field: PARAM_FIELDS[key], devices: [] };
  }
  const group = key.slice(0, first);
  if (group === "ram" || group === "link" || group === "host") {
    const name = key.slice(first + 1);
    const field = fieldOf(GROUPS[group], name);
    return field && { key, group, name, field, devices: [] };
  }
  if (group !== "devices") return undefined;
  // An id may have dots of its own, as a PCI address has.
  const last = key.lastIndexOf(".");
  const indices = simulated(devices, key.slice(first + 1, last));
  const name = key.slice(last + 1);
  const field = fieldOf(DEVICE_FIELDS, name);
  if (field === undefined || indices.length === 0) return undefined;
  return { key, group, name, field, devices: indices };
}

/** Every key that {@link findSetting} finds. */
export function settingKeys(devices: readonly DeviceSpec[]): string[] {
  const ids = devices.flatMap((device) => device.kind === "simulated" ? [device.id] : []);
  if (ids.length > 0) ids.push("*");
  return [
    ...PARAM_NAMES,
    ...Object.keys(RUN_FIELDS),
    ...Object.keys(RAM_FIELDS).map((name) => `ram.${name}`),
    ...Object.keys(LINK_FIELDS).map((name) => `link.${name}`),
    ...Object.keys(HOST_FIELDS).map((name) => `host.${name}`),
    ...ids.flatMap((id) => Object.keys(DEVICE_FIELDS).map((name) => `devices.${id}.${name}`)),
  ];
}

/** The key that was probably meant. */
export function nearestSetting(key: string, devices: readonly DeviceSpec[]): string {
  return closestString(key, settingKeys(devices));
}

/** How far what one setting changes is also what the other one changes. */
export function overlap(a: Setting, b: Setting): "none" | "some" | "whole of b" {
  if (a.group !== b.group || a.name !== b.name) return "none";
  const common = b.devices.filter((index) => a.devices.includes(index));
  if (common.length === b.devices.length) return "whole of b";
  return common.length === 0 ? "none" : "some";
}

/** The scenario with the value in its place. The value must be one that the setting's field gave. */
export function applySetting(scenario: Scenario, setting: Setting, value: unknown): Scenario {
  const { group, name } = setting;
  switch (group) {
    case "run":
      return { ...scenario, [name]: value };
    case "params":
      return { ...scenario, params: { ...scenario.params, [name]: value } };
    case "ram":
      return { ...scenario, ram: { ...scenario.ram, [name]: value } };
    case "link":
      return { ...scenario, link: { ...scenario.link, [name]: value } };
    case "host":
      return { ...scenario, host: { ...scenario.host, [name]: value } };
    case "devices": {
      const devices = scenario.devices.map((device, index) =>
        device.kind === "simulated" && setting.devices.includes(index)
          ? withDeviceValue(device, name, value)
          : device
      );
      return { ...scenario, devices };
    }
  }
}

type SimulatedSpec = Extract<DeviceSpec, { readonly kind: "simulated" }>;

/** Another profile keeps what the device was given besides; any other key is given from now on. */
function withDeviceValue(device: SimulatedSpec, name: string, value: unknown): SimulatedSpec {
  if (name !== "profile") {
    const given = { ...device.given, [name]: value };
    return { ...device, given, profile: { ...device.profile, ...given } };
  }
  const profile_name = String(value);
  const profile = { ...(PROFILES[profile_name] ?? device.profile), ...device.given };
  return { ...device, profile_name, profile };
}
