/**
 * One word of a POSIX shell's command line that stands for exactly these characters.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shellQuote } from "./shell_quote.ts";
 *
 * assertEquals(shellQuote("--out=a/b.json"), "--out=a/b.json");
 * assertEquals(shellQuote("it's $HOME"), `'it'\\''s $HOME'`);
 * ```
 */
export function shellQuote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
