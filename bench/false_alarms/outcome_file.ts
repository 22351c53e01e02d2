import { parseBoundedJson, readBoundedText } from "../outside/mod.ts";
import { UsageError } from "../usage_error.ts";
import { type Kept, KeptSchema, type Setup } from "./tally.ts";
import type { Outcome } from "./one_comparison.ts";

/** Of a hundred thousand comparisons. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * The outcomes of this setup that a file has; those of another are another question. A last line that was not written to
 * its end is left out.
 *
 * @throws {UsageError} for a file of something else
 */
export async function readOutcomes(path: string, setup: Setup): Promise<Outcome[]> {
  const wanted = JSON.stringify(setup);
  const lines = (await textOf(path)).split("\n");
  // After the last newline stands what was being written when the file was last written to.
  const rest = lines.pop();
  if (rest !== undefined && rest !== "") await Deno.writeTextFile(path, endedLines(lines));
  return lines.flatMap((line, at) => {
    const { setup: found, ...outcome } = parse(path, line, at + 1);
    return JSON.stringify(found) === wanted ? [outcome] : [];
  });
}

/** Adds a line to the file. */
export function keepOutcome(path: string, kept: Kept): void {
  Deno.writeTextFileSync(path, `${JSON.stringify(kept)}\n`, { append: true });
}

function endedLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

async function textOf(path: string): Promise<string> {
  try {
    return await readBoundedText(path, MOST_BYTES);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Cannot read ${path}: ${error.message}`);
  }
}

function parse(path: string, line: string, number: number): Kept {
  try {
    return KeptSchema.parse(parseBoundedJson(line));
  } catch {
    throw new UsageError(
      `Cannot go on with ${path}: line ${number} is no outcome, name another file`,
    );
  }
}
