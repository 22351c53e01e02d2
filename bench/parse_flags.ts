import { parseArgs } from "@std/cli/parse-args";
import { closestString } from "@std/text/closest-string";
import { UsageError } from "./usage_error.ts";

/** The flags that a command takes, by name, without the dashes. `--help` and `-h` are always there. */
export interface FlagNames<Text extends string, List extends string, Switch extends string> {
  /** Each with one value, given once. */
  readonly texts?: readonly Text[];
  /** Each with one value, given as often as one likes. */
  readonly lists?: readonly List[];
  /** Each without a value. */
  readonly switches?: readonly Switch[];
  /** Names that are proposed for a mistyped flag though somebody else takes them. */
  readonly alsoKnown?: readonly string[];
}

/** What a command line says. */
export interface Flags<Text extends string, List extends string, Switch extends string> {
  /** What is no flag, in the order given. */
  readonly operands: readonly string[];
  readonly help: boolean;
  text(name: Text): string | undefined;
  list(name: List): readonly string[];
  has(name: Switch): boolean;
}

/**
 * Reads a command's arguments. Only flags that are named are taken, a value is never empty, and what can be
 * given once is not taken twice.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseFlags } from "./parse_flags.ts";
 *
 * const flags = parseFlags(["run", "--out", "page.html", "--json"], {
 *   texts: ["out"],
 *   switches: ["json"],
 * });
 * assertEquals(flags.operands, ["run"]);
 * assertEquals([flags.text("out"), flags.has("json")], ["page.html", true]);
 * ```
 *
 * @throws {UsageError} in one line, which names the nearest flag where there is none of that name
 */
export function parseFlags<
  Text extends string = never,
  List extends string = never,
  Switch extends string = never,
>(
  args: readonly string[],
  { texts = [], lists = [], switches = [], alsoKnown = [] }: FlagNames<Text, List, Switch>,
): Flags<Text, List, Switch> {
  const valued: string[] = [...texts, ...lists];
  const known = [...valued, ...switches, ...alsoKnown, "help"];
  const given = parseArgs([...args], {
    string: [...valued, "_"],
    boolean: [...switches, "help"],
    collect: valued,
    alias: { h: "help" },
    unknown: (arg, key) => {
      if (key === undefined) return true;
      throw new UsageError(
        `Cannot take ${arg}: there is no such flag, did you mean --${
          closestString(key, known)
        }? --help lists them`,
      );
    },
  });
  const valuesOf = (name: string): readonly string[] => {
    const values: unknown = given[name];
    const texts = Array.isArray(values) ? values.map(String) : [];
    if (texts.includes("")) throw new UsageError(`Cannot take --${name}: it needs a value`);
    return texts;
  };
  for (const name of valued) valuesOf(name);
  return {
    operands: given._.map(String),
    help: given.help === true,
    text(name) {
      const values = valuesOf(name);
      if (values.length <= 1) return values[0];
      throw new UsageError(`Cannot take --${name} ${values.length} times: it has one value`);
    },
    list: valuesOf,
    has: (name) => given[name] === true,
  };
}
