/**
 * Files that only grow, of which a kill at any moment leaves nothing that the next reader or writer could take for
 * something else.
 *
 * @module
 */

const encoder = new TextEncoder();
const COMMENT = encoder.encode("#");

/** A file that is open to be added to. */
export interface AppendFile {
  readonly file: Deno.FsFile;
  /** Where the whole of what was added ends, in bytes. */
  end: number;
}

/** Opens a file to add to its end; makes it where it is not there. */
export function openToAppend(path: string): AppendFile {
  const file = Deno.openSync(path, { write: true, create: true });
  return { file, end: file.seekSync(0, Deno.SeekMode.End) };
}

/**
 * Adds text, all of it or nothing: what a full disk took of it is cut off again, so that nothing is ever
 * written behind half a line. Written when it returns: a kill after that loses nothing of it.
 */
export function appendText(target: AppendFile, text: string): void {
  target.end += write(target, encoder.encode(text));
}

/**
 * Adds lines to a file in which lines that begin with `#` are comments, such that no reader ever meets a
 * part of one: each is written as a comment, and becomes itself by its first byte once it is there whole.
 */
export function appendLinesWhole(target: AppendFile, lines: readonly string[]): void {
  const encoded = lines.map((line) => encoder.encode(`${line}\n`));
  const all = new Uint8Array(encoded.reduce((sum, line) => sum + line.length, 0));
  const starts: number[] = [];
  let at = 0;
  for (const line of encoded) {
    all.set(line, at);
    all.set(COMMENT, at);
    starts.push(at);
    at += line.length;
  }
  write(target, all);
  for (const [i, start] of starts.entries()) {
    target.file.seekSync(target.end + start, Deno.SeekMode.Start);
    target.file.writeSync((encoded[i] ?? COMMENT).subarray(0, 1));
  }
  target.end += all.length;
}

/** Writes behind the end, which stays where it is; how many bytes. */
function write({ file, end }: AppendFile, bytes: Uint8Array): number {
  try {
    file.seekSync(end, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
  } catch (error) {
    // What is behind the end is written over by the next one, but until then it could be read.
    try {
      file.truncateSync(end);
    } catch {
      // The first error says why.
    }
    throw error;
  }
  return bytes.length;
}
