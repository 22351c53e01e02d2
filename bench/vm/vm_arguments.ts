import { parseArgs } from "@std/cli/parse-args";
import { closestString } from "@std/text/closest-string";
import { parseSize } from "../scenario/mod.ts";
import { UsageError } from "../usage_error.ts";

/** What the command line of `deno task vm` says. */
export interface VmArguments {
  readonly command: readonly string[];
  readonly cache: string | undefined;
  readonly memory_bytes: number;
  /** When the guest is ended, however far it is; undefined: never. */
  readonly timeout_ms: number | undefined;
  readonly update: boolean;
  readonly quiet: boolean;
  readonly help: boolean;
}

const STRINGS = ["cache", "memory", "timeout"] as const;
const BOOLEANS = ["update", "quiet", "help"] as const;
const MIB = 1024 * 1024;
const MEMORY_MIN_BYTES = 512 * MIB;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * Reads the arguments: flags of ours up to the first word that is none, or to `--`; the rest is the command.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseVmArguments } from "./vm_arguments.ts";
 *
 * const args = parseVmArguments(["--timeout", "2m", "--", "deno", "task", "doctor", "--quiet"]);
 * assertEquals(args.timeout_ms, 120_000);
 * assertEquals(args.command, ["deno", "task", "doctor", "--quiet"]);
 * ```
 */
export function parseVmArguments(args: readonly string[]): VmArguments {
  const { flags, command } = split(args);
  const parsed = parseArgs(flags, {
    string: STRINGS,
    boolean: BOOLEANS,
    alias: { h: "help", q: "quiet" },
    unknown: (arg, key) => {
      if (key === undefined) return true;
      throw new UsageError(
        `Cannot take ${arg}: there is no such flag, did you mean --${
          closestString(key, [...STRINGS, ...BOOLEANS])
        }? --help lists them`,
      );
    },
  });
  return {
    command,
    cache: oneString(parsed, "cache"),
    memory_bytes: memory(oneString(parsed, "memory") ?? "2GiB"),
    timeout_ms: timeout(oneString(parsed, "timeout")),
    update: parsed.update === true,
    quiet: parsed.quiet === true,
    help: parsed.help === true,
  };
}

/** The command is not looked into: it may have flags, numbers and a "--" of its own. */
function split(args: readonly string[]): { flags: string[]; command: string[] } {
  let at = 0;
  while (at < args.length) {
    const arg = args[at] ?? "";
    if (arg === "--") return { flags: args.slice(0, at), command: args.slice(at + 1) };
    if (!arg.startsWith("-")) break;
    at += STRINGS.some((name) => arg === `--${name}`) ? 2 : 1;
  }
  return { flags: args.slice(0, at), command: args.slice(at) };
}

function oneString(parsed: Record<string, unknown>, name: string): string | undefined {
  const value = parsed[name];
  if (value === undefined) return undefined;
  if (typeof value === "string" && value !== "") return value;
  throw new UsageError(`Cannot take --${name}: it needs one value`);
}

function memory(text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined && bytes >= MEMORY_MIN_BYTES) return bytes;
  throw new UsageError(
    `Cannot take --memory ${text}: expected a size of at least 512MiB, for example 2GiB`,
  );
}

function timeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  const ms = Number(digits) * (UNIT_MS[unit] ?? NaN);
  if (ms > 0) return ms;
  throw new UsageError(`Cannot take --timeout ${text}: expected a time such as 90s, 10m or 1h`);
}
