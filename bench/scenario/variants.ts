import { z } from "zod";
import { findOverlap, type Matrix, type Reading } from "./matrix.ts";
import type { DeviceSpec } from "./schema.ts";
import { findSetting, nearestSetting, type Setting } from "./settings.ts";

/** Named sets of settings, by the keys that `--set` has. */
export type Variants = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What is wrong with a part of a file, and where. */
export interface Refusal {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Reads a value of a file as a setting has it. */
export type ReadValue = (setting: Setting, input: unknown) => Reading;

const NAME = /^[a-z0-9]+([.-][a-z0-9]+)*$/;

/** The `variants` of a scenario file. What their values may be depends on the devices. */
export const VariantsSchema = z.record(
  z.string().regex(NAME),
  z.record(z.string(), z.unknown(), { error: "expected an object: a value for each key" }),
  { error: "expected an object: named sets of settings" },
).meta({
  description: "Named sets of settings, by the keys that --set has: each goes through the matrix.",
});

/** The variants with their values read, or the first that is wrong. */
export function readVariants(
  inputs: Variants,
  matrix: Matrix,
  devices: readonly DeviceSpec[],
  readValue: ReadValue,
): { readonly variants: Variants } | Refusal {
  const variants: Record<string, Record<string, unknown>> = {};
  for (const [name, settings] of Object.entries(inputs)) {
    const values: Record<string, unknown> = {};
    for (const [key, input] of Object.entries(settings)) {
      const path = ["variants", name, key];
      const setting = findSetting(key, devices);
      if (setting === undefined) {
        const nearest = nearestSetting(key, devices);
        return { path, message: `expected a key that can be set, such as ${nearest}` };
      }
      if (findOverlap([key, ...Object.keys(matrix)], devices)?.[0] === key) {
        return { path, message: "expected each thing to vary once: the matrix varies it too" };
      }
      const reading = readValue(setting, input);
      if ("error" in reading) {
        return { path: [...path, ...(reading.path ?? [])], message: reading.error };
      }
      values[key] = reading.value;
    }
    variants[name] = values;
  }
  return { variants };
}
