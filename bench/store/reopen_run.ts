import { removeName, replaceFileText } from "../outside/mod.ts";
import type { TrialRecord } from "../trial/record.ts";
import { type AppendFile, appendText } from "./append_file.ts";
import { captureEnvironment } from "./environment.ts";
import { histogramLogHeader, histogramLogLines } from "./histogram_log.ts";
import { readLines } from "./read_lines.ts";
import { parseJson, readMeta, readRun } from "./read_run.ts";
import { reasonText, RunError } from "./run_error.ts";
import type { RunMeta } from "./run_schema.ts";
import { isTimelineEvent } from "./timeline_event.ts";
import { holdTrials, letGo, openRun, type Run, RUN_FILES, writeMeta } from "./write_run.ts";

/** A run that is gone on with, and what it has. */
export interface ReopenedRun {
  readonly run: Run;
  /** In the order they were played. */
  readonly trials: readonly TrialRecord[];
}

const NEWLINE = 10;

/**
 * Opens a run that was stopped, to add what is missing. What belongs to no trial of `trials.jsonl` goes: a last
 * line that was not whole, events and intervals of a trial that was being written. Of a trial that is there
 * nothing changes.
 *
 * @throws {RunError} in one line, for a run that is complete, is being written, is damaged, or was begun on
 * another machine
 */
export async function reopenRun(path: string): Promise<ReopenedRun> {
  refuseAsItIs(path, await readMeta(path));
  refuseLinks(path);
  // Held from here on: what is cut off below is cut off under no other process's hands.
  const held = holdTrials(path);
  try {
    const { meta, trials } = await readRun(path);
    refuseAsItIs(path, meta);
    refuseTwice(trials);
    const startedMs = Date.parse(meta.started_at);
    cutTornLine(path, held);
    await replaceTimeline(path, trials);
    const intervals = trials.flatMap((record) => histogramLogLines(record, startedMs));
    replaceFileText(
      `${path}/${RUN_FILES.HISTOGRAMS}`,
      [histogramLogHeader(startedMs), ...intervals.map((line) => `${line}\n`)].join(""),
    );
    const resumed: RunMeta = {
      ...meta,
      finished_at: null,
      resumed_at: [...meta.resumed_at ?? [], new Date().toISOString()],
    };
    writeMeta(path, resumed);
    return { run: openRun(path, resumed, held), trials };
  } catch (error) {
    letGo(held);
    throw error instanceof RunError && error.message.startsWith("Cannot")
      ? error
      : cannotGoOn(path, error);
  }
}

function refuseAsItIs(path: string, { complete, cases, environment }: RunMeta): void {
  if (complete) throw cannotGoOn(path, "it is complete");
  if (cases.every(({ clock }) => clock === "virtual")) return;
  const was = JSON.stringify(Object(environment).comparable);
  const is = JSON.stringify(captureEnvironment().comparable);
  if (was === is) return;
  throw cannotGoOn(path, "it was begun on another machine, or with another Deno; play a new one");
}

/** What is written to a folder that somebody else made is written to that folder. */
function refuseLinks(path: string): void {
  for (const name of Object.values(RUN_FILES)) {
    let isFile: boolean;
    try {
      isFile = Deno.lstatSync(`${path}/${name}`).isFile;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw cannotGoOn(path, error);
    }
    if (!isFile) throw cannotGoOn(path, `${name} in it is a link, or no regular file`);
  }
}

function refuseTwice(trials: readonly TrialRecord[]): void {
  const seen = new Set<string>();
  for (const record of trials) {
    const key = trialKey(record);
    if (seen.has(key)) {
      throw new RunError(`trial ${record.trial} of case ${record.case} is there twice`);
    }
    seen.add(key);
  }
}

/** A last line that is whole but for its newline gets it; one that is not goes. */
function cutTornLine(path: string, held: AppendFile): void {
  const bytes = Deno.readFileSync(`${path}/${RUN_FILES.TRIALS}`);
  const wholeEnd = bytes.lastIndexOf(NEWLINE) + 1;
  if (wholeEnd === bytes.length) return;
  if (parseJson(new TextDecoder().decode(bytes.subarray(wholeEnd))) !== undefined) {
    appendText(held, "\n");
    return;
  }
  held.file.truncateSync(wholeEnd);
  held.end = wholeEnd;
}

/** Only the events of the trials that are there, each of which is looked at. */
async function replaceTimeline(path: string, trials: readonly TrialRecord[]): Promise<void> {
  const kept = new Set(trials.map(trialKey));
  const name = `${path}/${RUN_FILES.TIMELINE}`;
  const part = `${name}.tmp`;
  const encoder = new TextEncoder();
  removeName(part);
  using file = Deno.openSync(part, { write: true, createNew: true });
  let text = "";
  const flush = () => {
    const bytes = encoder.encode(text);
    for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
    text = "";
  };
  try {
    for await (const line of readLines(name)) {
      const event = parseJson(line.text);
      if (!isTimelineEvent(event)) {
        if (line.torn) continue;
        throw new RunError(`line ${line.number} of ${RUN_FILES.TIMELINE} is no event`);
      }
      if (kept.has(trialKey(event))) text += `${line.text}\n`;
      if (text.length > CHUNK_CHARACTERS) flush();
    }
  } catch (error) {
    // Killed before it was there, nothing had happened.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  flush();
  Deno.renameSync(part, name);
}

const CHUNK_CHARACTERS = 1 << 20;

function trialKey(one: { readonly case: number; readonly trial: number }): string {
  return `${one.case}:${one.trial}`;
}

function cannotGoOn(path: string, why: unknown): RunError {
  return new RunError(`Cannot go on with the run ${path}: ${reasonText(why)}`);
}
