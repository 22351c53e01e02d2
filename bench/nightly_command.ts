import { DEFAULT_BASELINE, readBaseline } from "./baseline/mod.ts";
import {
  CALL_METRICS,
  compareRuns,
  type Comparison,
  type ConfirmOptions,
  DEFAULT_METRICS,
  plainText,
  renderComparison,
  toleranceOf,
} from "./compare/mod.ts";
import { EXIT } from "./exit_code.ts";
import { type History, historyOf, readHistory, standingLosses } from "./history/mod.ts";
import { loadCases } from "./load_cases.ts";
import {
  againstHistory,
  exitOfNight,
  findingText,
  type HistoryFinding,
  type NightlyDocument,
  nightlyMarkdown,
} from "./nightly/mod.ts";
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

Then it is held against the history of results/, which sees what a single night cannot: a level that was lost in
a step or drifted away, by more than the tolerance, and has not come back. That counts where tonight regressed against the last
run that had the level. What the history could tell when the baseline was set was accepted with it:
to accept a loss, set the baseline to a run that has it.

  --suite NAME      ${Object.keys(SUITES).join(" or ")}, where no scenario is named (nightly)
  --set KEY=VALUE   sets a key of every scenario, such as trials=20
  --baseline NAME   which of several baselines (${DEFAULT_BASELINE})
  --tolerance 5%    up to which change a metric is the same
  --no-confirm      what regressed counts at once
  --no-history      nothing is held against the history
  --out DIR         the run folder; a new one in results/ otherwise
  --results DIR     where run folders and baselines are (results/)
  --jobs N          how many Workers play virtual trials side by side (1)
  --markdown FILE   also writes a summary for a pull request or a CI's page
  --json            one JSON document on stdout instead of the tables
  --quiet           no progress on stderr

Exit: 0 fine, 1 a metric regressed (twice), against the baseline or the history, or an expectation failed, 2 usage error, 3 no comparable baseline or nothing
can be told, 4 a trial failed, 130 interrupted. What is wrong with the run itself (1, 4) comes before what it is held against.`;

/** `deno task nightly`. */
export async function nightlyCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, {
    texts: ["suite", "baseline", "tolerance", "out", "results", "jobs", "markdown"],
    lists: ["set"],
    switches: ["no-confirm", "no-history", "json", "quiet"],
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
    if (signal.aborted) return { folder, stored, compared: null, findings: [] };
    const night = { run: nameOf(folder), ...stored };
    const rule = {
      root,
      tolerance,
      confirms: !flags.has("no-confirm"),
      progress,
      signal,
    };
    const compared = before === null ? null : await holdAgainst(before, night, folder, rule);
    const findings = flags.has("no-history")
      ? []
      : await historyFindings(before, night, folder, compared, rule);
    return { folder, stored, compared, findings };
  });
  const { folder, stored, compared, findings } = played;
  const document: NightlyDocument = {
    schema: "vfio-migbench/nightly@1",
    run: folder,
    result: resultDocument(stored.meta, stored.trials),
    baseline: before?.run ?? null,
    comparison: typeof compared === "string" ? null : compared,
    not_compared: typeof compared === "string" || compared === null
      ? compared ?? whyNotCompared(stored.meta.complete, before !== null, folder, name)
      : null,
    history: findings,
  };
  tell(document, flags.has("json"), flags.has("quiet"));
  const markdown = flags.text("markdown");
  if (markdown !== undefined) await writeFile(markdown, `${nightlyMarkdown(document)}\n`);
  return interrupted ? EXIT.INTERRUPTED : exitOfNight(exitOfResult(document.result), document);
}

type Named = StoredRun & { readonly run: string };

async function readBaselineRun(root: string, name: string): Promise<Named | null> {
  const baseline = await readBaseline(root, name);
  if (baseline === null) return null;
  return { run: baseline.run, ...await readRun(baseline.folder) };
}

/** Why a night is held against nothing, and what to do. */
function whyNotCompared(
  isComplete: boolean,
  hasBaseline: boolean,
  folder: string,
  name: string,
): string {
  const isDefault = name === DEFAULT_BASELINE;
  const resume = isComplete ? "" : `deno task bench --resume ${folder}, and `;
  return isComplete && !hasBaseline
    ? `There is no baseline ${name}: to make this run the one, deno task baseline set ${folder}${
      isDefault ? "" : ` --name ${name}`
    }`
    : `Interrupted, and held against nothing; to make up for it: ${resume}deno task compare baseline${
      isDefault ? "" : `:${name}`
    } ${folder}`;
}

/** By what a night is held against other runs. */
interface NightRule {
  readonly root: string;
  readonly tolerance: number;
  readonly confirms: boolean;
  readonly progress: ReturnType<typeof createProgress>;
  readonly signal: AbortSignal;
}

async function holdAgainst(
  base: Named,
  candidate: Named,
  folder: string,
  options: NightRule,
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
  return await confirmed(first, { base, candidate, ...rule }, options);
}

async function confirmed(
  first: Comparison,
  compared: ConfirmOptions,
  options: NightRule,
): Promise<Comparison | string> {
  return options.confirms && !options.signal.aborted
    ? await playAgain(first, compared, options)
    : first;
}

/** What was lost over many nights, none of which need have regressed against the one before. */
async function historyFindings(
  baseline: Named | null,
  night: Named,
  folder: string,
  compared: Comparison | string | null,
  options: NightRule,
): Promise<HistoryFinding[]> {
  const { root, tolerance } = options;
  const history = await historyWith(root, folder, night);
  const losses = standingLosses(history, {
    run: night.run,
    tolerance,
    acceptedAt: baseline?.meta.started_at ?? null,
  });
  return await againstHistory(losses, night, {
    machines: history.machines.length,
    tolerance,
    comparison: typeof compared === "string" ? null : compared,
    readRun: async (run) => ({ run, ...await readRun(`${root}${run}`) }),
    confirm: (first, compared) => confirmed(first, compared, options),
  });
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

const PIPED_WIDTH = 200;

function tell(document: NightlyDocument, json: boolean, quiet: boolean): void {
  const { run, result, comparison, not_compared, history } = document;
  if (json) {
    console.log(JSON.stringify(document));
  } else {
    const options = stdoutShape(PIPED_WIDTH);
    console.log(renderTable(result, options));
    if (comparison !== null) console.log(`\n${renderComparison(comparison, options)}`);
    for (const one of history) {
      const counts = one.verdict === "regressed" ? "" : ", which does not count";
      console.log(`History: ${one.text}; ${plainText(findingText(one))}${counts}`);
    }
    console.log(run);
  }
  for (const warning of comparison?.warnings ?? []) console.error(`Warning: ${plainText(warning)}`);
  if (not_compared !== null) console.error(not_compared);
  if (!quiet && !json) console.error(`A page of it: deno task report ${run}`);
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
