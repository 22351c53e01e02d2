import { closestString } from "@std/text/closest-string";
import {
  CALL_METRICS,
  type CompareArguments,
  compareRuns,
  compareWithin,
  type Comparison,
  type ConfirmOptions,
  DEFAULT_METRICS,
  exitOfComparison,
  EXPORT_FORMATS,
  exportFiles,
  findRun,
  metricNames,
  type NamedRun,
  parseCompareArguments,
  plainText,
  renderComparison,
  renderMarkdown,
} from "./compare/mod.ts";
import { EXIT } from "./exit_code.ts";
import { lineText } from "./outside/mod.ts";
import { RESULTS_DIR } from "./paths.ts";
import { playAgain } from "./play_again.ts";
import { createProgress } from "./progress.ts";
import { readRun, RunError } from "./store/mod.ts";
import { untilInterrupted } from "./until_interrupted.ts";
import { stdoutShape } from "./stdout_shape.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task compare BASE CANDIDATE [FLAGS]
deno task compare RUN --by KEY [FLAGS]

Holds a candidate against a baseline and says what improved, regressed or stayed the same. A run is a folder,
or its name in results/; "baseline" is what deno task baseline set. Cases are matched by scenario, clock, what varies and parameters. With --by, cases of one run
are compared along a key that varies: the first value against each other one, trials in pairs.

  --by KEY                 buffer_size, reinit, multifd, policy, ...: what varies in the run
  --base VALUE             with --by: the value that the others are held against
  --metric NAME            instead of ${DEFAULT_METRICS.slice(0, 2).join(", ")},
                           ${DEFAULT_METRICS.slice(2).join(", ")};
                           may be given again; also devices.ID.NAME, downtime_breakdown_ms.PART, read_us.p99.
                           Two runs are also compared by ${CALL_METRICS.join(" and ")}
  --tolerance 5%           up to which change a metric is the same; where the noise is larger, the noise (wall clock)
  --confirm                plays what regressed again; only what regresses again counts (exit 1), the rest is inconclusive.
                           Inside one run both sides are played; of two runs the candidate, with the code that is here
  --anyway                 compares runs of different machines, scenarios, parameters or seeds
  --json                   one JSON document on stdout instead of the table
  --markdown               a table for a pull request on stdout instead
  --export FORMAT          also writes files for a tracker: ${EXPORT_FORMATS.join(", ")}
  --out DIR                where --export writes (.)
  --quiet                  no progress on stderr

Exit: 0 fine, 1 a metric regressed, 2 usage error, or a run that cannot be read, 3 inconclusive only, or nothing comparable,
130 interrupted while playing again (nothing is confirmed).`;

/**
 * `deno task compare`.
 *
 * @param args What stands behind the command
 * @returns The exit code
 * @throws {UsageError} If the arguments cannot be taken
 * @throws {RunError} If a run cannot be read
 */
export async function compareCommand(args: string[]): Promise<number> {
  const given = parseCompareArguments(args);
  if (given.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const runs: NamedRun[] = [];
  for (const run of given.runs) {
    runs.push({ run, ...await readRun(await findRun(run, RESULTS_DIR)) });
  }
  if (!given.hasDefaultMetrics) checkMetrics(given.metrics, runs);
  let comparison = readable(() => compare(runs, given));
  let interrupted = false;
  if (given.confirm && typeof comparison !== "string") {
    const first = comparison;
    const played = await untilInterrupted((signal) =>
      playAgain(first, confirmOptions(runs, given), {
        root: RESULTS_DIR,
        progress: createProgress(given.quiet),
        signal,
      })
    );
    comparison = played.result;
    interrupted = played.interrupted;
  }
  if (typeof comparison === "string") {
    console.error(lineText(comparison));
    return EXIT.INCONCLUSIVE;
  }
  for (const warning of comparison.warnings) console.error(`Warning: ${plainText(warning)}`);
  for (const format of given.exports) {
    for (const { name, text } of exportFiles(comparison, format)) {
      await writeExport(given.out, name, text);
    }
  }
  console.log(textOf(comparison, given));
  return interrupted ? EXIT.INTERRUPTED : exitOfComparison(comparison);
}

/** A histogram that cannot be decoded is a damaged run. */
function readable<T>(compare: () => T): T {
  try {
    return compare();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RunError(`Cannot read the runs: ${error.message}`);
  }
}

function confirmOptions(runs: readonly NamedRun[], given: CompareArguments): ConfirmOptions {
  const { by, base: baseValue, metrics, tolerance, anyway } = given;
  const [base, candidate = base] = runs;
  if (base === undefined || candidate === undefined) throw new UsageError("Cannot confirm 0 runs");
  return {
    base,
    candidate,
    metrics,
    tolerance,
    anyway,
    ...(by === undefined || baseValue === undefined ? {} : { baseValue }),
  };
}

function compare(runs: readonly NamedRun[], given: CompareArguments): Comparison | string {
  const { by, base: baseValue, metrics, tolerance, anyway } = given;
  const [base, candidate] = runs;
  if (base === undefined) throw new UsageError("Cannot compare 0 runs");
  if (by !== undefined) {
    const from = baseValue === undefined ? {} : { baseValue };
    return compareWithin(base, by, { metrics, tolerance, ...from });
  }
  if (candidate === undefined) throw new UsageError("Cannot compare 1 run without --by KEY");
  return compareRuns(base, candidate, { metrics, tolerance, anyway });
}

function checkMetrics(metrics: readonly string[], runs: readonly NamedRun[]): void {
  const names = new Set(runs.flatMap(({ trials }) => trials).flatMap(metricNames));
  const unknown = metrics.find((metric) => !names.has(metric));
  if (unknown === undefined) return;
  const near = names.size === 0
    ? "none was measured"
    : `did you mean ${closestString(unknown, [...names])}?`;
  throw new UsageError(plainText(`Cannot compare ${unknown}: no trial has it, ${near}`));
}

async function writeExport(folder: string, name: string, text: string): Promise<void> {
  const path = `${folder.endsWith("/") ? folder.slice(0, -1) : folder}/${name}`;
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(path, text);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Cannot write ${path}: ${error.message}`);
  }
  console.error(path);
}

function textOf(comparison: Comparison, { output }: CompareArguments): string {
  if (output === "json") return JSON.stringify(comparison);
  if (output === "markdown") return renderMarkdown(comparison);
  return renderComparison(comparison, stdoutShape(PIPED_WIDTH));
}

/** Wide enough for every column of what the project's own scenarios vary. */
const PIPED_WIDTH = 240;
