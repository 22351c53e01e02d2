import { z } from "zod";
import { number, strictObject } from "./fields.ts";
import type { Matrix, MatrixValue } from "./matrix.ts";
import type { DeviceSpec } from "./schema.ts";
import { findSetting } from "./settings.ts";
import type { ReadValue, Refusal, Variants } from "./variants.ts";

/**
 * What a scenario, played as it stands, is expected to say. A number is `published` by others, `fitted`
 * (the model was made to give it), `predicted` (published too, but nothing was fitted on it), or follows
 * from the `rules`.
 */
export interface Expectation {
  /** A metric of the case (`downtime_ms`), of a device (`devices.nic0.stop_ms`), `failed_ratio`, or `injected_ratio`. */
  readonly metric: string;
  /** The case, by what varies. */
  readonly case: Readonly<Record<string, MatrixValue>>;
  /** Another case: then the expected value is how many times its metric this one's is. */
  readonly relative_to?: Readonly<Record<string, MatrixValue>>;
  readonly min: number;
  readonly max: number;
  readonly basis: "fitted" | "predicted" | "published" | "rules";
  /** What the error of every trial must contain, where trials are expected to fail. */
  readonly reason?: string;
}

const what = "an object: an expectation";
const basisError = "expected fitted, predicted, published or rules";

const CaseSchema = z.record(z.string(), z.unknown(), {
  error: "expected an object: a value for each key that varies",
});

/** An expectation as a file has it: a value within a part of itself, or between two. */
export const ExpectationFileSchema = strictObject({
  metric: z.string({ error: "expected the name of a metric, such as downtime_ms" }).meta({
    description:
      "A metric of the case, of a device (devices.nic0.stop_ms), failed_ratio, or injected_ratio: the part of trials in which every fault struck.",
  }),
  case: CaseSchema.prefault({}).meta({ description: "Which case, by the keys that vary." }),
  relative_to: CaseSchema.optional().meta({
    description: "Another case: the value is then how many times its metric this one's is.",
  }),
  value: number({ description: "The expected median." }).optional(),
  within: number({ description: "How far from it, as a part of it: 0.1 is 10 %." }).optional(),
  min: number({ description: "The least that is expected, instead of value and within." })
    .optional(),
  max: number({ description: "The most that is expected." }).optional(),
  basis: z.enum(["fitted", "predicted", "published", "rules"], { error: basisError }).meta({
    description: "Where the number is from: fitted, predicted, published, or rules.",
  }),
  reason: z.string({ error: "expected words of the error" }).optional().meta({
    description: "What every failed trial's error must contain.",
  }),
}, what);

type FileExpectation = z.output<typeof ExpectationFileSchema>;

/** The expectations of a file with their cases found, or the first that is wrong. */
export function readExpectations(
  files: readonly FileExpectation[],
  matrix: Matrix,
  variants: Variants,
  devices: readonly DeviceSpec[],
  readValue: ReadValue,
): { readonly expect: Expectation[] } | Refusal {
  const valuesOf = (key: string): readonly MatrixValue[] =>
    key === "variant" ? Object.keys(variants) : matrix[key] ?? [];

  function findPoint(
    inputs: Readonly<Record<string, unknown>>,
    path: readonly (string | number)[],
  ): { readonly point: Record<string, MatrixValue> } | Refusal {
    const point: Record<string, MatrixValue> = {};
    for (const [key, input] of Object.entries(inputs)) {
      const setting = findSetting(key, devices);
      const reading = setting === undefined ? { value: input } : readValue(setting, input);
      const value = valuesOf(key).find((one) => "value" in reading && one === reading.value);
      if (value === undefined) {
        const message = "expected a key that varies, and one of its values";
        return { path: [...path, key], message };
      }
      point[key] = value;
    }
    return { point };
  }

  const expect: Expectation[] = [];
  for (const [at, file] of files.entries()) {
    const { metric, basis, reason, relative_to } = file;
    const limits = limitsOf(file);
    if (limits === null) {
      return { path: ["expect", at], message: "expected a value with within, or min and max" };
    }
    const found = findPoint(file.case, ["expect", at, "case"]);
    if ("message" in found) return found;
    const base = relative_to && findPoint(relative_to, ["expect", at, "relative_to"]);
    if (base !== undefined && "message" in base) return base;
    expect.push({
      metric,
      case: found.point,
      ...(base === undefined ? {} : { relative_to: base.point }),
      ...limits,
      basis,
      ...(reason === undefined ? {} : { reason }),
    });
  }
  return { expect };
}

/** The limits that a file's expectation stands for; null where it names none. */
function limitsOf({ value, within = 0, min, max }: FileExpectation) {
  if (value !== undefined) return { min: value * (1 - within), max: value * (1 + within) };
  if (min === undefined && max === undefined) return null;
  return { min: min ?? 0, max: max ?? Number.MAX_VALUE };
}
