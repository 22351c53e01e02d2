import type { z } from "zod";
import { lineText } from "../outside/mod.ts";

/**
 * A scenario, an override or a mix of them that cannot be used. The message is ONE line that says what,
 * why and what to do next; the command line prints it as it is and exits with 2.
 */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";

  constructor(message: string, options?: ErrorOptions) {
    // Whatever a file or a system put into a message, it stays one line that can be read.
    super(lineText(message), options);
  }
}

/** The value as it stands in the file, cut where it is long. */
export function showValue(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "number" ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `["devices", 0, "dirty_rate"]` as `devices[0].dirty_rate`. */
export function showPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? String(step) : `.${String(step)}`;
  }
  return text;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

/**
 * What zod found wrong with a file, as one line. The first thing is told and no more: the others are
 * often its consequences. A key that does not exist goes first, for the missing key it was meant to be
 * would only repeat it.
 *
 * @param data what was given to the schema.
 * @param where the file, as the user named it.
 */
export function errorOfIssues(
  issues: readonly z.core.$ZodIssue[],
  data: unknown,
  where: string,
): ScenarioError {
  const issue = issues.find((one) => one.code === "unrecognized_keys") ?? issues[0];
  if (issue === undefined) throw new TypeError("Cannot describe issues: received none");
  if (issue.code === "unrecognized_keys") {
    // The message of this code is the nearest key: see strictObject in fields.ts.
    const key = showPath([...issue.path, issue.keys[0] ?? ""]);
    const nearest = showPath([...issue.path, issue.message]);
    return new ScenarioError(
      `Cannot use ${key} in ${where}: no such key, did you mean ${nearest}?`,
    );
  }
  const received = showValue(valueAt(data, issue.path));
  const what = issue.path.length === 0 ? where : `${showPath(issue.path)} in ${where}`;
  return new ScenarioError(`Cannot use ${what}: received ${received}, ${issue.message}`);
}
