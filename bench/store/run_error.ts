import type * as z from "zod";

/** A run folder that cannot be written or read, in one line. */
export class RunError extends Error {
  override name = "RunError";
}

/** The first thing that a schema finds wrong, and where. */
export function issueText(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "it is damaged";
  return issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`;
}

/** What an error says, or the reason itself. */
export function reasonText(why: unknown): string {
  return why instanceof Error ? why.message : String(why);
}

/**
 * Does something with what a run folder holds. A histogram that cannot be decoded is a damaged run.
 *
 * @throws {RunError} that names it
 */
export function readableRun<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RunError(`Cannot read the run ${path}: ${error.message}`);
  }
}
