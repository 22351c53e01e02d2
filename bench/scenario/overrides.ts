import { readText } from "./fields.ts";
import { type Matrix, type Reading, readVariation } from "./matrix.ts";
import { PARAM_NAMES } from "./params.ts";
import { RUN_FIELDS } from "./scenario_fields.ts";
import { ScenarioError, showValue } from "./scenario_error.ts";
import type { Scenario } from "./schema.ts";
import { applySetting, findSetting, nearestSetting, overlap, type Setting } from "./settings.ts";

type Verb = "set" | "sweep";

const FORMS: Readonly<Record<Verb, string>> = {
  set: "key=value, such as buffer_size=64KiB",
  sweep: "key=value,value, such as buffer_size=64KiB,1MiB",
};

function splitPair(verb: Verb, pair: string): [key: string, text: string] {
  const at = pair.indexOf("=");
  if (at < 1) {
    throw new ScenarioError(`Cannot ${verb} ${showValue(pair)}: expected ${FORMS[verb]}`);
  }
  return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
}

function settingOf(verb: Verb, key: string, { devices }: Scenario): Setting {
  const setting = findSetting(key, devices);
  if (setting !== undefined) return setting;
  if (key.startsWith("devices.") && devices.some(({ kind }) => kind === "kernel")) {
    throw new ScenarioError(`Cannot ${verb} ${key}: a real device has no profile; leave it out`);
  }
  const nearest = nearestSetting(key, devices);
  throw new ScenarioError(`Cannot ${verb} ${key}: no such key, did you mean ${nearest}?`);
}

function readArgument(setting: Setting, input: unknown): Reading {
  const result = readText(setting.field, String(input));
  if (result.success) return { value: result.data };
  return { error: result.error.issues[0]?.message ?? "" };
}

/** The matrix without the other keys whose whole effect the setting has: devices.nic0.x for devices.*.x. */
function withoutCovered(verb: Verb, setting: Setting, { matrix, devices }: Scenario): Matrix {
  const kept = Object.entries(matrix).filter(([key]) => {
    const varied = findSetting(key, devices);
    if (varied === undefined || key === setting.key) return true;
    const common = overlap(setting, varied);
    if (common !== "some") return common === "none";
    throw new ScenarioError(
      `Cannot ${verb} ${setting.key}: the matrix varies ${key}, which is more than that; set ${key} first`,
    );
  });
  return Object.fromEntries(kept);
}

function applySet(scenario: Scenario, setting: Setting, text: string): Scenario {
  const { key } = setting;
  const result = readArgument(setting, text);
  if ("error" in result) {
    throw new ScenarioError(`Cannot set ${key}: received ${showValue(text)}, ${result.error}`);
  }
  const { [key]: _, ...matrix } = withoutCovered("set", setting, scenario);
  const variants = withoutSetting(setting, scenario);
  return applySetting({ ...scenario, matrix, variants }, setting, result.value);
}

/** The variants without what the setting decides for all of them. */
function withoutSetting(setting: Setting, { variants, devices }: Scenario): Scenario["variants"] {
  const isDecided = (key: string) => {
    const other = findSetting(key, devices);
    return other !== undefined && overlap(setting, other) !== "none";
  };
  return mapValues(
    variants,
    (settings) => Object.fromEntries(Object.entries(settings).filter(([key]) => !isDecided(key))),
  );
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** Of the named variants only those that are wanted. */
function chooseVariants(scenario: Scenario, wanted: readonly string[]): Scenario {
  const names = Object.keys(scenario.variants);
  for (const name of wanted) {
    if (names.includes(name)) continue;
    const known = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
    throw new ScenarioError(`Cannot play variant ${showValue(name)} of ${scenario.name}: ${known}`);
  }
  const variants = Object.fromEntries(
    Object.entries(scenario.variants).filter(([name]) => wanted.includes(name)),
  );
  return { ...scenario, variants };
}

/** What an override may change without changing what a scenario is expected to say. */
const HARMLESS: ReadonlySet<string> = new Set(["trials", "warmup", "seed", "measure"]);

function applySweep(scenario: Scenario, setting: Setting, texts: readonly string[]): Scenario {
  const { key } = setting;
  const result = readVariation(setting, texts, readArgument);
  if ("error" in result) {
    const text = result.index === undefined ? texts.join(",") : texts[result.index];
    throw new ScenarioError(`Cannot sweep ${key}: received ${showValue(text)}, ${result.error}`);
  }
  const matrix = withoutCovered("sweep", setting, scenario);
  const variants = withoutSetting(setting, scenario);
  // A key that the matrix has keeps its place there.
  return { ...scenario, variants, matrix: { ...matrix, [key]: result.values } };
}

/**
 * The values of every `--sweep key=v1,v2`, by their keys and as they were written. A key that is given
 * twice has the values of the last.
 *
 * @throws {ScenarioError} where one is not of that form.
 */
export function parseSweeps(sweeps: readonly string[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const sweep of sweeps) {
    const [key, text] = splitPair("sweep", sweep);
    values.set(key, text === "" ? [] : text.split(",").map((value) => value.trim()));
  }
  return values;
}

/**
 * The scenario with the command line's wishes: first every `--set key=value`, then every
 * `--sweep key=v1,v2`. A key that is set is no longer in the matrix; of a key that is set twice the last
 * value holds; a sweep replaces what the matrix has of its key, or adds it at the end.
 *
 * @throws {ScenarioError} where a key or a value is not one, or a sweep would undo a set.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ScenarioSchema } from "./schema.ts";
 * const scenario = ScenarioSchema.parse({
 *   name: "tiny",
 *   question: "Does anything move at all?",
 *   devices: [{ id: "nic0", profile: "generic" }],
 * });
 * const changed = applyOverrides(scenario, ["buffer_size=64KiB"], ["channel=ring,unix"]);
 * assertEquals(changed.params.buffer_size, 65_536);
 * assertEquals(changed.matrix, { channel: ["ring", "unix"] });
 * ```
 */
export function applyOverrides(
  scenario: Scenario,
  sets: readonly string[],
  sweeps: readonly string[] = [],
): Scenario {
  const sweptValues = parseSweeps(sweeps);
  const wanted = sets.filter((pair) => pair.startsWith("variant="))
    .map((pair) => splitPair("set", pair)[1]);
  const sweptVariants = sweptValues.get("variant");
  if (sweptVariants !== undefined || wanted.length > 0) {
    scenario = chooseVariants(scenario, sweptVariants ?? wanted.slice(-1));
    sweptValues.delete("variant");
    sets = sets.filter((pair) => !pair.startsWith("variant="));
  }
  const keys = [...sweptValues.keys(), ...sets.map((pair) => pair.split("=")[0]?.trim() ?? "")];
  if (wanted.length > 0 || sweptVariants || keys.some((key) => !HARMLESS.has(key))) {
    scenario = { ...scenario, expect: [] };
  }
  const swept = [...sweptValues].map(([key, texts]) => ({
    setting: settingOf("sweep", key, scenario),
    texts,
  }));
  for (const pair of sets) {
    const [key, text] = splitPair("set", pair);
    const setting = settingOf("set", key, scenario);
    const undone = swept.find((sweep) => overlap(sweep.setting, setting) === "whole of b");
    if (undone !== undefined) {
      throw new ScenarioError(
        `Cannot set ${key} and sweep ${undone.setting.key}: the sweep would undo it, take one of them away`,
      );
    }
    scenario = applySet(scenario, setting, text);
  }
  return swept.reduce((one, { setting, texts }) => applySweep(one, setting, texts), scenario);
}

const FLAGS: ReadonlyMap<string, string> = new Map(
  [...PARAM_NAMES, ...Object.keys(RUN_FIELDS)]
    .map((name) => [`--${name.replaceAll("_", "-")}`, name]),
);

/**
 * The key that a flag of its own stands for, so that `--buffer-size 64KiB` can be taken as
 * `--set buffer_size=64KiB`. Undefined for a flag that stands for none.
 */
export function paramFlag(flag: string): string | undefined {
  return FLAGS.get(flag);
}
