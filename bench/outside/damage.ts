/**
 * Damages files as chance or malice would: bytes that are others, gone or twice there, and in JSON values that nobody
 * expects. The same random numbers give the same damage.
 *
 * @module
 */

/** Random numbers in [0, 1). */
export type Random = () => number;

const encoder = new TextEncoder();

/** What means something to some reader. */
const TELLING: readonly string[] = [
  "__proto__",
  "constructor",
  "toString",
  "null",
  "NaN",
  "1e999",
  "-1",
  "0",
  "1e308",
  "5e-324",
  "9007199254740993",
  "99999999999999999999",
  "1.5",
  "[]",
  "{}",
  '"',
  "\\",
  "\n",
  "\r\n",
  "\u0000",
  "\u001b[2J",
  "\u202e",
  "../../../../tmp/escaped",
  "/etc/passwd",
  "</script><script>alert(1)</script>",
  "64constructor",
  "[".repeat(10_000),
  '{"a":'.repeat(10_000),
  "x".repeat(20_000),
];

const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e308,
  5e-324,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  2 ** 31,
  "",
  "__proto__",
  "constructor",
  "5valueOf",
  "../../../../tmp/escaped",
  "/dev/zero",
  "\u001b]0;title\u0007",
  "line\nline",
  "file:/tmp/escaped",
  "2026-13-45T99:99:99Z",
  "x".repeat(20_000),
  [],
  {},
  [[]],
  [1e308, -1e308],
  { a: { b: { c: {} } } },
  JSON.parse('{"__proto__": {"polluted": true}}'),
];

const KEYS = ["__proto__", "constructor", "toString", "", "\n", "a\u001b[2Jb", "x".repeat(5_000)];

function pick<T>(list: readonly T[], random: Random): T | undefined {
  return list[Math.floor(random() * list.length)];
}

/** One damage, of bytes or, where these are JSON or lines of it and chance wants it, of a value. */
export function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  if (random() < 0.6) {
    const value = damagedJson(new TextDecoder().decode(bytes), random);
    if (value !== undefined) return encoder.encode(value);
  }
  return damagedBytes(bytes, random);
}

function damagedBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const at = Math.floor(random() * bytes.length);
  const end = Math.min(bytes.length, at + 1 + Math.floor(random() ** 4 * bytes.length));
  const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(parts.flatMap((p) => [...p]));
  switch (Math.floor(random() * 6)) {
    case 0: {
      const changed = bytes.slice();
      changed[at] = Math.floor(random() * 256);
      return changed;
    }
    case 1:
      return bytes.slice(0, at);
    case 2:
      return joined(bytes.subarray(0, at), bytes.subarray(end));
    case 3:
      return joined(bytes.subarray(0, end), bytes.subarray(at));
    case 4:
      return joined(bytes.subarray(0, at), new Uint8Array([0xff, 0xfe, 0xc0]), bytes.subarray(at));
    default:
      return joined(
        bytes.subarray(0, at),
        encoder.encode(pick(TELLING, random) ?? ""),
        bytes.subarray(at),
      );
  }
}

/** The text with one value or key of one of its JSON documents changed; undefined where it has none. */
function damagedJson(text: string, random: Random): string | undefined {
  const lines = text.split("\n");
  const isWhole = parsed(text) !== undefined;
  const nth = Math.floor(random() * lines.length);
  const value = parsed(isWhole ? text : lines[nth] ?? "");
  if (typeof value !== "object" || value === null) return undefined;
  damageValue(value, random);
  const changed = JSON.stringify(value);
  return isWhole ? changed : lines.with(nth, changed).join("\n");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Goes down to somewhere, and changes something there. */
function damageValue(value: object, random: Random): void {
  const key = pick(Object.keys(value), random);
  if (key === undefined) return put(value, pick(KEYS, random) ?? "", pick(VALUES, random));
  const inner: unknown = Reflect.get(value, key);
  if (typeof inner === "object" && inner !== null && random() < 0.8) {
    return damageValue(inner, random);
  }
  switch (Math.floor(random() * 4)) {
    case 0:
      Reflect.deleteProperty(value, key);
      return;
    case 1:
      Reflect.deleteProperty(value, key);
      return put(value, pick(KEYS, random) ?? "", inner);
    default:
      put(value, key, pick(VALUES, random));
  }
}

/** As JSON.parse puts it: a key of its own, whatever its name. */
function put(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
