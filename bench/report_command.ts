import { readRivalTrials } from "./ceiling/ceiling_file.ts";
import { ceilingRows } from "./ceiling/ceiling_rows.ts";
import {
  CALL_METRICS,
  caseText,
  compareRuns,
  DEFAULT_METRICS,
  DEFAULT_TOLERANCE,
  findRun,
} from "./compare/mod.ts";
import { EXIT } from "./exit_code.ts";
import { hgrmReport } from "./hgrm_report.ts";
import { historyOf, readHistory } from "./history/mod.ts";
import { lineText, replaceFileText } from "./outside/mod.ts";
import { parseFlags } from "./parse_flags.ts";
import { RESULTS_DIR } from "./paths.ts";
import {
  bundle,
  type PageExtras,
  type PageRun,
  readPageRun,
  renderPage,
} from "./report/page/mod.ts";
import { readRun } from "./store/mod.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task report RUN [RUN2] [--history DIR] [--out FILE]
deno task report RUN --hgrm DIR

Writes the page of a run folder (or its name in results/), or of two side by side with what compare says of them, as one
HTML file that opens from disk and loads nothing. Prints the file's path.

  --history DIR   also how the cases of RUN did over the runs in DIR, such as results/
  --out FILE      where to write it; report.html in the (first) run folder otherwise
  --hgrm DIR      instead of the page: the percentile distributions of the reads and writes of each case, as text that
                  the stock HdrHistogram tools plot, in microseconds

Exit: 0 fine, 2 what was given cannot be read, or the file not be written.`;

const PAGE_FILE = "report.html";

/**
 * `deno task report`: the HTML page of run folders.
 *
 * @param args What stands behind the command
 * @returns The exit code
 * @throws {UsageError} If the arguments cannot be taken, or the file not be written
 * @throws {RunError} If a folder is no run, or damaged
 */
export async function reportCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, { texts: ["out", "history", "hgrm"] });
  if (flags.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const folders = await Promise.all(
    flags.operands.map((name) => findRun(name, RESULTS_DIR)),
  );
  const hgrm = flags.text("hgrm");
  if (hgrm !== undefined) return await hgrmReport(folders, hgrm, flags.text("out"));
  const [first = ""] = folders;
  const out = flags.text("out") ?? `${first.replace(/(?<=.)\/+$/, "")}/${PAGE_FILE}`;
  if (folders.length < 1 || folders.length > 2 || folders.includes("")) {
    throw new UsageError(
      `Cannot report on ${folders.length} runs: expected the folder of one, or of two`,
    );
  }
  const runs = [];
  for (const folder of folders) runs.push(await readPageRun(folder));
  const page = await renderPage(runs, await bundle(), {
    ...await comparisonOf(folders, runs),
    ...await historyAlong(flags.text("history"), runs),
    ...await ceilingOf(folders),
  });
  writePage(out, page);
  console.log(out);
  return EXIT.FINE;
}

/** What two runs say of each other, by the rule and the tolerance that compare has by default. */
async function comparisonOf(
  folders: readonly string[],
  runs: readonly PageRun[],
): Promise<Pick<PageExtras, "comparison">> {
  const [base, candidate] = folders;
  if (base === undefined || candidate === undefined) return {};
  const named = async (folder: string, at: number) => ({
    run: runs[at]?.name ?? folder,
    ...await readRun(folder),
  });
  const comparison = compareRuns(await named(base, 0), await named(candidate, 1), {
    metrics: [...DEFAULT_METRICS, ...CALL_METRICS],
    tolerance: DEFAULT_TOLERANCE,
    anyway: false,
  });
  return { comparison };
}

/** How close the (first) run came to the machine, where it was held against it. */
async function ceilingOf([folder = ""]: readonly string[]): Promise<Pick<PageExtras, "ceiling">> {
  const rivals = await readRivalTrials(folder);
  if (rivals.trials.length === 0) return {};
  const { meta, trials } = await readRun(folder);
  return { ceiling: ceilingRows(meta.cases, trials, rivals.trials) };
}

/** The series of the cases that the page shows. */
async function historyAlong(
  given: string | undefined,
  runs: readonly PageRun[],
): Promise<Pick<PageExtras, "history">> {
  if (given === undefined) return {};
  const { runs: found, warnings } = await readHistory([given], DEFAULT_METRICS, RESULTS_DIR);
  for (const line of warnings) console.error(lineText(line));
  const shown = new Set(runs.flatMap(({ meta }) => meta.cases.map(caseText)));
  const history = historyOf(found, DEFAULT_METRICS);
  return { history: { ...history, series: history.series.filter((one) => shown.has(one.case)) } };
}

/** The whole page or none: a reader of the old file is not given half of the new one. */
function writePage(path: string, page: string): void {
  try {
    replaceFileText(path, page);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Cannot write the report to ${path}: ${error.message}`);
  }
}
