import { refuseIrregular } from "../../outside/mod.ts";
import { RUN_FILES, RunError } from "../../store/mod.ts";
import type { TimelineEvent } from "../../trial/mod.ts";

/** No event is nearly as long: what is, is no line of a timeline. */
const MAX_LINE_CHARACTERS = 1 << 20;

/** How the lines begin that a run writes; others are parsed to find out whose they are. */
const BEGINNING = /^\{"case":(\d+),"trial":(\d+),/;

/**
 * The timelines of some trials, by case: only their lines are parsed and kept, and no more of the file than a chunk is in
 * memory. A last line that was not written to its end is left out.
 *
 * @param folder The run folder; without a timeline in it there are none
 * @param wanted Which trial of each case
 * @throws {RunError} In one line, for a line that is no event
 */
export async function readTimelines(
  folder: string,
  wanted: ReadonlyMap<number, number>,
): Promise<Map<number, TimelineEvent[]>> {
  const timelines = new Map<number, TimelineEvent[]>();
  const take = (line: string, number: number) => {
    const [, ofCase, ofTrial] = BEGINNING.exec(line) ?? [];
    if (ofCase !== undefined && wanted.get(Number(ofCase)) !== Number(ofTrial)) return;
    const event = eventOf(line);
    if (event === undefined) {
      throw new RunError(
        `Cannot read the run ${folder}: line ${number} of ${RUN_FILES.TIMELINE} is no event`,
      );
    }
    if (wanted.get(event.case) !== event.trial) return;
    const events = timelines.get(event.case);
    if (events === undefined) timelines.set(event.case, [event]);
    else events.push(event);
  };
  try {
    await readWholeLines(`${folder}/${RUN_FILES.TIMELINE}`, take);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return timelines;
    if (error instanceof RunError || !(error instanceof Error)) throw error;
    throw new RunError(`Cannot read the run ${folder}: ${error.message}`);
  }
  return timelines;
}

/** Every line that ends in a newline, in order. Synchronous within a chunk, as there are many short ones. */
async function readWholeLines(
  path: string,
  take: (line: string, number: number) => void,
): Promise<void> {
  await refuseIrregular(path);
  const file = await Deno.open(path);
  let rest = "";
  let number = 0;
  for await (const chunk of file.readable.pipeThrough(new TextDecoderStream())) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf("\n", start);
      if (end < 0) break;
      take(rest + chunk.slice(start, end), ++number);
      rest = "";
      start = end + 1;
    }
    rest += chunk.slice(start);
    if (rest.length > MAX_LINE_CHARACTERS) {
      throw new Error(`line ${number + 1} of ${RUN_FILES.TIMELINE} has no end`);
    }
  }
}

function eventOf(line: string): TimelineEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isEvent(value) ? value : undefined;
}

function isEvent(value: unknown): value is TimelineEvent {
  return typeof value === "object" && value !== null &&
    "case" in value && typeof value.case === "number" &&
    "trial" in value && typeof value.trial === "number" &&
    "t_ms" in value && typeof value.t_ms === "number" && Number.isFinite(value.t_ms) &&
    "event" in value && typeof value.event === "string" &&
    (!("device" in value) || typeof value.device === "string");
}
