import { labelValue } from "./fields.ts";
import type { DeviceSpec } from "./schema.ts";
import { findSetting, overlap, type Setting } from "./settings.ts";

/** A value that can vary from case to case. */
export type MatrixValue = string | number | boolean;

/** What varies, in the order it was written: the last key varies fastest. */
export type Matrix = Readonly<Record<string, readonly MatrixValue[]>>;

/** A value as a setting has it, or what is wrong with what was given, and where in it. */
export type Reading =
  | { readonly value: unknown }
  | { readonly error: string; readonly path?: readonly PropertyKey[] };

/** What is wrong with the values of one key; `index` says with which, where it is one of them. */
export interface VariationFault {
  readonly error: string;
  readonly index?: number;
}

/** As many as a scenario may have cases. */
const MAX_VALUES = 4096;

function isMatrixValue(value: unknown): value is MatrixValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/**
 * The values that a setting is to have, one after the other.
 *
 * @param read how a value is made of what was given: of JSON in a file, of text on the command line.
 */
export function readVariation(
  setting: Setting,
  inputs: readonly unknown[],
  read: (setting: Setting, input: unknown) => Reading,
): { readonly values: MatrixValue[] } | VariationFault {
  if (inputs.length === 0) return { error: "expected at least one value" };
  if (inputs.length > MAX_VALUES) return { error: `expected at most ${MAX_VALUES} values` };
  const values: MatrixValue[] = [];
  for (const [index, input] of inputs.entries()) {
    const result = read(setting, input);
    if ("error" in result) return { ...result, index };
    const { value } = result;
    if (!isMatrixValue(value)) {
      return { error: "expected a key that has one value: a list cannot vary" };
    }
    if (values.includes(value)) {
      const label = labelValue(setting.field, value);
      return { error: `expected each value once: ${label} is there already`, index };
    }
    values.push(value);
  }
  return { values };
}

/** Two keys of a matrix that vary the same thing: one would undo the other without a word. */
export function findOverlap(
  keys: readonly string[],
  devices: readonly DeviceSpec[],
): readonly [first: string, second: string] | undefined {
  const settings = keys.flatMap((key) => findSetting(key, devices) ?? []);
  for (const [index, a] of settings.entries()) {
    const b = settings.slice(index + 1).find((other) => overlap(a, other) !== "none");
    if (b !== undefined) return [a.key, b.key];
  }
  return undefined;
}
