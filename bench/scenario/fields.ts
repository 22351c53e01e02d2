import { closestString } from "@std/text/closest-string";
import { z } from "zod";
import { MS, RATE, SIZE, type Unit, US } from "./units.ts";

/**
 * The leaves of a scenario as zod schemas. Each has one message for whatever is wrong with its value
 * ("expected ..., such as ..."), a description and limits that land in the JSON Schema.
 */

/** Limits of a quantity. `above` is a limit that is itself not allowed. */
export interface Limits {
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  /** Only multiples of this. */
  readonly step?: number;
  /** A valid value, for the message. */
  readonly example?: string;
}

/** What the leaf is, and what it is where the file does not say. */
export interface About {
  readonly description: string;
  readonly fallback?: string | number | boolean;
}

const units = z.registry<{ readonly unit: Unit }>();

/** Gives a schema its description and, where it has one, its fallback. */
function described<T>(schema: z.ZodType<T>, about: About, json: object = {}): z.ZodType<T> {
  const { description, fallback } = about;
  // The fallback goes in as if it stood in the file, so that it may have a unit too.
  const full: z.ZodType<T> = fallback === undefined ? schema : schema.prefault(() => fallback);
  return full.meta({
    ...json,
    description,
    ...(fallback === undefined ? {} : { default: fallback }),
  });
}

function limitsText(unit: Unit, { min = 0, above, max, step }: Limits): string {
  const least = min === 0 ? "0" : unit.label(min);
  let text = max === undefined ? ` of ${least} or more` : ` from ${least} to ${unit.label(max)}`;
  if (above !== undefined) {
    text = ` above ${above}` + (max === undefined ? "" : `, at most ${unit.label(max)}`);
  }
  return step === undefined ? text : `${text} in steps of ${unit.label(step)}`;
}

function quantity(unit: Unit, limits: Limits, about: About): z.ZodType<number> {
  const { min = 0, above, max, step, example = unit.example } = limits;
  const message = `expected ${unit.noun}${limitsText(unit, limits)}, such as "${example}"`;
  const schema = z.unknown().transform((input, ctx): number => {
    const value = unit.parse(input);
    if (
      value === undefined || value < min || (max !== undefined && value > max) ||
      (above !== undefined && value <= above) || (step !== undefined && value % step !== 0)
    ) {
      ctx.addIssue({ code: "custom", message, input });
      return z.NEVER;
    }
    return value;
  });
  // In JSON Schema the limits bind the numbers and the pattern binds the strings.
  const field = described(schema, about, {
    type: [unit.whole ? "integer" : "number", "string"],
    ...(above === undefined ? { minimum: min } : { exclusiveMinimum: above }),
    ...(max === undefined ? {} : { maximum: max }),
    ...(step === undefined ? {} : { multipleOf: step }),
    pattern: unit.pattern,
  });
  units.add(field, { unit });
  return field;
}

/** A size in bytes. */
export function size(about: About, limits: Limits = {}): z.ZodType<number> {
  return quantity(SIZE, limits, about);
}

/** A rate in bytes per second. */
export function rate(about: About, limits: Limits = {}): z.ZodType<number> {
  return quantity(RATE, limits, about);
}

/** A time in milliseconds. */
export function ms(about: About, limits: Limits = {}): z.ZodType<number> {
  return quantity(MS, limits, about);
}

/** A time in microseconds. */
export function us(about: About, limits: Limits = {}): z.ZodType<number> {
  return quantity(US, limits, about);
}

/** A whole number. */
export function integer(about: About, min: number, max: number): z.ZodType<number> {
  const error = `expected a whole number from ${min} to ${max}, such as ${about.fallback ?? min}`;
  return described(z.int({ error }).min(min, { error }).max(max, { error }), about);
}

/** A whole number, or a word instead of it. */
export function integerOr<const W extends string>(
  word: W,
  about: About,
  min: number,
  max: number,
): z.ZodType<number | W> {
  const error = `expected ${word} or a whole number from ${min} to ${max}, such as ${
    about.fallback ?? min
  }`;
  const number = z.int({ error }).min(min, { error }).max(max, { error });
  return described<number | W>(z.union([number, z.literal(word)], { error }), about);
}

/** One of a few numbers. */
export function oneOf(
  about: About,
  values: readonly [number, ...number[]],
  expected: string,
): z.ZodType<number> {
  return described<number>(z.literal([...values], { error: `expected ${expected}` }), about);
}

/** A number that has no unit, or whose unit cannot be written in another way. */
export function number(about: About, max?: number): z.ZodType<number> {
  const error = max === undefined
    ? "expected a number of 0 or more, such as 1.5"
    : `expected a number from 0 to ${max}, such as ${max / 2}`;
  const schema = z.number({ error }).min(0, { error });
  return described(max === undefined ? schema : schema.max(max, { error }), about);
}

/** A number above 0 that has no unit. */
export function positive(about: About): z.ZodType<number> {
  const error = "expected a number above 0, such as 0.5";
  return described(z.number({ error }).gt(0, { error }), about);
}

/** true or false. */
export function flag(about: About): z.ZodType<boolean> {
  return described(z.boolean({ error: "expected true or false" }), about);
}

/** One of a few words. */
export function choice<const T extends readonly [string, ...string[]]>(
  about: About,
  words: T,
): z.ZodType<T[number]> {
  const error = `expected ${words.length === 1 ? words[0] : listed(words)}`;
  return described<T[number]>(z.enum(words, { error }), about);
}

/** A list of times in milliseconds. */
export function msList(about: About): z.ZodType<number[]> {
  const error = "expected a list of times in milliseconds, such as [150, 400]";
  return described(z.array(ms({ description: "A time." }), { error }), about);
}

/** A list of counts, each 1 or more. */
export function countList(about: About): z.ZodType<number[]> {
  const error = "expected a list of counts of 1 or more, such as [5, 10]";
  return described(z.array(z.int({ error }).min(1, { error }), { error }), about);
}

/** `a, b or c` */
function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}

/**
 * An object that has no other keys than these. For a key that it does not have, the issue's message is
 * the nearest one that it has: errorOfIssues makes the sentence, for it knows where the object stands.
 */
export function strictObject<T extends z.core.$ZodLooseShape>(
  shape: T,
  expected: string,
): z.ZodObject<T, z.core.$strict> {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? closestString(String(issue.keys[0]).slice(0, LONGEST_KEY), keys)
        : `expected ${expected}`,
  });
}

/** No key is as long: of one that is, the beginning is compared with those that there are. */
const LONGEST_KEY = 64;

/** A value as case labels have it: `1MiB`, `on`, `ring`. It can be read back by {@link readText}. */
export function labelValue(field: z.ZodType, value: string | number | boolean): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  const unit = units.get(field)?.unit;
  return unit !== undefined && typeof value === "number" ? unit.label(value) : String(value);
}

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["on", true],
  ["false", false],
  ["off", false],
]);

/**
 * What the text of a `key=value` means for this field: the first reading that the field accepts, as it
 * stands, as on or off, as a number, as a list. Fails with the field's own message.
 */
export function readText(field: z.ZodType, text: string): z.ZodSafeParseResult<unknown> {
  const asIs = field.safeParse(text);
  if (asIs.success || text === "") return asIs;
  const items = text.replace(/^\[(.*)\]$/, "$1").split(",").map((item) => item.trim());
  for (const reading of [WORDS.get(text), Number(text), items]) {
    // undefined would be taken for a key that is not there, and get the fallback.
    const result = reading === undefined ? asIs : field.safeParse(reading);
    if (result.success) return result;
  }
  return asIs;
}
