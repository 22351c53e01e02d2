/**
 * What a case is called where people read it. Everything here comes from a file and is not trusted: what a
 * terminal would act on is replaced.
 *
 * @module
 */
import type { CaseMeta } from "../store/mod.ts";

/** What names a case. */
export type NamedCase = Pick<CaseMeta, "scenario" | "label" | "varies" | "clock">;

// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** The text on one line, without control characters or ones that turn the direction of writing. */
export function plainText(text: string): string {
  return text.replace(UNPRINTABLE, "\ufffd");
}

/** The same value with every text in it as {@linkcode plainText} gives it, names of keys too. */
export function plainStrings<T>(value: T): T;
export function plainStrings(value: unknown): unknown {
  if (typeof value === "string") return plainText(value);
  if (Array.isArray(value)) return value.map(plainStrings);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [plainText(key), plainStrings(inner)]),
  );
}

/** `buffer-size channel=ring buffer_size=1MiB`; cases of the virtual clock say so. */
export function caseText({ scenario, label, clock }: NamedCase): string {
  const name = label === "" ? scenario : `${scenario} ${label}`;
  return plainText(clock === "virtual" ? `${name} (virtual)` : name);
}

/**
 * What varies, each value as the label has it: `1MiB` and not 1048576. Of a label that does not follow from
 * what varies, values are written as they are.
 */
export function valueTexts({ label, varies }: NamedCase): Map<string, string> {
  const texts = new Map<string, string>();
  const keys = Object.keys(varies);
  let rest = label;
  for (const [i, key] of keys.entries()) {
    const next = keys[i + 1];
    // A value may have spaces: it ends where the next key begins.
    const end = next === undefined ? rest.length : rest.indexOf(` ${next}=`);
    if (!rest.startsWith(`${key}=`) || end < 0) {
      return new Map(keys.map((name) => [name, String(varies[name])]));
    }
    texts.set(key, rest.slice(key.length + 1, end));
    rest = rest.slice(end + 1);
  }
  return texts;
}
