import { refuseIrregular } from "../outside/mod.ts";

/** A line of a file, without its newline. */
export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** It is the last one and has no newline: whoever wrote it may not have come to its end. */
  readonly torn: boolean;
}

/** In characters. A trial's line has tens of thousands; one with a hundred thousand estimates has two million. */
const LONGEST_LINE = 64 * 1024 * 1024;
const BLOCK_BYTES = 256 * 1024;

/**
 * The lines of a file of lines, in order; no more than one and a block are in memory. An empty last line is none.
 *
 * @param longest The most characters that a line may have
 * @throws {Deno.errors.NotFound} and the other errors of opening a file, at the first line
 * @throws {Error} with the reason alone, for what is no regular file, or a line that is longer
 */
export async function* readLines(path: string, longest = LONGEST_LINE): AsyncGenerator<Line> {
  await refuseIrregular(path);
  using file = await Deno.open(path);
  const decoder = new TextDecoder();
  const block = new Uint8Array(BLOCK_BYTES);
  // The beginning of a line whose end has not come, in the pieces that it came in.
  let pieces: string[] = [];
  let held = 0;
  let number = 0;
  for (;;) {
    const n = await file.read(block);
    const text = n === null ? decoder.decode() : decoder.decode(block.subarray(0, n), STREAM);
    let start = 0;
    for (;;) {
      const end = text.indexOf("\n", start);
      if (end < 0) break;
      const line = pieces.join("") + text.slice(start, end);
      pieces = [];
      held = 0;
      yield { text: withoutReturn(line), number: ++number, torn: false };
      start = end + 1;
    }
    if (start < text.length) {
      pieces.push(text.slice(start));
      held += text.length - start;
    }
    if (held > longest) throw new Error(`line ${number + 1} is longer than ${longest} characters`);
    if (n === null) break;
  }
  if (held > 0) yield { text: pieces.join(""), number: number + 1, torn: true };
}

const STREAM = { stream: true } as const;

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
