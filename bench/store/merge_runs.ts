import type { TrialRecord } from "../trial/record.ts";
import { histogramLogHeader, histogramLogLines } from "./histogram_log.ts";
import { mergeMeta } from "./merge_meta.ts";
import { readLines } from "./read_lines.ts";
import { parseJson, readRun } from "./read_run.ts";
import { reasonText, RunError } from "./run_error.ts";
import { folderTime, makeRunFolder } from "./run_folder.ts";
import { isTimelineEvent } from "./timeline_event.ts";
import { RUN_FILES, writeMeta } from "./write_run.ts";

/** Where the whole is to be, and of what. */
export interface MergeOptions {
  readonly parts: readonly string[];
  /** Where run folders land. */
  readonly root: string;
  /** The run folder itself, where the user names one. */
  readonly out?: string | undefined;
  /** Whether parts that are missing, not complete or of several machines are taken as they are. */
  readonly anyway: boolean;
}

/** A whole, and what is to be said of it. */
export interface MergedRun {
  readonly path: string;
  readonly warnings: readonly string[];
}

/**
 * Makes one run of the parts that were played with `--shard`: it has every trial as it is, under the number that
 * its case has in the whole, so that it says what a run of all of them says. The parts stay as they are.
 *
 * @throws {RunError} in one line, where they are not the parts of one run
 */
export async function mergeRuns({ parts, root, out, anyway }: MergeOptions): Promise<MergedRun> {
  const runs = [];
  for (const path of parts) runs.push({ path, ...await readRun(path) });
  const meta = mergeMeta(runs, anyway);
  const trials = runs.flatMap((run) => run.trials).sort(byRound);
  const timelines = new Map<string, string>();
  for (const { path, trials: own } of runs) await readTimeline(path, own, timelines);
  const startedMs = Date.parse(meta.started_at);
  const place = out === undefined
    ? { root, name: `${folderTime(startedMs)}-${meta.name}` }
    : { out };
  const path = makeRunFolder(place, (folder) => {
    const write = (file: string, lines: readonly string[]) =>
      Deno.writeTextFileSync(`${folder}/${file}`, lines.join(""));
    write(RUN_FILES.TRIALS, trials.map((record) => `${JSON.stringify(record)}\n`));
    write(RUN_FILES.TIMELINE, trials.map((record) => timelines.get(keyOf(record)) ?? ""));
    write(RUN_FILES.HISTOGRAMS, [
      histogramLogHeader(startedMs),
      ...trials.flatMap((record) =>
        histogramLogLines(record, startedMs).map((line) => `${line}\n`)
      ),
    ]);
    writeMeta(folder, meta);
  });
  return { path, warnings: meta.warnings ?? [] };
}

/** As they would have been played: round by round, in each the cases in their order, or backwards. */
function byRound(a: TrialRecord, b: TrialRecord): number {
  return a.trial - b.trial || (a.case - b.case) * (a.trial % 2 === 0 ? 1 : -1);
}

/** The lines of each trial that there is, as they stand. */
async function readTimeline(
  path: string,
  trials: readonly TrialRecord[],
  into: Map<string, string>,
): Promise<void> {
  for (const record of trials) into.set(keyOf(record), "");
  try {
    for await (const line of readLines(`${path}/${RUN_FILES.TIMELINE}`)) {
      const event = parseJson(line.text);
      if (!isTimelineEvent(event)) {
        if (line.torn) continue;
        throw new RunError(`line ${line.number} of ${RUN_FILES.TIMELINE} is no event`);
      }
      const text = into.get(keyOf(event));
      if (text !== undefined) into.set(keyOf(event), `${text}${line.text}\n`);
    }
  } catch (error) {
    // A run without a trial may be without its timeline.
    if (error instanceof Deno.errors.NotFound && trials.length === 0) return;
    throw new RunError(`Cannot read the run ${path}: ${reasonText(error)}`);
  }
}

function keyOf(one: { readonly case: number; readonly trial: number }): string {
  return `${one.case}:${one.trial}`;
}
