import { TextLineStream } from "@std/streams";

/** A line of a file, without its newline. */
export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** It is the last one and has no newline: whoever wrote it may not have come to its end. */
  readonly torn: boolean;
}

/**
 * The lines of a file of lines, in order; no more than one and a chunk are in memory.
 *
 * @throws {Deno.errors.NotFound} and the other errors of opening a file, at the first line
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  const file = await Deno.open(path);
  // TextLineStream does not tell whether the last line had a newline.
  let isEnded = true;
  const watch = new TransformStream<string, string>({
    transform(chunk, controller) {
      isEnded = chunk.endsWith("\n");
      controller.enqueue(chunk);
    },
  });
  const texts = file.readable.pipeThrough(new TextDecoderStream()).pipeThrough(watch)
    .pipeThrough(new TextLineStream());
  let number = 0;
  let held: string | undefined; // Whether it is the last one, only the next one tells.
  for await (const text of texts) {
    if (held !== undefined) yield { text: held, number, torn: false };
    held = text;
    number++;
  }
  if (held !== undefined) yield { text: held, number, torn: !isEnded };
}
