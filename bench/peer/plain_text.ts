const MOST = 300;

/**
 * Text that somebody else wrote, such that it can be printed: one line, with no control characters that a terminal
 * would take for commands, and not too long.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { plainText } from "./plain_text.ts";
 *
 * assertEquals(plainText("a\x1b[2Jb\nc"), "a [2Jb c");
 * ```
 */
export function plainText(text: string, most = MOST): string {
  // Control characters, and those that turn the direction of a line around.
  // deno-lint-ignore no-control-regex
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, " ");
  return plain.length > most ? `${plain.slice(0, most - 3)}...` : plain;
}
