import { getColorEnabled } from "@std/fmt/colors";
import { parseBenchArguments } from "./bench_arguments.ts";
import { EXIT } from "./exit_code.ts";
import { RESULTS_DIR, SCENARIOS_DIR } from "./paths.ts";
import { createProgress } from "./progress.ts";
import { expectsFailure, renderTable, type ResultDocument, resultDocument } from "./report/mod.ts";
import { runSuite } from "./run_suite.ts";
import { applyOverrides, type Case, expandCases, loadScenario } from "./scenario/mod.ts";
import { type ExpectationMeta, readRun } from "./store/mod.ts";
import { type SuiteEntry, SUITES } from "./suites.ts";
import { preflight } from "./trial/mod.ts";
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
  --keep-streams DIR       keeps what went over channel=file (deno task inspect)
  --trace DIR              writes what each trial did as QEMU's log backend traces it: NAME-CASE-TRIAL.src.trace, .dst.trace
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
  const entries = given.scenarios.length > 0
    ? given.scenarios.map((scenario) => ({ scenario, sets: [] }))
    : SUITES[given.suite];
  const { cases, expect } = await loadCases(entries, given.sets, given.sweeps);
  await preflight(cases);
  if (given.keepStreams !== undefined) await makeFolder(given.keepStreams, "keep streams");
  if (given.trace !== undefined) await makeFolder(given.trace, "write traces");

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
      trace: given.trace,
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
  sets: readonly string[],
  sweeps: readonly string[],
): Promise<Loaded> {
  const cases: Case[] = [];
  const expect: ExpectationMeta[] = [];
  for (const entry of entries) {
    const file = await loadScenario(entry.scenario, SCENARIOS_DIR);
    const scenario = applyOverrides(file, [...entry.sets, ...sets], sweeps);
    cases.push(...expandCases(scenario));
    expect.push(...scenario.expect.map((one) => ({ ...one, scenario: scenario.name })));
  }
  return { cases, expect };
}

async function makeFolder(path: string, what: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot ${what} in ${path}: ${reason}`);
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
