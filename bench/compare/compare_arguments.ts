import { parseArgs } from "@std/cli/parse-args";
import { closestString } from "@std/text/closest-string";
import { UsageError } from "../usage_error.ts";
import { EXPORT_FORMATS, type ExportFormat } from "./export_trackers.ts";
import { CALL_METRICS, DEFAULT_METRICS } from "./metric.ts";

/** What the command line of `deno task compare` says. */
export interface CompareArguments {
  /** Two of them, or one with `by`. */
  readonly runs: readonly string[];
  readonly by: string | undefined;
  readonly base: string | undefined;
  readonly metrics: readonly string[];
  /** Whether the metrics are those that are compared by default, which a run need not have. */
  readonly hasDefaultMetrics: boolean;
  readonly tolerance: number;
  readonly anyway: boolean;
  /** Whether what regressed is played again before it counts. */
  readonly confirm: boolean;
  readonly quiet: boolean;
  readonly output: "table" | "json" | "markdown";
  readonly exports: readonly ExportFormat[];
  /** Where exports land. */
  readonly out: string;
  readonly help: boolean;
}

/** Up to which change a metric is the same, where nothing else is asked for. */
export const DEFAULT_TOLERANCE = 0.05;

const STRINGS = ["by", "base", "metric", "tolerance", "export", "out"] as const;
const BOOLEANS = ["anyway", "confirm", "json", "markdown", "quiet", "help"] as const;

/**
 * Reads the arguments.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseCompareArguments } from "./compare_arguments.ts";
 *
 * const args = parseCompareArguments(["before", "after", "--tolerance", "2%"]);
 * assertEquals([args.runs, args.tolerance], [["before", "after"], 0.02]);
 * ```
 *
 * @throws {UsageError} in one line
 */
export function parseCompareArguments(args: readonly string[]): CompareArguments {
  const parsed = parseArgs([...args], {
    string: [...STRINGS, "_"],
    boolean: BOOLEANS,
    collect: ["metric", "export"],
    alias: { h: "help", q: "quiet" },
    unknown: (arg, key) => {
      if (key === undefined) return true;
      const near = closestString(key, [...STRINGS, ...BOOLEANS]);
      throw new UsageError(
        `Cannot take ${arg}: there is no such flag, did you mean --${near}? --help lists them`,
      );
    },
  });
  const text = (flag: string): string | undefined => {
    const value = parsed[flag];
    if (value === undefined) return undefined;
    if (typeof value !== "string" || value === "") {
      throw new UsageError(`Cannot take --${flag}: it needs one value`);
    }
    return value;
  };
  const metrics = [...new Set(strings(parsed.metric, "--metric"))];
  const by = text("by");
  const given: CompareArguments = {
    runs: parsed._.map(String),
    by,
    base: text("base"),
    metrics: metrics.length > 0
      ? metrics
      : by === undefined
      ? [...DEFAULT_METRICS, ...CALL_METRICS]
      : DEFAULT_METRICS,
    hasDefaultMetrics: metrics.length === 0,
    tolerance: toleranceOf(text("tolerance")),
    anyway: parsed.anyway === true,
    confirm: parsed.confirm === true,
    quiet: parsed.quiet === true,
    output: parsed.json === true ? "json" : parsed.markdown === true ? "markdown" : "table",
    exports: [...new Set(strings(parsed.export, "--export").map(formatOf))],
    out: text("out") ?? ".",
    help: parsed.help === true,
  };
  if (!given.help) check(given, parsed.json === true && parsed.markdown === true);
  return given;
}

function check({ runs, by, base, anyway }: CompareArguments, hasTwoOutputs: boolean): void {
  if (hasTwoOutputs) throw new UsageError("Cannot give both --json and --markdown: choose one");
  if (runs.some((run) => run === "")) {
    throw new UsageError("Cannot compare a run without a name: received an empty one");
  }
  if (by === undefined && runs.length !== 2) {
    throw new UsageError(
      `Cannot compare ${runs.length} runs: expected BASE CANDIDATE, or one RUN with --by KEY`,
    );
  }
  if (by === undefined && base !== undefined) {
    throw new UsageError("Cannot take --base: it is a value of what --by names");
  }
  if (by !== undefined && runs.length !== 1) {
    throw new UsageError(`Cannot compare ${runs.length} runs by ${by}: expected one RUN`);
  }
  if (by !== undefined && anyway) {
    throw new UsageError("Cannot take --anyway with --by: inside one run nothing is refused");
  }
}

function strings(value: unknown, flag: string): string[] {
  const given = Array.isArray(value) ? value.map(String) : [];
  if (given.includes("")) throw new UsageError(`Cannot take ${flag}: it needs a value`);
  return given;
}

/** A percentage, or a fraction below 1: what `5` means is not guessed. */
export function toleranceOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TOLERANCE;
  const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const value = percent === "%" ? Number(number) / 100 : Number(number);
  if (value >= 0 && (percent === "%" ? value <= 10 : value < 1)) return value;
  throw new UsageError(
    `Cannot take --tolerance ${text}: expected a percentage such as 5%, or a fraction below 1`,
  );
}

function formatOf(text: string): ExportFormat {
  const format = EXPORT_FORMATS.find((name) => name === text);
  if (format !== undefined) return format;
  throw new UsageError(`Cannot export to ${text}: there are ${EXPORT_FORMATS.join(", ")}`);
}
