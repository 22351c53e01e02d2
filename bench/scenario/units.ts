/**
 * Sizes, rates and times as people write them, and back. A table wants `1 MiB`; a case's label wants
 * `1MiB`, which can be given to `--set` again and means the very same number.
 *
 *     size   bytes              4096  "4096B"  "64KiB"  "1.5MiB"  "64kB"
 *     rate   bytes per second   "128MiB/s"  "12.5GB/s"  "100Gbit/s"
 *     time   ms or us           300  "150ms"  "2s"  "50us"
 */

/** A kibibyte, in bytes. */
export const KIB = 1024;
/** A mebibyte, in bytes. */
export const MIB = 1024 * KIB;
/** A gibibyte, in bytes. */
export const GIB = 1024 * MIB;

const BINARY_BYTES = { KiB: 2n ** 10n, MiB: 2n ** 20n, GiB: 2n ** 30n, TiB: 2n ** 40n };
const DECIMAL_BYTES = { kB: 10n ** 3n, MB: 10n ** 6n, GB: 10n ** 9n, TB: 10n ** 12n };
const SIZE_BYTES = { B: 1n, ...BINARY_BYTES, ...DECIMAL_BYTES };
const RATE_BITS = { bit: 1n, kbit: 10n ** 3n, Mbit: 10n ** 6n, Gbit: 10n ** 9n, Tbit: 10n ** 12n };
const TIME_NS = { ns: 1n, us: 10n ** 3n, ms: 10n ** 6n, s: 10n ** 9n };

/** How a quantity is written: the one place that the parser, the JSON Schema and the messages read. */
export interface Unit {
  /** What it is called in a message: "a size". */
  readonly noun: string;
  /** What a valid one looks like. */
  readonly example: string;
  /** Whether only whole numbers of the base unit are meant. */
  readonly whole: boolean;
  /** The regular expression of the strings that are accepted. */
  readonly pattern: string;
  /** The number of base units, or undefined where the value is not such a quantity. */
  readonly parse: (value: unknown) => number | undefined;
  /** The shortest exact way to write it, without a space. */
  readonly label: (value: number) => string;
}

/** Units by their names, each as a fraction of the base unit. */
type Scales = Readonly<Record<string, readonly [numerator: bigint, denominator: bigint]>>;

function scales(units: Readonly<Record<string, bigint>>, base: bigint, suffix = ""): Scales {
  return Object.fromEntries(
    Object.entries(units).map(([name, value]) => [name + suffix, [value, base]]),
  );
}

const SIZE_SCALES = scales(SIZE_BYTES, 1n);
const RATE_SCALES = { ...scales(SIZE_BYTES, 1n, "/s"), ...scales(RATE_BITS, 8n, "/s") };
const MS_SCALES = scales(TIME_NS, TIME_NS.ms);
const US_SCALES = scales(TIME_NS, TIME_NS.us);

function patternOf(units: Scales): string {
  return `^\\d+(\\.\\d+)? ?(${Object.keys(units).join("|")})?$`;
}

/** More digits than any number that is meant has. */
const LONGEST_QUANTITY = 64;

/** In whole numbers as far as it goes, so that 0.07s is 70 ms and not 70.00000000000001. */
function parseQuantity(value: unknown, units: Scales, whole: boolean): number | undefined {
  const ok = (n: number) => n >= 0 && (whole ? Number.isSafeInteger(n) : Number.isFinite(n));
  if (typeof value === "number") return ok(value) ? value : undefined;
  if (typeof value !== "string" || value.length > LONGEST_QUANTITY) return undefined;
  const match = /^(\d+)(?:\.(\d+))? ?([A-Za-z/]*)$/.exec(value);
  if (match === null) return undefined;
  const [, integer = "", fraction = "", unit = ""] = match;
  // Its own: what every object has, such as `constructor`, is no unit.
  const known = Object.hasOwn(units, unit) ? units[unit] : undefined;
  const scale = unit === "" ? [1n, 1n] as const : known;
  if (scale === undefined) return undefined;
  const numerator = BigInt(integer + fraction) * scale[0];
  const denominator = 10n ** BigInt(fraction.length) * scale[1];
  if (whole && numerator % denominator !== 0n) return undefined;
  let result = Number(numerator) / Number(denominator);
  if (whole) result = Number(numerator / denominator);
  // Already in the base unit: the nearest number is the very number that a label was made from.
  else if (scale[0] === scale[1]) result = parseFloat(value);
  return ok(result) ? result : undefined;
}

/**
 * A size in bytes: a whole number, or a string with a unit. Undefined for everything else, also for a
 * rate, a negative number or a fraction of a byte.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(parseSize("1.5MiB"), 1_572_864);
 * assertEquals(parseSize("1MiB/s"), undefined);
 * ```
 */
export function parseSize(value: unknown): number | undefined {
  return parseQuantity(value, SIZE_SCALES, true);
}

/** A rate in bytes per second: a whole number, or a string such as "128MiB/s" or "100Gbit/s". */
export function parseRate(value: unknown): number | undefined {
  return parseQuantity(value, RATE_SCALES, true);
}

/** A time in milliseconds: a number, or a string such as "150ms" or "2s". */
export function parseMs(value: unknown): number | undefined {
  return parseQuantity(value, MS_SCALES, false);
}

/** A time in microseconds: a number, or a string such as "50us" or "1ms". */
export function parseUs(value: unknown): number | undefined {
  return parseQuantity(value, US_SCALES, false);
}

/**
 * The shortest exact way to write a size, binary units first where it is a draw: what case labels use.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(labelSize(1_048_576), "1MiB");
 * assertEquals(labelSize(64_000), "64kB");
 * ```
 */
export function labelSize(bytes: number): string {
  if (bytes === 0) return "0";
  const value = BigInt(bytes);
  let shortest = `${bytes}B`;
  for (const [name, unit] of Object.entries({ ...BINARY_BYTES, ...DECIMAL_BYTES })) {
    const tenths = value * 10n;
    if (value < unit || tenths % unit !== 0n) continue;
    const text = `${Number(tenths / unit) / 10}${name}`;
    if (text.length < shortest.length) shortest = text;
  }
  return shortest;
}

/** As {@link labelSize}, for a rate: `128MiB/s`. 0 stays `0`, for it means "no limit". */
export function labelRate(bytesPerS: number): string {
  return bytesPerS === 0 ? "0" : `${labelSize(bytesPerS)}/s`;
}

/** A time in milliseconds for a case's label: `150ms`, `2s`. */
export function labelMs(ms: number): string {
  return ms !== 0 && ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/** A time in microseconds for a case's label: `50us`, `2ms`. */
export function labelUs(us: number): string {
  return us !== 0 && us % 1000 === 0 ? labelMs(us / 1000) : `${us}us`;
}

/** At most one decimal and no trailing zero: 1, 1.5, 976.6. */
function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A size for a table, rounded to a tenth of its binary unit: `1 MiB`. */
export function formatSize(bytes: number): string {
  const units = ["B", ...Object.keys(BINARY_BYTES)];
  let value = bytes;
  let unit = 0;
  // 1023.95 rounds to 1024: that is 1 of the next unit.
  while (Math.abs(value) >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${short(value)} ${units[unit]}`;
}

/** A rate for a table: `128 MiB/s`. */
export function formatRate(bytesPerS: number): string {
  return `${formatSize(bytesPerS)}/s`;
}

/** A time for a table, in the unit that leaves a number one can read: `50 us`, `300 ms`, `2 s`. */
export function formatMs(ms: number): string {
  const magnitude = Math.abs(ms);
  if (magnitude >= 999.95) return `${short(ms / 1000)} s`;
  if (magnitude >= 0.99995 || ms === 0) return `${short(ms)} ms`;
  return `${short(ms * 1000)} us`;
}

/** Bytes. */
export const SIZE: Unit = {
  noun: "a size",
  example: "64MiB",
  whole: true,
  pattern: patternOf(SIZE_SCALES),
  parse: parseSize,
  label: labelSize,
};

/** Bytes per second. */
export const RATE: Unit = {
  noun: "a rate",
  example: "128MiB/s",
  whole: true,
  pattern: patternOf(RATE_SCALES),
  parse: parseRate,
  label: labelRate,
};

/** Milliseconds. */
export const MS: Unit = {
  noun: "a time in milliseconds",
  example: "150ms",
  whole: false,
  pattern: patternOf(MS_SCALES),
  parse: parseMs,
  label: labelMs,
};

/** Microseconds. */
export const US: Unit = {
  noun: "a time in microseconds",
  example: "50us",
  whole: false,
  pattern: patternOf(US_SCALES),
  parse: parseUs,
  label: labelUs,
};
