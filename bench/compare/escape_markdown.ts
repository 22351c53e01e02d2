import { plainText } from "../report/case_text.ts";

/**
 * What Markdown, GitHub's or HTML could act on: all but letters, digits and a few others. A line between letters
 * or digits is plain text, a colon acts before a slash only, a full stop after www: so names stay readable.
 */
const ACTIVE =
  /[^\p{L}\p{N} ,=/%±()+;:._-]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=\/)|(?<=www)\./giu;

/**
 * A name from a file, for a cell of a table on GitHub: as code, which turns off mentions, with everything that
 * could end the cell, start a link or be HTML as a character reference, which is never structure. Backslashes
 * would not do: a table takes them off before the text is read, and a mention ignores them.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { codeCell } from "./escape_markdown.ts";
 *
 * assertEquals(codeCell("buffer_size=1MiB"), "<code>buffer_size=1MiB</code>");
 * assertEquals(codeCell("a|b"), "<code>a&#124;b</code>");
 * ```
 */
export function codeCell(text: string): string {
  const escaped = plainText(text).trim().replace(ACTIVE, (found) => `&#${found.codePointAt(0)};`);
  return `<code>${escaped}</code>`;
}
