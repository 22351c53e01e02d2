import { parseArgs } from "@std/cli/parse-args";
import { closestString } from "@std/text/closest-string";
import type { Shard } from "./run_suite.ts";
import { paramFlag } from "./scenario/mod.ts";
import { parseShard } from "./shard_argument.ts";
import { parseStop, type StopArguments } from "./stop_arguments.ts";
import { isSuiteName, type SuiteName, SUITES } from "./suites.ts";
import { UsageError } from "./usage_error.ts";

/** What the command line of `deno task bench` says. */
export interface BenchArguments {
  readonly scenarios: readonly string[];
  readonly sets: readonly string[];
  readonly sweeps: readonly string[];
  readonly out: string | undefined;
  /** Where the streams of file channels are kept. */
  readonly keepStreams: string | undefined;
  /** Real devices in the place of the scenario's, and where their state goes. */
  readonly real:
    | { readonly sources: readonly string[]; readonly destinations: readonly string[] }
    | null;
  /** Where the devices' sessions are recorded. */
  readonly record: string | undefined;
  /** Where the logs of the trials go. */
  readonly trace: string | undefined;
  /** What is played where no scenario is named. */
  readonly suite: SuiteName;
  /** When trials stop. */
  readonly stop: StopArguments;
  /** Which part of the cases is played, where not all are. */
  readonly shard: Shard | undefined;
  /** Where a listener is that plays the destinations, and the secret that it knows. */
  readonly connect: string | undefined;
  readonly tokenFile: string | undefined;
  /** The run that is gone on with, instead of a new one. */
  readonly resume: string | undefined;
  /** How many Workers play virtual trials side by side. */
  readonly jobs: number;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly help: boolean;
}

const STRINGS = [
  "set",
  "sweep",
  "out",
  "jobs",
  "suite",
  "keep-streams",
  "precision",
  "precision-metric",
  "max-trials",
  "max-time",
  "shard",
  "resume",
  "record",
  "trace",
  "device",
  "to",
  "connect",
  "token-file",
] as const;
const BOOLEANS = ["json", "quiet", "help"] as const;

/**
 * Reads the arguments. Every parameter also has a flag of its own: `--buffer-size 64KiB` is
 * `--set buffer_size=64KiB`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseBenchArguments } from "./bench_arguments.ts";
 *
 * const args = parseBenchArguments(["precopy", "--trials", "3", "--set", "channel=unix"]);
 * assertEquals(args.scenarios, ["precopy"]);
 * assertEquals(args.sets, ["trials=3", "channel=unix"]);
 * ```
 */
export function parseBenchArguments(args: readonly string[]): BenchArguments {
  const { rest, sets } = takeParamFlags(args);
  const parsed = parseArgs(rest, {
    string: STRINGS,
    boolean: BOOLEANS,
    collect: ["set", "sweep", "precision-metric", "device", "to"],
    alias: { h: "help", q: "quiet" },
    unknown: (arg, key) => {
      if (key === undefined) return true;
      const known = [
        ...STRINGS,
        ...BOOLEANS,
        "trials",
        "seed",
        "clock",
        "buffer-size",
        "channel",
        "listen",
      ];
      throw new UsageError(
        `Cannot take ${arg}: there is no such flag, did you mean --${
          closestString(key, known)
        }? --help lists them`,
      );
    },
  });
  const text = (value: unknown) => typeof value === "string" ? value : undefined;
  const { resume } = parsed;
  const own = [...parsed._.map(String), ...sets, ...strings(parsed.set), ...strings(parsed.sweep)];
  if (resume !== undefined) refuseBesideResume(parsed, own);
  const connect = parsed.connect === undefined ? undefined : String(parsed.connect);
  if (connect !== undefined) refuseBesideConnect(parsed);
  const tokenFile = parsed["token-file"] === undefined ? undefined : String(parsed["token-file"]);
  if (tokenFile !== undefined && connect === undefined) {
    throw new UsageError("Cannot take --token-file: it needs --connect, or --listen");
  }
  return {
    scenarios: parsed._.map(String),
    sets: [...sets, ...strings(parsed.set)],
    sweeps: strings(parsed.sweep),
    out: typeof parsed.out === "string" ? nonEmpty("--out", parsed.out) : undefined,
    keepStreams: parsed["keep-streams"] === undefined
      ? undefined
      : nonEmpty("--keep-streams", String(parsed["keep-streams"])),
    stop: parseStop({
      precision: text(parsed.precision),
      precisionMetrics: strings(parsed["precision-metric"]),
      maxTrials: text(parsed["max-trials"]),
      maxTime: text(parsed["max-time"]),
    }),
    shard: parsed.shard === undefined ? undefined : parseShard(String(parsed.shard)),
    resume: resume === undefined ? undefined : nonEmpty("--resume", String(resume)),
    connect,
    tokenFile,
    real: realDevices(names(parsed.device), names(parsed.to), connect !== undefined),
    record: parsed.record === undefined ? undefined : nonEmpty("--record", String(parsed.record)),
    trace: parsed.trace === undefined ? undefined : nonEmpty("--trace", String(parsed.trace)),
    suite: suiteName(parsed.suite),
    jobs: jobCount(parsed.jobs),
    json: parsed.json === true,
    quiet: parsed.quiet === true,
    help: parsed.help === true,
  };
}

/** What a run that is gone on with has from its beginning. */
const OF_A_NEW_RUN = [
  "out",
  "suite",
  "precision",
  "precision-metric",
  "max-trials",
  "shard",
] as const;

function refuseBesideResume(
  parsed: Readonly<Record<string, unknown>>,
  own: readonly string[],
): void {
  const flag = OF_A_NEW_RUN.find((name) => parsed[name]?.toString());
  const [what] = [...(flag === undefined ? [] : [`--${flag}`]), ...own];
  if (what === undefined) return;
  throw new UsageError(
    `Cannot take ${what} beside --resume: a run goes on with what it began with; only --jobs, --max-time, --keep-streams, --connect, --token-file, --json and --quiet can be given`,
  );
}

/** What only one process can keep: it has both sides. */
const OF_BOTH_SIDES = ["record", "trace", "keep-streams"] as const;

function refuseBesideConnect(parsed: Readonly<Record<string, unknown>>): void {
  const flag = OF_BOTH_SIDES.find((name) => parsed[name]?.toString());
  if (flag === undefined) return;
  throw new UsageError(
    `Cannot take --${flag} beside --connect: the other side's half of it is in another process`,
  );
}

/** Takes the flags that stand for a parameter out of the arguments, as sets in the order given. */
function takeParamFlags(args: readonly string[]): { rest: string[]; sets: string[] } {
  const rest: string[] = [];
  const sets: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    const [flag = "", inline] = splitOnce(arg, "=");
    const key = paramFlag(flag);
    if (key === undefined) {
      rest.push(arg);
      continue;
    }
    const value = inline ?? args[++i];
    if (value === undefined) throw new UsageError(`Cannot take ${flag}: it needs a value`);
    sets.push(`${key}=${value}`);
  }
  return { rest, sets };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Names given one by one or with commas between them. */
function names(value: unknown): string[] {
  return strings(value).flatMap((text) => text.split(",")).map((name) => name.trim())
    .filter((name) => name !== "");
}

function realDevices(
  sources: readonly string[],
  destinations: readonly string[],
  hasPeer: boolean,
): BenchArguments["real"] {
  if (hasPeer) {
    if (destinations.length > 0) {
      throw new UsageError("Cannot take --to beside --connect: the listener has --device for that");
    }
    return sources.length === 0 ? null : { sources, destinations: ["null"] };
  }
  if (sources.length === 0 && destinations.length === 0) return null;
  if (sources.length === 0) {
    throw new UsageError("Cannot take --to: it needs --device, the device to migrate from");
  }
  if (destinations.length === 0) {
    throw new UsageError(
      "Cannot take --device: it needs --to, the device to migrate to, or --to null to measure the saving side alone",
    );
  }
  return { sources, destinations };
}

function nonEmpty(flag: string, value: string): string {
  if (value === "") throw new UsageError(`Cannot take ${flag}: it needs a folder`);
  return value;
}

function suiteName(value: unknown): SuiteName {
  const name = value === undefined ? "default" : String(value);
  if (isSuiteName(name)) return name;
  const names = Object.keys(SUITES).join(", ");
  throw new UsageError(`Cannot take --suite ${name}: there are ${names}`);
}

const MAX_JOBS = 64;

function jobCount(value: unknown): number {
  if (value === undefined) return 1;
  const jobs = Number(value);
  if (value !== "" && Number.isInteger(jobs) && jobs >= 1 && jobs <= MAX_JOBS) return jobs;
  throw new UsageError(
    `Cannot take --jobs as a number of Workers: received ${value}, expected 1 to ${MAX_JOBS}`,
  );
}
