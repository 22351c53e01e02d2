import { DEFAULT_BASELINE, readBaseline } from "./baseline/mod.ts";
import {
  CALL_METRICS,
  compareRuns,
  type Comparison,
  DEFAULT_METRICS,
  exitOfComparison,
  plainText,
  renderComparison,
  toleranceOf,
} from "./compare/mod.ts";
import { EXIT } from "./exit_code.ts";
import { changeText, type History, historyOf, readHistory, seriesText } from "./history/mod.ts";
import { loadCases } from "./load_cases.ts";
import { type NightlyDocument, nightlyMarkdown } from "./nightly/mod.ts";
import { parseFlags } from "./parse_flags.ts";
import { RESULTS_DIR } from "./paths.ts";
import { playAgain } from "./play_again.ts";
import { createProgress } from "./progress.ts";
import { renderTable, resultDocument } from "./report/mod.ts";
import { runSuite } from "./run_suite.ts";
import { readRun, type StoredRun } from "./store/mod.ts";
import { stdoutShape } from "./stdout_shape.ts";
import { isSuiteName, SUITES } from "./suites.ts";
import { exitOfResult } from "./tell_result.ts";
import { preflight } from "./trial/mod.ts";
import { untilInterrupted } from "./until_interrupted.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task nightly [SCENARIO...] [FLAGS]

Plays the nightly suite, or the scenarios that are named, keeps the run, and holds it against the baseline
(deno task baseline set RUN). What regressed is played again, and counts only where it regresses again.
The history of results/ says whether a level changed lately.

  --suite NAME      ${Object.keys(SUITES).join(" or ")}, where no scenario is named (nightly)
  --set KEY=VALUE   sets a key of every scenario, such as trials=20
  --baseline NAME   which of several baselines (${DEFAULT_BASELINE})
  --tolerance 5%    up to which change a metric is the same
  --no-confirm      what regressed counts at once
  --out DIR         the run folder; a new one in results/ otherwise
  --results DIR     where run folders and baselines are (results/)
  --jobs N          how many Workers play virtual trials side by side (1)
  --markdown FILE   also writes a summary for a pull request or a CI's page
  --json            one JSON document on stdout instead of the tables
  --quiet           no progress on stderr

Exit: 0 fine, 1 a metric regressed (twice) or an expectation failed, 2 usage error, 3 no comparable baseline or nothing
can be told, 4 a trial failed, 130 interrupted. What is wrong with the run itself (1, 4) comes before what it is held against.`;

/** `deno task nightly`. */
export async function nightlyCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, {
    texts: ["suite", "baseline", "tolerance", "out", "results", "jobs", "markdown"],
    lists: ["set"],
    switches: ["no-confirm", "json", "quiet"],
  });
  if (flags.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const suite = flags.text("suite") ?? "nightly";
  if (!isSuiteName(suite)) {
    throw new UsageError(
      `Cannot take --suite ${suite}: there are ${Object.keys(SUITES).join(", ")}`,
    );
  }
  const jobs = Number(flags.text("jobs") ?? "1");
  if (!(Number.isInteger(jobs) && jobs >= 1 && jobs <= 64)) {
    throw new UsageError(`Cannot take --jobs ${flags.text("jobs")}: expected 1 to 64`);
  }
  const tolerance = toleranceOf(flags.text("tolerance"));
  const root = withSlash(flags.text("results") ?? RESULTS_DIR);
  const name = flags.text("baseline") ?? DEFAULT_BASELINE;
  // What is damaged is told before an hour of playing, not after it.
  const before = await readBaselineRun(root, name);
  const { cases, expect } = await loadCases(
    flags.operands.length > 0
      ? flags.operands.map((scenario) => ({ scenario, sets: [] }))
      : SUITES[suite],
    flags.list("set"),
    [],
  );
  preflight(cases);
  const progress = createProgress(flags.has("quiet"));

  const { result: played, interrupted } = await untilInterrupted(async (signal) => {
    const folder = await runSuite(cases, {
      root,
      out: flags.text("out"),
      jobs,
      expect,
      name: "nightly",
      progress,
      signal,
    });
    const stored = await readRun(folder);
    const compared = before === null || signal.aborted
      ? null
      : await holdAgainst(before, { run: nameOf(folder), ...stored }, folder, {
        root,
        tolerance,
        confirms: !flags.has("no-confirm"),
        progress,
        signal,
      });
    return { folder, stored, compared };
  });
  const { folder, stored, compared } = played;
  const document: NightlyDocument = {
    schema: "vfio-migbench/nightly@1",
    run: folder,
    result: resultDocument(stored.meta, stored.trials),
    baseline: before?.run ?? null,
    comparison: typeof compared === "string" ? null : compared,
    not_compared: typeof compared === "string"
      ? compared
      : before === null
      ? `There is no baseline ${name}: to make this run the one, deno task baseline set ${folder}${
        name === DEFAULT_BASELINE ? "" : ` --name ${name}`
      }`
      : null,
    recent_changes: recentChanges(await historyWith(root, folder, stored), folder),
  };
  tell(document, flags.has("json"), flags.has("quiet"));
  const markdown = flags.text("markdown");
  if (markdown !== undefined) await writeFile(markdown, `${nightlyMarkdown(document)}\n`);
  return interrupted ? EXIT.INTERRUPTED : exitOf(document);
}

type Named = StoredRun & { readonly run: string };

async function readBaselineRun(root: string, name: string): Promise<Named | null> {
  const baseline = await readBaseline(root, name);
  if (baseline === null) return null;
  return { run: baseline.run, ...await readRun(baseline.folder) };
}

async function holdAgainst(
  base: Named,
  candidate: Named,
  folder: string,
  options: {
    readonly root: string;
    readonly tolerance: number;
    readonly confirms: boolean;
    readonly progress: ReturnType<typeof createProgress>;
    readonly signal: AbortSignal;
  },
): Promise<Comparison | string> {
  const rule = {
    metrics: [...DEFAULT_METRICS, ...CALL_METRICS],
    tolerance: options.tolerance,
    anyway: false,
  };
  const first = compareRuns(base, candidate, rule);
  if (typeof first === "string") {
    return `${
      first.replace(/[;.].*$/, "")
    }; to make this run the baseline: deno task baseline set ${folder}`;
  }
  if (!options.confirms) return first;
  return await playAgain(first, { base, candidate, ...rule }, options);
}

/** The history of all that is kept, this run included wherever it is. */
async function historyWith(root: string, folder: string, stored: StoredRun): Promise<History> {
  const given = folder.startsWith(root) ? [root] : [root, folder];
  const { runs } = await readHistory(given, DEFAULT_METRICS, root);
  // A series of this run's cases, and no others.
  const scenarios = new Set(stored.meta.cases.map(({ scenario }) => scenario));
  const history = historyOf(runs, DEFAULT_METRICS);
  return { ...history, series: history.series.filter((one) => scenarios.has(one.scenario)) };
}

/** A change is told at the earliest when three runs have it. */
const RECENT = 3;

/** The changes for the worse that the newest runs have, this one the last of them. */
function recentChanges(history: History, folder: string): string[] {
  const run = nameOf(folder);
  return history.series.flatMap((one) => {
    const last = one.points.length - 1;
    if (one.points[last]?.run !== run) return [];
    return one.changes.filter(({ verdict, to }) => verdict === "regressed" && last - to < RECENT)
      .map((change) => `${seriesText(one, history.machines.length)}: ${changeText(one, change)}`);
  });
}

const PIPED_WIDTH = 200;

function tell(document: NightlyDocument, json: boolean, quiet: boolean): void {
  const { run, result, comparison, not_compared, recent_changes } = document;
  if (json) {
    console.log(JSON.stringify(document));
  } else {
    const options = stdoutShape(PIPED_WIDTH);
    console.log(renderTable(result, options));
    if (comparison !== null) console.log(`\n${renderComparison(comparison, options)}`);
    for (const line of recent_changes) console.log(`History: ${line}`);
    console.log(run);
  }
  for (const warning of comparison?.warnings ?? []) console.error(`Warning: ${plainText(warning)}`);
  if (not_compared !== null) console.error(not_compared);
  if (!quiet && !json) console.error(`A page of it: deno task report ${run}`);
}

/** What is wrong with the run itself comes before what it is held against. */
function exitOf({ result, comparison, not_compared }: NightlyDocument): number {
  const own = exitOfResult(result);
  if (own !== EXIT.FINE) return own;
  return comparison === null || not_compared !== null
    ? EXIT.INCONCLUSIVE
    : exitOfComparison(comparison);
}

async function writeFile(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Cannot write ${path}: ${error.message}`);
  }
}

function nameOf(folder: string): string {
  return folder.split("/").filter((part) => part !== "").at(-1) ?? folder;
}

function withSlash(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}
