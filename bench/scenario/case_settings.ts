import { basename } from "node:path";
import type { Case } from "./expand.ts";

/** A value of a setting as it is kept with a run. */
export type SettingValue = string | number | boolean;

/**
 * What a case is beside its parameters, by the keys that `--set` has: its devices, RAM, and on the virtual clock
 * the link and the host. With the parameters it is all that makes two cases the same.
 *
 * A recording is told by its file's name: where it lies is another thing on another machine.
 */
export function caseSettings(one: Case): Record<string, SettingValue> {
  const settings: Record<string, SettingValue> = {};
  const add = (group: string, values: object) => {
    for (const [key, value] of Object.entries(values)) {
      settings[`${group}.${key}`] = isSettingValue(value) ? value : JSON.stringify(value);
    }
  };
  for (const device of one.devices) {
    const group = `devices.${device.id}`;
    if (device.kind === "replayed") {
      const { capture, replay_timing, replay_speed } = device;
      add(group, { capture: basename(capture) });
      if (replay_timing === "recorded") add(group, { replay_timing, replay_speed });
    } else if (device.kind === "kernel") {
      const { device: name, to, driver, precopy, p2p } = device;
      add(group, { device: name, to, driver, precopy, p2p });
    } else add(group, { profile: device.profile_name, ...device.profile });
  }
  add("ram", one.ram);
  if (one.clock === "virtual") {
    add("link", one.link);
    add("host", one.host);
  }
  if (one.params.protocol === "v1") add("region", one.region);
  if (one.faults.length > 0) settings.faults = JSON.stringify(one.faults);
  return settings;
}

function isSettingValue(value: unknown): value is SettingValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
