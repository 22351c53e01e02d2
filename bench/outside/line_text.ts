import { plainText } from "../report/case_text.ts";

/** A line on a terminal that is longer than this is read by nobody. */
const MOST_CHARACTERS = 2000;

/**
 * A message for a terminal, of which parts may be from a file: on one line, without what a terminal would act on, and
 * cut in the middle where it is endless, so that what is wrong and what to do are both still there.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lineText } from "./line_text.ts";
 *
 * assertEquals(lineText("Cannot read a\n\u001b[2Jb"), "Cannot read a \ufffd[2Jb");
 * ```
 */
export function lineText(message: string): string {
  const line = plainText(message.replace(/\s*[\r\n]+\s*/g, " ")).trim();
  if (line.length <= MOST_CHARACTERS) return line;
  const half = MOST_CHARACTERS / 2 - 3;
  return `${line.slice(0, half)} ... ${line.slice(-half)}`;
}
