/** How deep JSON from outside may be nested. The deepest that this project writes has ten levels. */
export const JSON_DEPTH = 64;

const QUOTE = 34;
const BACKSLASH = 92;
const SLASH = 47;
const STAR = 42;
const NEWLINE = 10;
const RETURN = 13;

/**
 * Refuses JSON, or JSONC, that is nested deeper than anybody writes. JSON.parse takes any depth; what goes through
 * its result afterwards, as JSON.stringify does, runs out of stack.
 *
 * @throws {SyntaxError} with the reason and where
 */
export function refuseDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case SLASH:
        at = endOfComment(text, at);
        break;
      case 91: // [
      case 123: // {
        if (++depth > JSON_DEPTH) {
          throw new SyntaxError(`more than ${JSON_DEPTH} levels of nesting at position ${at}`);
        }
        break;
      case 93: // ]
      case 125: // }
        depth--;
    }
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at;
  }
  return text.length;
}

/** Where a comment ends that begins here; a slash that begins none is an error that the parser tells. */
function endOfComment(text: string, start: number): number {
  const next = text.charCodeAt(start + 1);
  if (next === STAR) {
    const end = text.indexOf("*/", start + 2);
    return end < 0 ? text.length : end + 1;
  }
  if (next !== SLASH) return start;
  for (let at = start + 2; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || code === RETURN) return at;
  }
  return text.length;
}

/**
 * JSON that is not nested deeper than {@linkcode JSON_DEPTH}.
 *
 * @throws {SyntaxError} for what is none, or too deep
 */
export function parseBoundedJson(text: string): unknown {
  refuseDepth(text);
  return JSON.parse(text);
}
