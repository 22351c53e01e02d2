import { getColorEnabled } from "@std/fmt/colors";
import { type BenchArguments, parseBenchArguments } from "./bench_arguments.ts";
import { EXIT } from "./exit_code.ts";
import { RESULTS_DIR, SCENARIOS_DIR } from "./paths.ts";
import { createProgress } from "./progress.ts";
import { expectsFailure, renderTable, type ResultDocument, resultDocument } from "./report/mod.ts";
import { runSuite } from "./run_suite.ts";
import {
  applyOverrides,
  type Case,
  checkRealDevices,
  expandCases,
  type KernelSpec,
  loadScenario,
  onRealDevices,
} from "./scenario/mod.ts";
import { type ExpectationMeta, readRun } from "./store/mod.ts";
import { type SuiteEntry, SUITES } from "./suites.ts";
import { preflight, probeDevices } from "./trial/mod.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task bench [SCENARIO...] [FLAGS]

Plays migrations and says what they measured. Without a scenario: ${
  SUITES.default.map(({ scenario }) => scenario).join(", ")
}.
A scenario is a name in scenarios/ (deno task list) or the path of a .jsonc file.

  --clock wall|virtual     wall: real bytes and threads
  --trials N               how many trials each case gets
  --seed N                 what the random numbers and the devices' contents come from
  --set KEY=VALUE          sets a key of the scenario, such as buffer_size=64KiB or devices.nic0.dirty_rate=1GiB/s
  --sweep KEY=A,B,C        makes a case of every value
  --buffer-size 64KiB      every parameter has such a flag (deno task list params)
  --suite NAME             default or nightly, where no scenario is named
  --jobs N                 how many Workers play virtual trials side by side (1)
  --device DEV[,DEV...]    real VFIO devices of this host in the place of the scenario's (deno task doctor)
  --to DEV[,DEV...]        the devices they migrate to; null or file:PATH takes the bytes and measures the saving side
  --keep-streams DIR       keeps what went over channel=file (deno task inspect)
  --out DIR                the run folder; a new one in results/ otherwise
  --json                   one JSON document on stdout instead of the table
  --quiet                  no progress on stderr

DEV is /dev/vfio/devices/vfioN, /dev/vfio/N, a PCI address, an mdev's UUID or a name in /sys. Before and after every trial a
device is reset: whatever is in it is lost. No guest runs on it. So a run cannot know what a guest would dirty, nor
what of the downtime vCPUs, interrupts and the network are; what the driver takes for itself it does measure. RAM stays
simulated. The destination's driver alone knows whether it checks what it loads. A change of state cannot be called
off: one that hangs in the driver hangs the run. With several trials, file:PATH has the last one's bytes.

Exit: 0 fine, 1 an expectation of a scenario failed, 2 usage or scenario error, 4 a trial failed, 130 interrupted (what was measured is kept).`;

/** What real devices play where no scenario is named. */
const REAL_DEFAULT: readonly SuiteEntry[] = [{ scenario: "smoke", sets: [] }];

/** `deno task bench`. */
export async function benchCommand(args: string[]): Promise<number> {
  const given = parseBenchArguments(args);
  if (given.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const entries = given.scenarios.length > 0
    ? given.scenarios.map((scenario) => ({ scenario, sets: [] }))
    : given.real !== null && given.suite === "default"
    ? REAL_DEFAULT
    : SUITES[given.suite];
  const real = given.real === null ? null : probeDevices(given.real);
  const { cases, expect } = await loadCases(entries, given, real);
  await preflight(cases);
  if (given.keepStreams !== undefined) await makeFolder(given.keepStreams);

  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  let folder: string;
  try {
    folder = await runSuite(cases, {
      root: RESULTS_DIR,
      out: given.out,
      jobs: given.jobs,
      keepStreams: given.keepStreams,
      expect,
      name: given.scenarios.length === 1 ? cases[0]?.scenario ?? "bench" : "bench",
      progress: createProgress(given.quiet),
      signal: interrupt.signal,
    });
  } finally {
    Deno.removeSignalListener("SIGINT", onSignal);
    Deno.removeSignalListener("SIGTERM", onSignal);
  }

  const { meta, trials } = await readRun(folder);
  const result = resultDocument(meta, trials);
  if (given.json) {
    console.log(JSON.stringify(result));
  } else {
    console.log(renderTable(result, { width: terminalWidth(), color: wantsColor() }));
    console.log(folder);
    if (!given.quiet) console.error(`A page of it: deno task report ${folder}`);
  }
  if (interrupt.signal.aborted) return EXIT.INTERRUPTED;
  return exitOf(result);
}

interface Loaded {
  readonly cases: Case[];
  readonly expect: ExpectationMeta[];
}

async function loadCases(
  entries: readonly SuiteEntry[],
  { sets, sweeps }: BenchArguments,
  real: readonly KernelSpec[] | null,
): Promise<Loaded> {
  const cases: Case[] = [];
  const expect: ExpectationMeta[] = [];
  for (const entry of entries) {
    const file = await loadScenario(entry.scenario, SCENARIOS_DIR);
    const played = real === null ? file : onRealDevices(file, real);
    const scenario = applyOverrides(played, [...entry.sets, ...sets], sweeps);
    if (real !== null) checkRealDevices(scenario, real.length);
    cases.push(...expandCases(scenario));
    expect.push(...scenario.expect.map((one) => ({ ...one, scenario: scenario.name })));
  }
  return { cases, expect };
}

async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot keep streams in ${path}: ${reason}`);
  }
}

/** A trial that was expected to fail, and failed for the reason that was expected, is no failure. */
function exitOf({ cases, expectations }: ResultDocument): number {
  if (expectations.some((one) => !one.met)) return EXIT.REGRESSED;
  const failed = cases.some((one) => one.failed > 0 && !expectsFailure(expectations, one));
  return failed ? EXIT.TRIAL_FAILED : EXIT.FINE;
}

const PIPED_WIDTH = 160;

function terminalWidth(): number {
  return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : PIPED_WIDTH;
}

/** NO_COLOR is honoured by the colours' own switch. */
function wantsColor(): boolean {
  return Deno.stdout.isTerminal() && getColorEnabled();
}
