import { PeerError } from "./peer_error.ts";
import { type PeerSocket, readSome } from "./peer_socket.ts";
import { WAITS } from "./waits.ts";

/** What a peer may say at once, and how long it may take for it. */
export interface LineLimits {
  /** The longest line, in bytes, without its end. */
  readonly most_bytes: number;
  /** How deep its brackets may go. */
  readonly most_depth: number;
  /** How long it may say nothing. */
  readonly silence_ms: number;
  /** How long a line may take, from its first byte on; and how long it may leave unread what it is told. */
  readonly line_ms: number;
}

/** More than any case or report needs, and nothing to a machine that has a migration's state in memory. */
export const LINE_LIMITS: LineLimits = {
  most_bytes: 1024 * 1024,
  most_depth: 32,
  silence_ms: WAITS.silence_ms,
  line_ms: WAITS.line_ms,
};

const NEWLINE = 0x0a;
const CHUNK = 16 * 1024;

/** Reads JSON lines of a socket, one after the other. */
export interface LineReader {
  /** The next line's value, of which nothing but its JSON is known. */
  next(): Promise<unknown>;
}

/**
 * A reader that holds no more than a line, and grows with what has come, not with what may come.
 *
 * @throws {PeerError} by `next`: for a line that is too long or too deep or no JSON, and for a peer that is late
 * or gone. Nothing is to be read after that
 */
export function createLineReader(
  socket: PeerSocket,
  limits: LineLimits = LINE_LIMITS,
): LineReader {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const refuse = (why: string) => new PeerError("garbage", `${socket.name} sent ${why}`);

  async function nextText(): Promise<string> {
    const parts: Uint8Array[] = [];
    let length = 0;
    let until_ms = performance.now() + limits.silence_ms;
    for (;;) {
      if (socket.start === socket.end) await readSome(socket, CHUNK, until_ms);
      if (length === 0) until_ms = performance.now() + limits.line_ms;
      const { bytes } = socket.chunk;
      const end = bytes.subarray(socket.start, socket.end).indexOf(NEWLINE);
      const stop = end < 0 ? socket.end : socket.start + end;
      length += stop - socket.start;
      if (length > limits.most_bytes) {
        throw refuse(`a line of more than ${limits.most_bytes} bytes`);
      }
      parts.push(bytes.slice(socket.start, stop));
      socket.start = end < 0 ? socket.end : stop + 1;
      if (end >= 0) break;
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    try {
      return decoder.decode(whole);
    } catch {
      throw refuse("a line that is not UTF-8");
    }
  }

  return {
    async next() {
      const text = await nextText();
      if (depthOf(text) > limits.most_depth) {
        throw refuse(`JSON that is nested more than ${limits.most_depth} deep`);
      }
      try {
        return JSON.parse(text);
      } catch {
        throw refuse("a line that is no JSON");
      }
    },
  };
}

/** How deep the brackets of a JSON text go; of text that is none, anything. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (isInString) {
      if (char === "\\") i++;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === "[" || char === "{") deepest = Math.max(deepest, ++depth);
    else if (char === "]" || char === "}") depth--;
  }
  return deepest;
}
