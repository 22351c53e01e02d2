import type { z } from "zod";
import { closestString } from "@std/text/closest-string";
import { isParamName, PARAM_FIELDS, PARAM_NAMES } from "./params.ts";
import { DEVICE_FIELDS, fieldsOfDevice, isProfiled, specOf } from "./device_spec.ts";
import { FaultsSchema } from "./fault_fields.ts";
import {
  HOST_FIELDS,
  LINK_FIELDS,
  RAM_FIELDS,
  REGION_FIELDS,
  RUN_FIELDS,
} from "./scenario_fields.ts";
import type { DeviceSpec, Scenario } from "./schema.ts";

/**
 * What `--set`, `--sweep` and a matrix can name, and where it stands in a scenario:
 *
 *     buffer_size               params
 *     trials                    the top of the scenario
 *     ram.size                  ram
 *     link.bandwidth            link
 *     host.stop_ms              host
 *     region.mapped             region
 *     devices.nic0.dirty_rate   the profile of one device of the list
 *     devices.*.dirty_rate      of all of them
 *     devices.nic0.profile      the name of the profile that it starts from
 *     faults                    what goes wrong, all of it: in a variant only, for it is a list
 */
export interface Setting {
  /** As the user wrote it. */
  readonly key: string;
  readonly group: "params" | "run" | "ram" | "link" | "host" | "region" | "devices" | "faults";
  /** The key inside its group. */
  readonly name: string;
  /** What a value must be. */
  readonly field: z.ZodType;
  /** For a device's: which ones of the list. */
  readonly devices: readonly number[];
}

const GROUPS = {
  ram: RAM_FIELDS,
  link: LINK_FIELDS,
  host: HOST_FIELDS,
  region: REGION_FIELDS,
} as const;

const FAULTS = "faults";

function fieldOf(fields: Readonly<Record<string, z.ZodType>>, name: string): z.ZodType | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** The devices of the list that the id means and that have such a key. */
function havingKey(devices: readonly DeviceSpec[], id: string, name: string): number[] {
  return devices.flatMap((device, index) =>
    (id === "*" || id === device.id) && Object.hasOwn(fieldsOfDevice(device), name) ? [index] : []
  );
}

/** The setting of this key for a scenario with these devices, or undefined where there is none. */
export function findSetting(key: string, devices: readonly DeviceSpec[]): Setting | undefined {
  const first = key.indexOf(".");
  if (first === -1) {
    const run = fieldOf(RUN_FIELDS, key);
    if (run !== undefined) return { key, group: "run", name: key, field: run, devices: [] };
    if (key === FAULTS) {
      return { key, group: FAULTS, name: FAULTS, field: FaultsSchema, devices: [] };
    }
    if (!isParamName(key)) return undefined;
    return { key, group: "params", name: key, field: PARAM_FIELDS[key], devices: [] };
  }
  const group = key.slice(0, first);
  if (group === "ram" || group === "link" || group === "host" || group === "region") {
    const name = key.slice(first + 1);
    const field = fieldOf(GROUPS[group], name);
    return field && { key, group, name, field, devices: [] };
  }
  if (group !== "devices") return undefined;
  // An id may have dots of its own, as a PCI address has.
  const last = key.lastIndexOf(".");
  const name = key.slice(last + 1);
  const indices = havingKey(devices, key.slice(first + 1, last), name);
  const field = fieldOf(DEVICE_FIELDS, name);
  if (field === undefined || indices.length === 0) return undefined;
  return { key, group, name, field, devices: indices };
}

/** Every key that {@link findSetting} finds. */
export function settingKeys(devices: readonly DeviceSpec[]): string[] {
  const keys = devices.flatMap((device) =>
    Object.keys(fieldsOfDevice(device)).flatMap((name) => [
      `devices.${device.id}.${name}`,
      `devices.*.${name}`,
    ])
  );
  return [
    ...PARAM_NAMES,
    ...Object.keys(RUN_FIELDS),
    ...Object.keys(RAM_FIELDS).map((name) => `ram.${name}`),
    ...Object.keys(LINK_FIELDS).map((name) => `link.${name}`),
    ...Object.keys(HOST_FIELDS).map((name) => `host.${name}`),
    ...Object.keys(REGION_FIELDS).map((name) => `region.${name}`),
    FAULTS,
    ...new Set(keys),
  ];
}

/** An id with a key behind it is not as long. */
const LONGEST_KEY = 128;

/** The key that was probably meant. */
export function nearestSetting(key: string, devices: readonly DeviceSpec[]): string {
  return closestString(key.slice(0, LONGEST_KEY), settingKeys(devices));
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
    case "faults":
      return { ...scenario, [name]: value };
    case "params":
      return { ...scenario, params: { ...scenario.params, [name]: value } };
    case "ram":
      return { ...scenario, ram: { ...scenario.ram, [name]: value } };
    case "link":
      return { ...scenario, link: { ...scenario.link, [name]: value } };
    case "host":
      return { ...scenario, host: { ...scenario.host, [name]: value } };
    case "region":
      return { ...scenario, region: { ...scenario.region, [name]: value } };
    case "devices": {
      const devices = scenario.devices.map((device, index) =>
        setting.devices.includes(index) ? withDeviceValue(device, name, value) : device
      );
      return { ...scenario, devices };
    }
  }
}

/** Another profile keeps what the device was given besides; any other key is given from now on. */
function withDeviceValue(device: DeviceSpec, name: string, value: unknown): DeviceSpec {
  if (device.kind === "replayed") return { ...device, [name]: value };
  if (!isProfiled(device)) return device;
  return name === "profile" ? specOf(device.id, String(value), device.given) : specOf(
    device.id,
    device.profile_name,
    { ...device.given, [name]: value },
    device.kind === "simulated" ? device.base : undefined,
  );
}
