import { z } from "zod";
import { readLines } from "../store/read_lines.ts";
import { parseJson } from "../store/read_run.ts";
import { RunError } from "../store/mod.ts";
import { RIVAL_NAMES } from "./point.ts";

/** In a run folder: what the rivals of its trials measured, a line for each, and which of them were not there. */
export const CEILING_FILE = "ceiling.jsonl";

const against = z.enum(RIVAL_NAMES);
const RivalTrialSchema = z.strictObject({
  case: z.int().min(0),
  trial: z.int().min(0),
  against,
  bytes_per_s: z.number().positive(),
});
const NotComparedSchema = z.strictObject({ against, not_compared: z.string() });
const LineSchema = z.union([RivalTrialSchema, NotComparedSchema]);

/** A rival's throughput in the round of a trial. */
export type RivalTrial = Readonly<z.infer<typeof RivalTrialSchema>>;
/** A rival that was not there, and why. */
export type NotCompared = Readonly<z.infer<typeof NotComparedSchema>>;

/** All that a run folder has of rivals. */
export interface RivalTrials {
  readonly trials: readonly RivalTrial[];
  readonly notCompared: readonly NotCompared[];
}

/** Adds a line to the file. */
export function appendCeiling(folder: string, line: RivalTrial | NotCompared): void {
  const text = `${JSON.stringify(line)}\n`;
  Deno.writeTextFileSync(`${folder}/${CEILING_FILE}`, text, { append: true });
}

/**
 * What a run folder has of rivals; nothing where it has no such file. A last line that was being written when the run
 * was killed is left out.
 *
 * @throws {RunError} in one line, for a file that is damaged
 */
export async function readRivalTrials(folder: string): Promise<RivalTrials> {
  const trials: RivalTrial[] = [];
  const notCompared: NotCompared[] = [];
  try {
    for await (const { text, number, torn } of readLines(`${folder}/${CEILING_FILE}`)) {
      const data = parseJson(text);
      if (data === undefined && torn) continue;
      const { success, data: line } = LineSchema.safeParse(data);
      if (!success) {
        const what = `line ${number} of ${CEILING_FILE} is nothing that a rival measured`;
        throw new RunError(`Cannot read the run ${folder}: ${what}`);
      }
      if ("not_compared" in line) notCompared.push(line);
      else trials.push(line);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return { trials, notCompared };
}
