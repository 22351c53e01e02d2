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
