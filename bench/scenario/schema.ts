import { z } from "zod";
import type { FaultPlan } from "../../core/fault/mod.ts";
import type { RegionOptions } from "../../core/device/region/region_options.ts";
import {
  type DeviceSpec,
  fieldsOfProfile,
  PROFILE_FILE,
  PROFILE_NAMES,
  REPLAY_FIELDS,
  specOf,
} from "./device_spec.ts";
import { type Expectation, ExpectationFileSchema, readExpectations } from "./expectation.ts";
import { FaultsSchema } from "./fault_fields.ts";
import { choice, strictObject } from "./fields.ts";
import {
  findOverlap,
  type Matrix,
  type MatrixValue,
  type Reading,
  readVariation,
} from "./matrix.ts";
import { type Params, ParamsSchema } from "./params.ts";
import { PROFILE_FIELDS } from "./profile_fields.ts";
import {
  HOST_FIELDS,
  LINK_FIELDS,
  RAM_FIELDS,
  REGION_FIELDS,
  RUN_FIELDS,
} from "./scenario_fields.ts";
import { findSetting, nearestSetting, type Setting } from "./settings.ts";
import { readVariants, type Refusal, VariantsSchema } from "./variants.ts";
import { VIRTIO_FIELDS } from "./virtio_fields.ts";

export type { DeviceSpec } from "./device_spec.ts";

/** The guest's RAM: bytes, bytes per second. */
export type Ram = Readonly<Record<keyof typeof RAM_FIELDS, number>>;

/** The virtual clock's link: bytes per second, microseconds. */
export type Link = Readonly<Record<keyof typeof LINK_FIELDS, number>>;

/** What QEMU takes on the virtual clock: microseconds and milliseconds. */
export type Host = Readonly<Record<keyof typeof HOST_FIELDS, number>>;

/** Protocol v1's region: bytes, milliseconds. */
export type RegionSection = RegionOptions & {
  readonly destination_region_size: number;
  readonly x_enable_migration: boolean;
};

/** A scenario file once it is read: every key there, every quantity a number in its base unit. */
export interface Scenario {
  readonly name: string;
  /** The question that the scenario answers. */
  readonly question: string;
  readonly clock: "wall" | "virtual";
  readonly trials: number;
  readonly warmup: number | "auto";
  readonly seed: number;
  readonly params: Params;
  readonly matrix: Matrix;
  /** Named sets of settings, by the keys that `--set` has: each goes through the whole matrix. */
  readonly variants: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Of the scenario as it stands; overriding anything that matters takes them away. */
  readonly expect: readonly Expectation[];
  /** What its table is about. */
  readonly shows: "downtime" | "estimates";
  /** As listed; how many of them take part is `params.devices`. */
  readonly devices: readonly DeviceSpec[];
  readonly ram: Ram;
  readonly link: Link;
  readonly host: Host;
  /** With protocol v1. */
  readonly region: RegionSection;
  /** What goes wrong; nothing where it is empty. */
  readonly faults: FaultPlan;
}

/** What a device may be called. */
export const DEVICE_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/;
/** What a scenario may be called. */
export const SCENARIO_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const ID = "letters, digits and . _ : - only";
const NAME = "expected words of a-z and 0-9 with - between them, such as buffer-size";
const QUESTION = "expected the question that the scenario answers, in one sentence";

const profileNames = `expected the name of a profile (${PROFILE_NAMES.join(", ")})`;
const profileError = `${profileNames} or the path of a profile file (.json)`;
const captureError = "expected the path of a capture's .jsonl, from the scenario file's folder";
const idError = `expected an id, such as nic0: ${ID}`;

const DeviceSchema = strictObject({
  id: z.string({ error: idError }).regex(DEVICE_ID, { error: idError })
    .meta({ description: `What the device is called, such as nic0: ${ID}.` }),
  profile: z.union([
    z.enum(PROFILE_NAMES, { error: profileError }),
    z.string({ error: profileError }).regex(PROFILE_FILE, { error: profileError }),
  ], { error: profileError }).optional().meta({
    description:
      "The profile that the device starts from: a name, or the path of a profile file from the scenario file's folder.",
  }),
  capture: z.string({ error: captureError }).regex(/\.jsonl$/, { error: captureError }).optional()
    .meta({ description: "A recorded session: its .jsonl, from the scenario file's folder." }),
  ...z.strictObject(REPLAY_FIELDS).partial().shape,
  ...z.strictObject(VIRTIO_FIELDS).partial().shape,
  ...z.strictObject(PROFILE_FIELDS).partial().shape,
}, "an object: a device").transform((file, ctx): DeviceSpec => {
  const { id, profile, capture, ...given } = file;
  if (capture !== undefined) {
    const { replay_timing = "none", replay_speed = 1, ...others } = given;
    const extra = profile === undefined ? Object.keys(others)[0] : "profile";
    if (extra === undefined) return { id, kind: "replayed", capture, replay_timing, replay_speed };
    const message = "expected no such key beside capture: a replayed device has no profile";
    ctx.addIssue({ code: "custom", path: [extra], message });
    return z.NEVER;
  }
  if (profile === undefined) {
    ctx.addIssue({
      code: "custom",
      path: ["profile"],
      message: `${profileNames}, the path of a profile file (.json) or a capture`,
    });
    return z.NEVER;
  }
  const fields = fieldsOfProfile(profile);
  const foreign = Object.keys(given).find((key) => !(key in fields));
  if (foreign !== undefined) {
    const message = `expected a key that a device of profile ${profile} has`;
    ctx.addIssue({ code: "custom", path: [foreign], message });
    return z.NEVER;
  }
  return specOf(id, profile, given);
}).meta({
  // For editors; the transform above is what holds.
  anyOf: [{ required: ["profile"] }, { required: ["capture"] }],
  dependencies: {
    capture: { propertyNames: { enum: ["id", "capture", ...Object.keys(REPLAY_FIELDS)] } },
  },
});

/** The values of a matrix, by the keys that `--set` has. What they may be depends on the devices. */
export const MatrixSchema = z.record(
  z.string(),
  z.array(z.unknown(), { error: "expected a list of values, such as [1, 2]" }),
  { error: "expected an object: a list of values for each key" },
).meta({
  description: "What varies: every combination is a case, and the last key varies fastest.",
});

/** A part of the file that need not be there: each of its keys has a fallback. */
function section<T>(schema: z.ZodType<T>, description: string): z.ZodType<T> {
  return schema.prefault({}).meta({ description });
}

const devicesError = "expected a list of 1 to 64 devices";

const FileSchema = strictObject({
  $schema: z.string({ error: "expected a path" }).optional()
    .meta({ description: "Where this schema is, for editors." }),
  name: z.string({ error: NAME }).regex(SCENARIO_NAME, { error: NAME })
    .meta({ description: "The scenario's name: the file's, without .jsonc." }),
  question: z.string({ error: QUESTION }).min(1, { error: QUESTION })
    .meta({ description: "One sentence: the question that this scenario answers." }),
  ...RUN_FIELDS,
  params: section(ParamsSchema, "What every case has."),
  matrix: MatrixSchema.prefault({}),
  variants: VariantsSchema.prefault({}),
  expect: z.array(ExpectationFileSchema, { error: "expected a list of expectations" }).prefault([])
    .meta({ description: "What the scenario is expected to say, played as it stands." }),
  shows: choice(
    { description: "What the table is about.", fallback: "downtime" },
    ["downtime", "estimates"],
  ),
  devices: z.array(DeviceSchema, { error: devicesError }).min(1, { error: devicesError })
    .max(64, { error: devicesError }).meta({ description: "The devices of the guest." }),
  ram: section(strictObject(RAM_FIELDS, "an object: the guest's RAM"), "The guest's RAM."),
  link: section(
    strictObject(LINK_FIELDS, "an object: the virtual clock's link"),
    "The virtual clock's link; the wall clock does not use it.",
  ),
  host: section(
    strictObject(HOST_FIELDS, "an object: what QEMU takes on the virtual clock"),
    "What QEMU takes on the virtual clock; the wall clock does not use it.",
  ),
  region: section(
    strictObject(REGION_FIELDS, "an object: protocol v1's region"),
    "Protocol v1's region; protocol v2 does not use it.",
  ),
  faults: FaultsSchema.prefault([]),
}, "an object: a scenario");

function readJson(setting: Setting, input: unknown): Reading {
  const result = setting.field.safeParse(input);
  if (result.success) return { value: result.data };
  const issue = result.error.issues[0];
  if (issue === undefined) return { error: "" };
  const { path } = issue;
  if (issue.code !== "unrecognized_keys") return { error: issue.message, path };
  // The message of this code is the nearest key: see strictObject in fields.ts.
  return { error: `expected no key ${issue.keys[0]}, did you mean ${issue.message}?`, path };
}

/**
 * A scenario file. A capture's path is left as it stands in the file, and a profile file is not read: `loadScenario`
 * does both.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const scenario = ScenarioSchema.parse({
 *   name: "tiny",
 *   question: "Does anything move at all?",
 *   params: { buffer_size: "64KiB" },
 *   devices: [{ id: "nic0", profile: "generic", state_size: "1MiB" }],
 * });
 * assertEquals(scenario.params.buffer_size, 65_536);
 * ```
 */
export const ScenarioSchema = FileSchema.transform((file, ctx): Scenario => {
  const {
    $schema: _,
    params,
    devices,
    matrix: inputs,
    variants: variantInputs,
    expect: expected,
    ...rest
  } = file;
  const ids = devices.map((device) => device.id);
  const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index);
  if (twice !== -1) {
    const message = "expected an id of its own: another device has it";
    ctx.addIssue({ code: "custom", path: ["devices", twice, "id"], message });
    return z.NEVER;
  }
  const matrix: Record<string, readonly MatrixValue[]> = {};
  for (const [key, values] of Object.entries(inputs)) {
    const setting = findSetting(key, devices);
    if (setting === undefined) {
      const message = nearestSetting(key, devices);
      ctx.addIssue({
        code: "unrecognized_keys",
        keys: [key],
        path: ["matrix"],
        message,
        input: inputs,
      });
      return z.NEVER;
    }
    const result = readVariation(setting, values, readJson);
    if ("error" in result) {
      const path = result.index === undefined ? ["matrix", key] : ["matrix", key, result.index];
      ctx.addIssue({ code: "custom", path, message: result.error });
      return z.NEVER;
    }
    matrix[key] = result.values;
  }
  const [first, second] = findOverlap(Object.keys(matrix), devices) ?? [];
  if (first !== undefined && second !== undefined) {
    const message = `expected each thing to vary once: ${first} varies it too`;
    ctx.addIssue({ code: "custom", path: ["matrix", second], message });
    return z.NEVER;
  }
  const refuse = ({ path, message }: Refusal) => {
    ctx.addIssue({ code: "custom", path: [...path], message });
    return z.NEVER;
  };
  const read = readVariants(variantInputs, matrix, devices, readJson);
  if ("message" in read) return refuse(read);
  const { variants } = read;
  const told = readExpectations(expected, matrix, variants, devices, readJson);
  if ("message" in told) return refuse(told);
  const complete: Params = { ...params, devices: params.devices ?? devices.length };
  return { ...rest, params: complete, matrix, variants, expect: told.expect, devices };
});
