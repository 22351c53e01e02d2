import { replaceFileText } from "../outside/mod.ts";
import type { TimelineEvent, TrialRecord } from "../trial/record.ts";
import { type AppendFile, appendLinesWhole, appendText, openToAppend } from "./append_file.ts";
import type { Environment } from "./environment.ts";
import { histogramLogHeader, histogramLogLines } from "./histogram_log.ts";
import { issueText, reasonText, RunError } from "./run_error.ts";
import { folderTime, makeRunFolder } from "./run_folder.ts";
import {
  type CaseMeta,
  type ExpectationMeta,
  type PeerMeta,
  RUN_SCHEMA,
  type RunMeta,
  type RunOrigin,
  type ShardMeta,
  type StopMeta,
  TrialRecordSchema,
} from "./run_schema.ts";
import { isTimelineEvent } from "./timeline_event.ts";

/** A run folder that is being written, by this process alone. */
export interface Run {
  readonly path: string;
  /** As it was when the run began, or was gone on with. */
  readonly meta: RunMeta;
  /** UTC, milliseconds since the epoch. */
  readonly startedMs: number;
  readonly files: RunAppendFiles;
}

/** The files of a run that grow with every trial. */
export interface RunAppendFiles {
  readonly trials: AppendFile;
  readonly timeline: AppendFile;
  readonly histograms: AppendFile;
}

/** What a run folder is made of, before its first trial. */
export interface CreateRunOptions {
  /** Where run folders land. */
  readonly root: string;
  /** The run folder itself, where the user names one. */
  readonly out?: string;
  readonly name: string;
  readonly seed: number;
  /** Of the machine; what is known of another's, where the run is imported. */
  readonly environment: Environment | Readonly<Record<string, unknown>>;
  readonly cases: readonly CaseMeta[];
  readonly expect: readonly ExpectationMeta[];
  /** Where a precision was asked for. */
  readonly stop?: StopMeta;
  /** Where the run is a part of one. */
  readonly shard?: ShardMeta;
  /** What is known before the first trial to make its numbers less than they look. */
  readonly warnings?: readonly string[];
  /** When it began, in milliseconds since the epoch: an imported one did before it is written. Now, unless given. */
  readonly startedMs?: number;
  /** Where it was imported from. */
  readonly origin?: RunOrigin;
  /** Where its destinations are, in another process. */
  readonly peer?: PeerMeta;
}

/** The files of a run folder. */
export const RUN_FILES = {
  META: "run.json",
  TRIALS: "trials.jsonl",
  TIMELINE: "timeline.jsonl",
  HISTOGRAMS: "histograms.hlog",
} as const;

/**
 * Makes a run folder that is marked incomplete until {@linkcode finishRun}. Everything is written such that
 * a kill at any moment leaves a folder that can be read, or none.
 *
 * @throws {RunError} where the folder is not empty or cannot be made
 */
export function createRun(options: CreateRunOptions): Run {
  const startedMs = options.startedMs ?? Date.now();
  const { name, seed, environment, cases, expect, stop, shard, warnings = [] } = options;
  const meta: RunMeta = {
    schema: RUN_SCHEMA,
    complete: false,
    name,
    seed,
    started_at: new Date(startedMs).toISOString(),
    finished_at: null,
    environment,
    ...(stop === undefined ? {} : { stop }),
    ...(shard === undefined ? {} : { shard }),
    ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
    cases: [...cases],
    expect: [...expect],
    ...(options.origin === undefined ? {} : { origin: options.origin }),
    ...(options.peer === undefined ? {} : { peer: options.peer }),
  };
  const place = options.out === undefined
    ? { root: options.root, name: `${folderTime(startedMs)}-${name}` }
    : { out: options.out };
  const path = makeRunFolder(place, (folder) => {
    // run.json first: a folder without it is no run, one without the others has no trials yet.
    writeMeta(folder, meta);
    Deno.writeTextFileSync(`${folder}/${RUN_FILES.TRIALS}`, "");
    Deno.writeTextFileSync(`${folder}/${RUN_FILES.TIMELINE}`, "");
    Deno.writeTextFileSync(`${folder}/${RUN_FILES.HISTOGRAMS}`, histogramLogHeader(startedMs));
  });
  return openRun(path, meta, holdTrials(path));
}

/**
 * Opens a run's trials, which a process that writes to the run holds until it is done with it.
 *
 * @throws {RunError} where another process writes to the run, or the disk does not give them
 */
export function holdTrials(path: string): AppendFile {
  let trials: AppendFile;
  try {
    trials = openToAppend(`${path}/${RUN_FILES.TRIALS}`);
  } catch (error) {
    throw cannotWrite(path, error);
  }
  if (trials.file.tryLockSync(true)) return trials;
  trials.file.close();
  throw cannotWrite(path, "another process is writing to it");
}

/** Opens the other files of a run to add trials to it. @throws {RunError} where the disk does not give them */
export function openRun(path: string, meta: RunMeta, trials: AppendFile): Run {
  try {
    const files = {
      trials,
      timeline: openToAppend(`${path}/${RUN_FILES.TIMELINE}`),
      histograms: openToAppend(`${path}/${RUN_FILES.HISTOGRAMS}`),
    };
    return { path, meta, startedMs: Date.parse(meta.started_at), files };
  } catch (error) {
    letGo(trials);
    throw cannotWrite(path, error);
  }
}

/**
 * Adds a trial that has ended, and what happened in it.
 *
 * @throws {RunError} for a record or an event that could not be read back, such as one with a number that
 * JSON does not have: nothing is written of it. And where the disk does not take it, or the run has ended
 */
export function appendTrial(
  run: Run,
  record: TrialRecord,
  timeline: readonly TimelineEvent[],
): void {
  const { error } = TrialRecordSchema.safeParse(record);
  if (error !== undefined) throw cannotKeep(record, issueText(error));
  if (!run.meta.cases.some((one) => one.index === record.case)) {
    throw cannotKeep(record, "the run has no such case");
  }
  const bad = timeline.find((event) => !isEventOf(record, event));
  if (bad !== undefined) {
    throw cannotKeep(record, `"${bad.event}" of its timeline could not be read back`);
  }
  const events = timeline.map((event) => `${JSON.stringify(event)}\n`).join("");
  let intervals: readonly string[];
  try {
    intervals = histogramLogLines(record, run.startedMs);
  } catch (error) {
    throw cannotKeep(record, error);
  }
  const { files, path } = run;
  try {
    // The record last: a trial that has one has the rest too.
    appendText(files.timeline, events);
    appendLinesWhole(files.histograms, intervals);
    appendText(files.trials, `${JSON.stringify(record)}\n`);
  } catch (error) {
    throw error instanceof Deno.errors.BadResource
      ? cannotKeep(record, `the run ${path} has ended`)
      : cannotWrite(path, error);
  }
}

function isEventOf(record: TrialRecord, event: TimelineEvent): boolean {
  return isTimelineEvent(event) && event.case === record.case && event.trial === record.trial;
}

/**
 * Marks the run as ended, after which nothing can be added to it; `complete` false where it was interrupted.
 *
 * @param warnings What makes its numbers less than they look, beside what was known when it began
 * @throws {RunError} where the disk does not take it; the folder then says that it is not complete
 */
export function finishRun(run: Run, complete: boolean, warnings: readonly string[] = []): void {
  leaveRun(run);
  const all = [...new Set([...run.meta.warnings ?? [], ...warnings])];
  try {
    writeMeta(run.path, {
      ...run.meta,
      complete,
      finished_at: new Date().toISOString(),
      ...(all.length === 0 ? {} : { warnings: all }),
    });
  } catch (error) {
    throw cannotWrite(run.path, error);
  }
}

/** Lets go of a run that did not come to its end, and which {@linkcode finishRun} has not marked. Harmless after it. */
export function leaveRun({ files }: Run): void {
  letGo(files.trials);
  letGo(files.timeline);
  letGo(files.histograms);
}

/** Closes a file; harmless where it is closed. */
export function letGo({ file }: AppendFile): void {
  try {
    // Not by closing alone: a process that is just being started has a copy of it until it is.
    file.unlockSync();
    file.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/** In a file of its own first, so that there is a whole `run.json` at every moment. */
export function writeMeta(folder: string, meta: RunMeta): void {
  replaceFileText(`${folder}/${RUN_FILES.META}`, `${JSON.stringify(meta, null, 2)}\n`);
}

function cannotWrite(path: string, why: unknown): RunError {
  return new RunError(`Cannot write a run to ${path}: ${reasonText(why)}`);
}

function cannotKeep({ trial, case: caseNumber }: TrialRecord, why: unknown): RunError {
  return new RunError(`Cannot keep trial ${trial} of case ${caseNumber}: ${reasonText(why)}`);
}
