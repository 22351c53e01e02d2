import type { TimelineEvent, TrialRecord } from "../trial/record.ts";
import type { Environment } from "./environment.ts";
import { histogramLogHeader, histogramLogLines } from "./histogram_log.ts";
import { issueText, reasonText, RunError } from "./run_error.ts";
import {
  type CaseMeta,
  type ExpectationMeta,
  RUN_SCHEMA,
  type RunMeta,
  type RunOrigin,
  TrialRecordSchema,
} from "./run_schema.ts";

/** A run folder that is being written. */
export interface Run {
  readonly path: string;
  /** As it was when the run began. */
  readonly meta: RunMeta;
  /** UTC, milliseconds since the epoch. */
  readonly startedMs: number;
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
  /** When it began, in milliseconds since the epoch: an imported one did before it is written. Now, unless given. */
  readonly startedMs?: number;
  /** Where it was imported from. */
  readonly origin?: RunOrigin;
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
 * a kill at any moment leaves a folder that can be read.
 *
 * @throws {RunError} where the folder is not empty or cannot be made
 */
export function createRun(options: CreateRunOptions): Run {
  const startedMs = options.startedMs ?? Date.now();
  const { name, seed, environment, cases, expect } = options;
  const path = options.out === undefined
    ? makeNewFolder(options.root, `${folderTime(startedMs)}-${name}`)
    : makeNamedFolder(options.out);
  const meta: RunMeta = {
    schema: RUN_SCHEMA,
    complete: false,
    name,
    seed,
    started_at: new Date(startedMs).toISOString(),
    finished_at: null,
    environment,
    cases: [...cases],
    expect: [...expect],
    ...(options.origin === undefined ? {} : { origin: options.origin }),
  };
  const run = { path, meta, startedMs };
  // run.json first: a folder without it is no run, one without the others has no trials yet.
  writeMeta(run, meta);
  append(run, RUN_FILES.TRIALS, "");
  append(run, RUN_FILES.TIMELINE, "");
  append(run, RUN_FILES.HISTOGRAMS, histogramLogHeader(startedMs));
  return run;
}

/**
 * Adds a trial that has ended, and what happened in it.
 *
 * @throws {RunError} for a record that could not be read back, such as one with a number that JSON does
 * not have: nothing is written of it. And where the disk does not take it
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
  const events = timeline.map((event) => `${JSON.stringify(event)}\n`).join("");
  let intervals: string;
  try {
    intervals = histogramLogLines(record, run.startedMs);
  } catch (error) {
    throw cannotKeep(record, error);
  }
  // The record last: a trial that has one has the rest too.
  append(run, RUN_FILES.TIMELINE, events);
  append(run, RUN_FILES.HISTOGRAMS, intervals);
  append(run, RUN_FILES.TRIALS, `${JSON.stringify(record)}\n`);
}

/**
 * Marks the run as ended; `complete` false where it was interrupted.
 *
 * @throws {RunError} where the disk does not take it; the folder then says that it is not complete
 */
export function finishRun(run: Run, complete: boolean): void {
  writeMeta(run, { ...run.meta, complete, finished_at: new Date().toISOString() });
}

/** In a file of its own first, so that there is a whole `run.json` at every moment. */
function writeMeta({ path }: Run, meta: RunMeta): void {
  const whole = `${path}/${RUN_FILES.META}`;
  try {
    Deno.writeTextFileSync(`${whole}.tmp`, `${JSON.stringify(meta, null, 2)}\n`);
    Deno.renameSync(`${whole}.tmp`, whole);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Written when it returns: a kill after that loses nothing of it. */
function append({ path }: Run, file: string, text: string): void {
  try {
    Deno.writeTextFileSync(`${path}/${file}`, text, { append: true });
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** UTC, to the second, without what file systems dislike: 20261121T024500Z. */
function folderTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "");
}

function makeNewFolder(root: string, name: string): string {
  try {
    Deno.mkdirSync(root, { recursive: true });
  } catch (error) {
    throw cannotWrite(root, error);
  }
  const base = root.endsWith("/") ? root : `${root}/`;
  for (let n = 1;; n++) {
    const path = n === 1 ? `${base}${name}` : `${base}${name}-${n}`;
    try {
      Deno.mkdirSync(path);
      return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw cannotWrite(path, error);
    }
  }
}

function makeNamedFolder(path: string): string {
  let isEmpty: boolean;
  try {
    Deno.mkdirSync(path, { recursive: true });
    isEmpty = [...Deno.readDirSync(path)].length === 0;
  } catch (error) {
    throw cannotWrite(path, error);
  }
  if (!isEmpty) throw cannotWrite(path, "there is something in it, name an empty folder");
  return path;
}

function cannotWrite(path: string, why: unknown): RunError {
  return new RunError(`Cannot write a run to ${path}: ${reasonText(why)}`);
}

function cannotKeep({ trial, case: caseNumber }: TrialRecord, why: unknown): RunError {
  return new RunError(`Cannot keep trial ${trial} of case ${caseNumber}: ${reasonText(why)}`);
}
