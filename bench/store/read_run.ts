import { TextLineStream } from "@std/streams";
import type * as z from "zod";
import type { TrialRecord } from "../trial/record.ts";
import { RunError } from "./run_error.ts";
import { RUN_SCHEMA, type RunMeta, RunMetaSchema, TrialRecordSchema } from "./run_schema.ts";
import { RUN_FILES } from "./write_run.ts";

/** A run as it stands in its folder, complete or not. */
export interface StoredRun {
  readonly meta: RunMeta;
  readonly trials: readonly TrialRecord[];
  /** Last lines that were not whole, because the run was killed while it wrote: they are left out. */
  readonly tornLines: number;
}

/** Reads a run folder. @throws {RunError} in one line, for what is not a run or is damaged */
export async function readRun(path: string): Promise<StoredRun> {
  const meta = await readMeta(path);
  const trials: TrialRecord[] = [];
  let lineNumber = 0;
  let torn: string | null = null;
  for await (const line of readLines(`${path}/${RUN_FILES.TRIALS}`)) {
    if (torn !== null) throw new RunError(torn);
    lineNumber++;
    if (line === "") continue;
    const record = parseLine(line);
    // Only the last line may be torn; whether this is it, the next one tells.
    if (record === undefined) {
      torn = `Cannot read the run ${path}: line ${lineNumber} of ${RUN_FILES.TRIALS} is no trial`;
    } else trials.push(record);
  }
  return { meta, trials, tornLines: torn === null ? 0 : 1 };
}

async function readMeta(path: string): Promise<RunMeta> {
  let text: string;
  try {
    text = await Deno.readTextFile(`${path}/${RUN_FILES.META}`);
  } catch {
    throw new RunError(
      `Cannot read the run ${path}: there is no ${RUN_FILES.META} in it, name a folder that deno task bench wrote`,
    );
  }
  const data = parseJson(text);
  const schema = typeof data === "object" && data !== null && "schema" in data
    ? data.schema
    : undefined;
  if (schema !== RUN_SCHEMA) {
    throw new RunError(
      `Cannot read the run ${path}: it is of format ${
        JSON.stringify(schema)
      }, this reads ${RUN_SCHEMA}`,
    );
  }
  const result = RunMetaSchema.safeParse(data);
  if (result.success) return result.data;
  throw new RunError(`Cannot read the run ${path}: ${RUN_FILES.META}: ${issueText(result.error)}`);
}

function parseLine(line: string): TrialRecord | undefined {
  const result = TrialRecordSchema.safeParse(parseJson(line));
  return result.success ? result.data : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function issueText(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? "it is damaged" : `${issue.path.join(".")}: ${issue.message}`;
}

async function* readLines(path: string): AsyncGenerator<string> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch {
    return; // Killed before the first trial.
  }
  const lines = file.readable.pipeThrough(new TextDecoderStream()).pipeThrough(
    new TextLineStream(),
  );
  for await (const line of lines) yield line;
}
