import { type BenchArguments, parseBenchArguments } from "./bench_arguments.ts";
import { casesOfRun } from "./cases_of_run.ts";
import { findRun } from "./compare/find_run.ts";
import { EXIT } from "./exit_code.ts";
import { loadCases } from "./load_cases.ts";
import { RESULTS_DIR } from "./paths.ts";
import { createProgress } from "./progress.ts";
import { casesOfShard, type PlayOptions, resumeSuite, runSuite } from "./run_suite.ts";
import { readRun } from "./store/mod.ts";
import { SUITES } from "./suites.ts";
import { tellResult } from "./tell_result.ts";
import { preflight } from "./trial/mod.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task bench [SCENARIO...] [FLAGS]

Plays migrations and says what they measured. Without a scenario: ${
  SUITES.default.map(({ scenario }) => scenario).join(", ")
}.
A scenario is a name in scenarios/ (deno task list) or the path of a .jsonc file.

  --clock wall|virtual     wall: real bytes and threads
  --trials N               how many trials each case gets; with --precision, at least
  --warmup N|auto          how many are played first and not counted; auto: until they are steady,
                           as with --precision
  --precision 2%           more trials, until half the 95 % interval of the median is no more than that
  --precision-metric NAME  of which metric (downtime_ms); more than once for several
  --max-trials N           the most trials of a case with --precision (1000)
  --max-time 10m           after this no further trial is begun (10m with --precision)
  --seed N                 what the random numbers and the devices' contents come from
  --set KEY=VALUE          sets a key of the scenario, such as buffer_size=64KiB or devices.nic0.dirty_rate=1GiB/s
  --sweep KEY=A,B,C        makes a case of every value
  --buffer-size 64KiB      every parameter has such a flag (deno task list params)
  --suite NAME             default or nightly, where no scenario is named
  --shard 2/8              plays the second of eight parts of the cases (deno task merge makes one run of them)
  --resume RUN             goes on with a run that was stopped or killed
  --jobs N                 how many Workers play virtual trials side by side (1)
  --keep-streams DIR       keeps what went over channel=file (deno task inspect)
  --out DIR                the run folder; a new one in results/ otherwise
  --json                   one JSON document on stdout instead of the table
  --quiet                  no progress on stderr

Exit: 0 fine, 1 an expectation of a scenario failed, 2 usage or scenario error, 4 a trial failed, 130 interrupted (what was measured is kept).`;

/** `deno task bench`. */
export async function benchCommand(args: string[]): Promise<number> {
  const given = parseBenchArguments(args);
  if (given.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  if (given.resume !== undefined) {
    const path = await findRun(given.resume, RESULTS_DIR);
    const cases = casesOfRun(path, (await readRun(path)).meta);
    await preflight([...cases.values()]);
    return await playAndTell(given, (options) => resumeSuite(path, cases, options));
  }
  const entries = given.scenarios.length > 0
    ? given.scenarios.map((scenario) => ({ scenario, sets: [] }))
    : SUITES[given.suite];
  const { cases, expect } = await loadCases(entries, warmingUp(given), given.sweeps);
  await preflight([...casesOfShard(cases, given.shard).values()]);
  return await playAndTell(given, (options) =>
    runSuite(cases, {
      ...options,
      root: RESULTS_DIR,
      out: given.out,
      expect,
      name: given.scenarios.length === 1 ? cases[0]?.scenario ?? "bench" : "bench",
      stop: given.stop.stop,
      shard: given.shard,
    }));
}

/** A precision is asked for of what is steady, unless the user says how long to warm up. */
function warmingUp({ stop: { stop }, sets, sweeps }: BenchArguments): readonly string[] {
  const isSaid = [...sets, ...sweeps].some((pair) => pair.startsWith("warmup="));
  return stop === undefined || isSaid ? sets : ["warmup=auto", ...sets];
}

/** Plays a run, new or gone on with, and says what came of it. */
async function playAndTell(
  given: BenchArguments,
  play: (options: PlayOptions) => Promise<string>,
): Promise<number> {
  if (given.keepStreams !== undefined) await makeFolder(given.keepStreams);
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  let folder: string;
  try {
    folder = await play({
      jobs: given.jobs,
      keepStreams: given.keepStreams,
      maxTime_ms: given.stop.maxTime_ms,
      progress: createProgress(given.quiet),
      signal: interrupt.signal,
    });
  } finally {
    Deno.removeSignalListener("SIGINT", onSignal);
    Deno.removeSignalListener("SIGTERM", onSignal);
  }

  const code = await tellResult(folder, given);
  return interrupt.signal.aborted ? EXIT.INTERRUPTED : code;
}

async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot keep streams in ${path}: ${reason}`);
  }
}
