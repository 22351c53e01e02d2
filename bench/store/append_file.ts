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
  const bytes = encoder.encode(text);
  wholeOrNothing(target, () => writeAt(target.file, target.end, bytes));
  target.end += bytes.length;
}

/**
 * Adds lines to a file in which lines that begin with `#` are comments, such that no reader ever meets a
 * part of one: each is written as a comment, and becomes itself by its first byte once it is there whole.
 */
export function appendLinesWhole(target: AppendFile, lines: readonly string[]): void {
  const { file, end } = target;
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
  wholeOrNothing(target, () => {
    writeAt(file, end, all);
    for (const [i, line] of encoded.entries()) {
      writeAt(file, end + (starts[i] ?? 0), line.subarray(0, 1));
    }
  });
  target.end += all.length;
}

/** What was written behind the end is cut off again where not all of it could be. */
function wholeOrNothing({ file, end }: AppendFile, write: () => void): void {
  try {
    write();
  } catch (error) {
    try {
      file.truncateSync(end);
    } catch {
      // The first error says why.
    }
    throw error;
  }
}

function writeAt(file: Deno.FsFile, offset: number, bytes: Uint8Array): void {
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
}
