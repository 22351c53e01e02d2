import { parseBoundedJson, readBoundedText } from "../outside/mod.ts";
import type { TrialRecord } from "../trial/record.ts";
import { type Line, readLines } from "./read_lines.ts";
import { issueText, reasonText, RunError } from "./run_error.ts";
import { RUN_SCHEMA, type RunMeta, RunMetaSchema, TrialRecordSchema } from "./run_schema.ts";
import { RUN_FILES } from "./write_run.ts";

/** A run as it stands in its folder, complete or not. */
export interface StoredRun {
  readonly meta: RunMeta;
  readonly trials: readonly TrialRecord[];
  /** Last lines that were not whole, because the run was killed while it wrote: they are left out. */
  readonly tornLines: number;
}

/** 4096 cases of 64 devices have less. */
const MOST_META_BYTES = 256 * 1024 * 1024;

/** Reads a run folder. @throws {RunError} in one line, for what is not a run or is damaged */
export async function readRun(path: string): Promise<StoredRun> {
  const meta = await readMeta(path);
  const cases = new Set(meta.cases.map((one) => one.index));
  const trials: TrialRecord[] = [];
  let tornLines = 0;
  try {
    for await (const line of readLines(`${path}/${RUN_FILES.TRIALS}`)) {
      const data = parseJson(line.text);
      // No beginning of a JSON object is JSON: what parses was written whole.
      if (data === undefined && line.torn) tornLines++;
      else trials.push(trialOf(line, data, cases));
    }
  } catch (error) {
    // Killed between writing run.json and this file, there is no trial.
    const isKilled = error instanceof Deno.errors.NotFound && !meta.complete;
    if (!isKilled) throw cannotRead(path, error);
  }
  return { meta, trials, tornLines };
}

/** Reads `run.json` alone. @throws {RunError} in one line, for what is not a run */
export async function readMeta(path: string): Promise<RunMeta> {
  let text: string;
  try {
    text = await readBoundedText(`${path}/${RUN_FILES.META}`, MOST_META_BYTES);
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    throw cannotRead(
      path,
      isAbsent
        ? `there is no ${RUN_FILES.META} in it, name a folder that deno task bench wrote`
        : error,
    );
  }
  let data: unknown;
  try {
    data = parseBoundedJson(text);
  } catch (error) {
    throw cannotRead(path, `${RUN_FILES.META} is not JSON (${reasonText(error)})`);
  }
  const schema = typeof data === "object" && data !== null && "schema" in data
    ? data.schema
    : undefined;
  if (schema !== RUN_SCHEMA) {
    const format = JSON.stringify(schema) ?? "unknown";
    throw cannotRead(path, `it is of format ${format}, this reads ${RUN_SCHEMA}`);
  }
  const { success, data: meta, error } = RunMetaSchema.safeParse(data);
  if (success) return meta;
  throw cannotRead(path, `${RUN_FILES.META}: ${issueText(error)}`);
}

function trialOf({ number }: Line, data: unknown, cases: ReadonlySet<number>): TrialRecord {
  const at = `line ${number} of ${RUN_FILES.TRIALS}`;
  if (data === undefined) throw new RunError(`${at} is not JSON`);
  const { success, data: record, error } = TrialRecordSchema.safeParse(data);
  if (!success) throw new RunError(`${at} is no trial: ${issueText(error)}`);
  if (!cases.has(record.case)) {
    throw new RunError(`${at} is of case ${record.case}, which ${RUN_FILES.META} does not have`);
  }
  return record;
}

/** undefined for what is not JSON, which no JSON is. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function cannotRead(path: string, why: unknown): RunError {
  return new RunError(`Cannot read the run ${path}: ${reasonText(why)}`);
}
