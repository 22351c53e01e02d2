import { mergeHistograms } from "../measure/mod.ts";
import type { TrialRecord } from "../trial/record.ts";
import { readRun } from "./read_run.ts";
import { readableRun, reasonText, RunError } from "./run_error.ts";

/** Percentile steps per halving of the distance to 100 %, as the stock tools have it. */
const TICKS_PER_HALF_DISTANCE = 5;
const NS_PER_US = 1000;
/** Names come from the run's files, and none of them leads out of the folder. */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * The percentile distributions of a run in the text form of HdrHistogram's tools (`.hgrm`), which its plotters read:
 * a text for each case and metric, by `<case>.<scenario>.<metric>`, the tag of the histogram log. Values are
 * microseconds. Histograms of trials are added up; those of trials that failed are left out.
 */
export function hgrmTexts(trials: readonly TrialRecord[]): Map<string, string> {
  const encoded = new Map<string, string[]>();
  for (const record of trials) {
    if (record.outcome !== "completed" || !record.state_verified) continue;
    for (const [metric, text] of Object.entries(record.histograms)) {
      const tag = `${record.case}.${record.scenario}.${metric}`;
      const list = encoded.get(tag);
      if (list === undefined) encoded.set(tag, [text]);
      else list.push(text);
    }
  }
  const texts = new Map<string, string>();
  for (const [tag, list] of encoded) {
    const text = mergeHistograms(list)
      ?.outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, NS_PER_US);
    if (text !== undefined) texts.set(tag, text);
  }
  return texts;
}

/**
 * Writes a run's percentile distributions into a folder, which is made where it is not there.
 *
 * @returns The files' paths, in the order of the cases
 * @throws {RunError} in one line, where the run cannot be read, has no durations, or the folder cannot be written
 */
export async function exportHgrm(run: string, folder: string): Promise<string[]> {
  const { trials } = await readRun(run);
  const texts = readableRun(run, () => hgrmTexts(trials));
  if (texts.size === 0) {
    throw new RunError(
      `Cannot write percentiles of the run ${run}: it has no durations, which trials of the wall clock have with measure=on`,
    );
  }
  const paths: string[] = [];
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const [tag, text] of texts) {
      if (!FILE_NAME.test(tag)) throw new RunError(`${JSON.stringify(tag)} is no file's name`);
      const path = `${folder}/${tag}.hgrm`;
      await Deno.writeTextFile(path, text);
      paths.push(path);
    }
  } catch (error) {
    throw new RunError(`Cannot write percentiles to ${folder}: ${reasonText(error)}`);
  }
  return paths;
}
