import { decodeHistogram } from "../measure/mod.ts";
import type { TimelineEvent, TrialRecord } from "../trial/record.ts";
import type { Environment } from "./environment.ts";
import { issueText, RunError } from "./run_error.ts";
import { type CaseMeta, RUN_SCHEMA, type RunMeta, TrialRecordSchema } from "./run_schema.ts";

/** A run folder that is being written. */
export interface Run {
  readonly path: string;
  readonly meta: RunMeta;
  readonly startedMs: number;
}

export interface CreateRunOptions {
  /** Where run folders land. */
  readonly root: string;
  /** The run folder itself, where the user names one. */
  readonly out?: string;
  readonly name: string;
  readonly seed: number;
  readonly environment: Environment;
  readonly cases: readonly CaseMeta[];
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
  const startedMs = Date.now();
  const { name, seed, environment, cases } = options;
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
  };
  const run = { path, meta, startedMs };
  writeMeta(run, meta);
  append(run, RUN_FILES.TRIALS, "");
  append(run, RUN_FILES.TIMELINE, "");
  append(run, RUN_FILES.HISTOGRAMS, hlogHeader(startedMs));
  return run;
}

/**
 * Adds a trial that has ended, and what happened in it.
 *
 * @throws {RunError} for a record that could not be read back, such as one with a number that JSON does
 * not have; nothing is written of it
 */
export function appendTrial(
  run: Run,
  record: TrialRecord,
  timeline: readonly TimelineEvent[],
): void {
  const { error } = TrialRecordSchema.safeParse(record);
  if (error !== undefined) {
    throw new RunError(
      `Cannot keep trial ${record.trial} of case ${record.case}: ${issueText(error)}`,
    );
  }
  append(run, RUN_FILES.TIMELINE, timeline.map((event) => `${JSON.stringify(event)}\n`).join(""));
  append(run, RUN_FILES.HISTOGRAMS, hlogLines(run, record));
  append(run, RUN_FILES.TRIALS, `${JSON.stringify(record)}\n`);
}

/** Marks the run as ended; `complete` false where it was interrupted. */
export function finishRun(run: Run, complete: boolean): void {
  writeMeta(run, { ...run.meta, complete, finished_at: new Date().toISOString() });
}

/** In a file of its own first, so that there is a whole `run.json` at every moment. */
function writeMeta({ path }: Run, meta: RunMeta): void {
  const whole = `${path}/${RUN_FILES.META}`;
  Deno.writeTextFileSync(`${whole}.tmp`, `${JSON.stringify(meta, null, 2)}\n`);
  Deno.renameSync(`${whole}.tmp`, whole);
}

function append({ path }: Run, file: string, text: string): void {
  Deno.writeTextFileSync(`${path}/${file}`, text, { append: true });
}

/** UTC, to the second, without what file systems dislike: 20261121T024500Z. */
function folderTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "");
}

function makeNewFolder(root: string, name: string): string {
  Deno.mkdirSync(root, { recursive: true });
  const base = root.endsWith("/") ? root : `${root}/`;
  for (let n = 1;; n++) {
    const path = n === 1 ? `${base}${name}` : `${base}${name}-${n}`;
    try {
      Deno.mkdirSync(path);
      return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw cannotMake(path, error);
    }
  }
}

function makeNamedFolder(path: string): string {
  try {
    Deno.mkdirSync(path, { recursive: true });
    if ([...Deno.readDirSync(path)].length === 0) return path;
  } catch (error) {
    throw cannotMake(path, error);
  }
  throw new RunError(
    `Cannot write a run to ${path}: there is something in it, name an empty folder`,
  );
}

function cannotMake(path: string, error: unknown): RunError {
  return new RunError(
    `Cannot write a run to ${path}: ${error instanceof Error ? error.message : String(error)}`,
  );
}

/** The head of an HdrHistogram log, as the stock tools expect it. */
function hlogHeader(startedMs: number): string {
  const seconds = (startedMs / 1000).toFixed(3);
  return [
    "#[Durations of single buffers in nanoseconds; the interval's maximum in milliseconds]",
    "#[Histogram log format version 1.3]",
    `#[StartTime: ${seconds} (seconds since epoch), ${new Date(startedMs).toISOString()}]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    "",
  ].join("\n");
}

const NS_PER_MS = 1e6;

/** One tagged interval for each histogram of the trial. */
function hlogLines(run: Run, record: TrialRecord): string {
  const startS = ((record.started_at_ms ?? run.startedMs) - run.startedMs) / 1000;
  const lengthS = (record.metrics.total_time_ms ?? 0) / 1000;
  return Object.entries(record.histograms).map(([metric, encoded]) => {
    const max_ms = decodeHistogram(encoded).maxValue / NS_PER_MS;
    const tag = `${record.case}.${record.scenario}.${metric}`;
    return `Tag=${tag},${startS.toFixed(3)},${lengthS.toFixed(3)},${
      max_ms.toFixed(3)
    },${encoded}\n`;
  }).join("");
}
