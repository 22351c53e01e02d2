import type { DeviceProfile } from "../../core/device/profile.ts";
import type { FaultPlan } from "../../core/fault/mod.ts";
import { checkCase } from "./check_case.ts";
import { labelValue } from "./fields.ts";
import type { MatrixValue } from "./matrix.ts";
import type { Params } from "./params.ts";
import { ScenarioError } from "./scenario_error.ts";
import type { DeviceSpec, Host, Link, Ram, RegionSection, Scenario } from "./schema.ts";
import { applySetting, findSetting, type Setting } from "./settings.ts";

/** One point of a scenario's matrix: all that a trial needs to know. */
export interface Case {
  /** The scenario's name. */
  readonly scenario: string;
  /** Its place among the scenario's cases, from 0. */
  readonly index: number;
  /** What varies: `buffer_size=1MiB channel=ring`. Empty where nothing does. */
  readonly label: string;
  readonly varies: Readonly<Record<string, MatrixValue>>;
  /** Complete. A ring_slots or port of 0 stays 0: whoever opens the ring or the port chooses. */
  readonly params: Params;
  /** As many as `params.devices` says, with ids of their own and what `precopy` and `p2p` leave. */
  readonly devices: readonly DeviceSpec[];
  readonly ram: Ram;
  readonly link: Link;
  readonly host: Host;
  readonly region: RegionSection;
  /** What goes wrong in each of its trials; nothing where it is empty. */
  readonly faults: FaultPlan;
  readonly clock: "wall" | "virtual";
  readonly trials: number;
  readonly warmup: number | "auto";
  readonly seed: number;
  /** What its row of the table is about. */
  readonly shows: "downtime" | "estimates";
}

/** The most cases that a scenario may have. */
export const MAX_CASES = 4096;

/** The most trials that cases may have together, warm-up included: each is planned before the first is played. */
export const MAX_TURNS = 2_000_000;

/** How many trials are planned for cases. */
export function plannedTurns(cases: Iterable<Pick<Case, "trials" | "warmup">>): number {
  let turns = 0;
  for (const { trials, warmup } of cases) turns += trials + (warmup === "auto" ? 0 : warmup);
  return turns;
}

/** The first of the list, or the list again and again: nic0, nic1, nic0-2, nic1-2, nic0-3. */
function repeatDevices(list: readonly DeviceSpec[], count: number): DeviceSpec[] {
  const devices = list.slice(0, count);
  const taken = new Set(list.map((device) => device.id));
  for (let round = 2; devices.length < count; round++) {
    for (const device of list.slice(0, count - devices.length)) {
      let suffix = round;
      while (taken.has(`${device.id}-${suffix}`)) suffix++;
      const id = `${device.id}-${suffix}`;
      taken.add(id);
      devices.push({ ...device, id });
    }
  }
  return devices;
}

/** What the parameters leave of a device, and with protocol v1 the region that it has instead of a data_fd. */
function maskDevice(device: DeviceSpec, { params, region, host }: Scenario): DeviceSpec {
  const { precopy, p2p, protocol, devices } = params;
  if (device.kind === "replayed") return device;
  if (device.kind === "kernel") {
    return { ...device, precopy: device.precopy && precopy, p2p: device.p2p && p2p };
  }
  const mask = { precopy: device.profile.precopy && precopy, p2p: device.profile.p2p && p2p };
  if (device.kind === "virtio") return { ...device, profile: { ...device.profile, ...mask } };
  const slowdown = 1 + host.adapter_contention * (devices - 1);
  const profile = slowDown({ ...device.profile, ...mask }, slowdown);
  const masked = { ...device, profile };
  if (protocol === "v2") return masked;
  const { x_enable_migration: _, destination_region_size, ...source } = region;
  const region_size = destination_region_size || source.region_size;
  return { ...masked, region: { source, destination: { ...source, region_size } } };
}

/** What a device's firmware does takes so many times as long. */
function slowDown(profile: DeviceProfile, times: number): DeviceProfile {
  if (times === 1) return profile;
  return {
    ...profile,
    save_rate: profile.save_rate / times,
    load_rate: profile.load_rate / times,
    precopy_enter_ms: profile.precopy_enter_ms * times,
    suspend_p2p_ms: profile.suspend_p2p_ms * times,
    suspend_stop_ms: profile.suspend_stop_ms * times,
    stop_copy_enter_ms: profile.stop_copy_enter_ms * times,
    resuming_enter_ms: profile.resuming_enter_ms * times,
    load_finish_ms: profile.load_finish_ms * times,
    resume_ms: profile.resume_ms * times,
    prealloc_ms_per_mib: profile.prealloc_ms_per_mib * times,
  };
}

function countCases(scenario: Scenario): number {
  const variants = Math.max(1, Object.keys(scenario.variants).length);
  const count = Object.values(scenario.matrix)
    .reduce((product, { length }) => product * length, variants);
  if (count > MAX_CASES) {
    throw new ScenarioError(
      `Cannot expand ${scenario.name} into ${count} cases: ${MAX_CASES} are the most, take keys or values out of its matrix`,
    );
  }
  return count;
}

function settingAt(scenario: Scenario, key: string): Setting {
  const setting = findSetting(key, scenario.devices);
  if (setting !== undefined) return setting;
  throw new TypeError(`Cannot expand ${key}: received a scenario that was not checked`);
}

/**
 * Every variant with every combination of the matrix's values as a case, in the order written: the last
 * key varies fastest. What has one value only is set, and not said to vary.
 *
 * @throws {ScenarioError} where there are more than {@link MAX_CASES}, or one of them is impossible.
 */
export function expandCases(scenario: Scenario): Case[] {
  const cases = expandAll(scenario);
  const turns = plannedTurns(cases);
  if (turns <= MAX_TURNS) return cases;
  throw new ScenarioError(
    `Cannot expand ${scenario.name} into ${turns} trials: ${MAX_TURNS} are the most, set fewer trials or take cases out of its matrix`,
  );
}

function expandAll(scenario: Scenario): Case[] {
  const count = countCases(scenario);
  const variants = Object.entries(scenario.variants);
  if (variants.length === 0) return expandMatrix(scenario, count, 0, {});
  const perVariant = count / variants.length;
  return variants.flatMap(([variant, settings], nth) => {
    const point = Object.entries(settings).reduce(
      (one, [key, value]) => applySetting(one, settingAt(one, key), value),
      scenario,
    );
    const varies = variants.length === 1 ? {} : { variant };
    return expandMatrix(point, perVariant, nth * perVariant, varies);
  });
}

function expandMatrix(
  scenario: Scenario,
  count: number,
  firstIndex: number,
  variesBesides: Readonly<Record<string, MatrixValue>>,
): Case[] {
  const entries = Object.entries(scenario.matrix);
  return Array.from({ length: count }, (_, nth): Case => {
    const varies: Record<string, MatrixValue> = { ...variesBesides };
    const labels = Object.entries(varies).map(([key, value]) => `${key}=${value}`);
    let point = scenario;
    let stride = count;
    for (const [key, values] of entries) {
      stride /= values.length;
      const value = values[Math.floor(nth / stride) % values.length];
      const setting = settingAt(scenario, key);
      if (value === undefined) throw new TypeError(`Cannot expand matrix.${key}: it is empty`);
      point = applySetting(point, setting, value);
      if (values.length === 1) continue;
      varies[key] = value;
      labels.push(`${key}=${labelValue(setting.field, value)}`);
    }
    const { params, ram, link, host, region, faults, clock, trials, warmup, seed, shows } = point;
    const devices = repeatDevices(point.devices, params.devices)
      .map((device) => maskDevice(device, point));
    const scenarioCase: Case = {
      scenario: scenario.name,
      index: firstIndex + nth,
      label: labels.join(" "),
      varies,
      params,
      devices,
      ram,
      link,
      host,
      region,
      faults,
      clock,
      trials,
      warmup,
      seed,
      shows,
    };
    checkCase(scenarioCase);
    return scenarioCase;
  });
}
