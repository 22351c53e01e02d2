/** Text that is HTML already. Only {@linkcode hypertext} and {@linkcode raw} make it: no text of a file is one. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What may stand in a template: nothing is written for null, undefined and false. */
export type MarkupValue =
  | Markup
  | string
  | number
  | null
  | undefined
  | false
  | readonly MarkupValue[];

/**
 * HTML (or SVG in it) from a template. Everything put in is escaped, for text and for quoted attributes alike,
 * unless it was made by this function itself.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hypertext } from "./markup.ts";
 *
 * assertEquals(hypertext`<b title="${'"'}">${"<"}</b>`.text, '<b title="&quot;">&lt;</b>');
 * ```
 */
export function hypertext(
  parts: TemplateStringsArray,
  ...values: readonly MarkupValue[]
): Markup {
  const own = unindented(parts);
  let text = own[0] ?? "";
  for (const [at, value] of values.entries()) text += markupText(value) + (own[at + 1] ?? "");
  return new Markup(text);
}

const known = new WeakMap<TemplateStringsArray, readonly string[]>();

/** A template's own parts without the indentation of the source, which would be a third of a page. */
function unindented(parts: TemplateStringsArray): readonly string[] {
  let own = known.get(parts);
  if (own === undefined) {
    own = parts.map((part) => part.replaceAll(/\s*\n\s*/g, "\n"));
    known.set(parts, own);
  }
  return own;
}

/** Takes a text as HTML. Only for what this project wrote itself: its style sheet and its script. */
export function raw(text: string): Markup {
  return new Markup(text);
}

function markupText(value: MarkupValue): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return value.map(markupText).join("");
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/**
 * A value as JSON that can stand in a `<script type="application/json">`: nothing in it ends the element or
 * begins a comment.
 */
export function jsonMarkup(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll("<", "\\u003c"));
}
