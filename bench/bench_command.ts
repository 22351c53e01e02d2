import { type BenchArguments, parseBenchArguments } from "./bench_arguments.ts";
import { BENCH_HELP } from "./bench_help.ts";
import { casesOfRun } from "./cases_of_run.ts";
import { findRun } from "./compare/find_run.ts";
import { EXIT } from "./exit_code.ts";
import { loadCases, type LoadedCases } from "./load_cases.ts";
import { RESULTS_DIR } from "./paths.ts";
import { createProgress } from "./progress.ts";
import { casesOfShard, type PlayOptions, resumeSuite, runSuite } from "./run_suite.ts";
import { readRun } from "./store/mod.ts";
import { type SuiteEntry, SUITES } from "./suites.ts";
import { tellResult } from "./tell_result.ts";
import type { Peer } from "./peer/mod.ts";
import type { KernelSpec } from "./scenario/mod.ts";
import { type Cases, preflight, probeDevices, type RealDevices } from "./trial/mod.ts";
import { untilInterrupted } from "./until_interrupted.ts";
import { UsageError } from "./usage_error.ts";

/** What real devices play where no scenario is named. */
const REAL_DEFAULT: readonly SuiteEntry[] = [{ scenario: "smoke", sets: [] }];

/** `deno task bench`. */
export async function benchCommand(args: string[]): Promise<number> {
  if (args.some((arg) => arg === "--listen" || arg.startsWith("--listen="))) {
    return await (await import("./listen_command.ts")).listenCommand(args);
  }
  const given = parseBenchArguments(args);
  if (given.help) {
    console.log(BENCH_HELP);
    return EXIT.FINE;
  }
  if (given.resume !== undefined) {
    const path = await findRun(given.resume, RESULTS_DIR);
    const cases = casesOfRun(path, (await readRun(path)).meta);
    preflight([...cases.values()], given.record !== undefined);
    return await playAndTell(given, cases, (options) => resumeSuite(path, cases, options));
  }
  const entries = given.scenarios.length > 0
    ? given.scenarios.map((scenario) => ({ scenario, sets: [] }))
    : given.real !== null && given.suite === "default"
    ? REAL_DEFAULT
    : SUITES[given.suite];
  const real = given.real === null ? null : realDevices(given.real, given.connect !== undefined);
  const loaded = await loadCases(entries, await setsOf(given), given.sweeps, real);
  const name = given.scenarios.length === 1 ? loaded.cases[0]?.scenario ?? "bench" : "bench";
  return await playCases(loaded, given, name);
}

/** A precision is asked for of what is steady, unless the user says how long to warm up. */
function warmingUp({ stop: { stop }, sets, sweeps }: BenchArguments): readonly string[] {
  const isSaid = [...sets, ...sweeps].some((pair) => pair.startsWith("warmup="));
  return stop === undefined || isSaid ? sets : ["warmup=auto", ...sets];
}

/** What is set on the command line; over a connection the channel is what that is. */
async function setsOf(given: BenchArguments): Promise<readonly string[]> {
  const sets = warmingUp(given);
  if (given.connect === undefined) return sets;
  if ([...given.sets, ...given.sweeps].some((pair) => pair.startsWith("channel="))) return sets;
  const { channelOfAddress } = await import("./peer/mod.ts");
  return [`channel=${channelOfAddress(given.connect)}`, ...sets];
}

/** Where their state goes says the listener. */
function realDevices(given: RealDevices, hasPeer: boolean): readonly KernelSpec[] {
  const specs = probeDevices(given);
  return hasPeer ? specs.map((spec) => ({ ...spec, to: "the listener's" })) : specs;
}

/** Plays cases, keeps the run under this name, and says what came of it. Returns the exit code. */
export async function playCases(
  { cases, expect }: LoadedCases,
  given: BenchArguments,
  name: string,
): Promise<number> {
  const own = casesOfShard(cases, given.shard);
  preflight([...own.values()], given.record !== undefined);
  return await playAndTell(given, own, (options) =>
    runSuite(cases, {
      ...options,
      root: RESULTS_DIR,
      out: given.out,
      expect,
      name,
      stop: given.stop.stop,
      shard: given.shard,
    }));
}

/** Plays a run, new or gone on with, and says what came of it. */
async function playAndTell(
  given: BenchArguments,
  cases: Cases,
  play: (options: PlayOptions) => Promise<string>,
): Promise<number> {
  if (given.keepStreams !== undefined) await makeFolder("keep streams in", given.keepStreams);
  if (given.record !== undefined) await makeEmptyFolder(given.record);
  if (given.trace !== undefined) await makeFolder("write traces in", given.trace);
  const peer = await peerFor(given, cases);
  try {
    const { result: folder, interrupted } = await untilInterrupted((signal) =>
      play({
        jobs: given.jobs,
        keep: { streamsIn: given.keepStreams, recordingsIn: given.record },
        trace: given.trace,
        maxTime_ms: given.stop.maxTime_ms,
        progress: createProgress(given.quiet),
        signal,
        player: peer,
      })
    );
    const gone = peer?.why() ?? null;
    if (gone !== null) console.error(`Cannot play on: ${gone}`);
    const code = await tellResult(folder, given);
    if (interrupted) return EXIT.INTERRUPTED;
    return gone !== null && code === EXIT.FINE ? EXIT.TRIAL_FAILED : code;
  } finally {
    await peer?.end();
  }
}

/** The listener that plays the destinations, where one is named; nothing is loaded for it where none is. */
async function peerFor(given: BenchArguments, cases: Cases): Promise<Peer | undefined> {
  if (given.connect === undefined) return undefined;
  const { connectPeer } = await import("./peer/mod.ts");
  return await connectPeer(given.connect, given.tokenFile, cases);
}

async function makeFolder(what: string, path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot ${what} ${path}: ${reason}`);
  }
}

/** What is recorded is never written over. */
async function makeEmptyFolder(path: string): Promise<void> {
  await makeFolder("record into", path);
  for await (const { name } of Deno.readDir(path)) {
    throw new UsageError(`Cannot record into ${path}: it is not empty, ${name} is in it`);
  }
}
