import { RecordingError } from "./recording_error.ts";

/** A line of a recording, before anything is known of its values. */
export interface RecordedLine {
  readonly format?: unknown;
  readonly dev?: unknown;
  readonly call?: unknown;
  readonly ret?: unknown;
  readonly errno?: unknown;
  readonly [key: string]: unknown;
}

/** What a recording's header names as its form; the sessions recorded before it have no name for it. */
export const RECORDING_FORMAT = "vfio-migbench/recording@1";

/** A line of a session has about 200 bytes: what is longer than this is no recording, and is not read. */
const LONGEST_LINE = 64 * 1024;
const BLOCK = 64 * 1024;
const NEWLINE = 10;

/** A line with its number in the file, from 1. */
export interface NumberedLine {
  readonly line: RecordedLine;
  readonly number: number;
}

/**
 * A recording's lines in order, a block of the file at a time, however many there are.
 *
 * @param what What is done with it, for messages: "replay"
 * @throws {RecordingError} in one line, where the file cannot be read or a line is no JSON object
 */
export async function* readRecordedLines(
  path: string,
  what: string,
): AsyncGenerator<readonly NumberedLine[]> {
  using file = await openRecording(path, what);
  const block = new Uint8Array(BLOCK + LONGEST_LINE);
  const decoder = new TextDecoder();
  let kept = 0;
  let number = 0;
  const linesOf = (text: string) => {
    const lines: NumberedLine[] = [];
    for (const one of text.split("\n")) {
      number++;
      if (one === "") continue;
      const line = parseLine(one, path, what, number);
      if (number === 1) checkFormat(line, path, what);
      lines.push({ line, number });
    }
    return lines;
  };
  for (;;) {
    const n = await file.read(block.subarray(kept, kept + BLOCK)).catch((error: unknown) => {
      throw new RecordingError(`Cannot ${what} ${path}: ${reasonOf(error)}`);
    });
    if (n === null) break;
    const length = kept + n;
    const end = block.subarray(0, length).lastIndexOf(NEWLINE);
    // Without its newline: `split` makes one line of every piece.
    if (end >= 0) yield linesOf(decoder.decode(block.subarray(0, end)));
    block.copyWithin(0, end + 1, length);
    kept = length - (end + 1);
    if (kept <= LONGEST_LINE) continue;
    throw new RecordingError(
      `Cannot ${what} ${path}: line ${number + 1} is longer than ${LONGEST_LINE} bytes`,
    );
  }
  if (kept > 0) yield linesOf(decoder.decode(block.subarray(0, kept)));
}

async function openRecording(path: string, what: string): Promise<Deno.FsFile> {
  if (!path.endsWith(".jsonl")) {
    throw new RecordingError(`Cannot ${what} ${path}: received a name that does not end in .jsonl`);
  }
  await recordedFileSize(path, path, what);
  try {
    return await Deno.open(path);
  } catch (error) {
    throw new RecordingError(`Cannot ${what} ${path}: ${reasonOf(error)}`);
  }
}

/** How many bytes one of a recording's files has. */
export async function recordedFileSize(file: string, path: string, what: string): Promise<number> {
  const of = file === path ? path : `${path}: its ${file}`;
  try {
    const info = await Deno.stat(file);
    if (info.isFile) return info.size;
  } catch (error) {
    throw new RecordingError(`Cannot ${what} ${of}: ${reasonOf(error)}`);
  }
  throw new RecordingError(`Cannot ${what} ${of}: it is not a file`);
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  return error instanceof Error ? error.message : String(error);
}

function parseLine(line: string, path: string, what: string, number: number): RecordedLine {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === "object" && entry !== null && !Array.isArray(entry)) {
      return entry as RecordedLine;
    }
  } catch {
    // Told below, with the line.
  }
  throw new RecordingError(
    `Cannot ${what} ${path}: line ${number} is not a JSON object (a truncated recording?)`,
  );
}

function checkFormat({ format }: RecordedLine, path: string, what: string): void {
  if (format === undefined || format === RECORDING_FORMAT) return;
  throw new RecordingError(
    `Cannot ${what} ${path}: received the format ${
      shown(format)
    }, expected ${RECORDING_FORMAT} (of a newer version?)`,
  );
}

/** A value of a line in a message: cut where it is long, and not gone into where it is no plain one, however deep it is. */
export function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    return Array.isArray(value) ? "a list" : "an object";
  }
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
