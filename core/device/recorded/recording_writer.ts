import {
  close,
  ERRNO,
  errnoMessage,
  errnoName,
  OPEN,
  open,
  type Region,
  regionOf,
  write,
} from "../../libc/mod.ts";
import { type LineBuffer, putNewline } from "./line_buffer.ts";
import { RecordingError } from "../replayed/recording_error.ts";
import { RECORDING_FORMAT } from "../replayed/recording_lines.ts";

/** What a recording says of itself in its first line. */
export interface RecordingHeader {
  /** Which devices are in it. */
  readonly src?: string;
  readonly dst?: string;
  /** How much one read asks for at most, in bytes. */
  readonly chunk: number;
  /** Whether the bytes are in a file beside it; if not, a replay makes them up from the seed. */
  readonly data: "file" | "omitted";
  readonly seed: number;
}

/**
 * Writes a recording as it is made: lines into a buffer that is written when it is full, bytes straight from
 * where they were read. Once a write fails nothing more is written, and {@linkcode RecordingWriter.failure} says
 * why; the device that is recorded notices nothing.
 */
export interface RecordingWriter {
  readonly path: string;
  readonly linesFd: number;
  /** -1 where bytes are left out. */
  readonly dataFd: number;
  /** What is not written yet, and where it lies. */
  readonly lines: LineBuffer;
  readonly linesPointer: Deno.PointerObject;
  calls: number;
  bytes: number;
  failure: string | null;
  closed: boolean;
}

const BUFFER = 64 * 1024;
/** More than any line has. */
const ROOM = 4 * 1024;
const encoder = new TextEncoder();

/**
 * Makes the files of a recording: `NAME.jsonl` and, with data, `NAME.bin`. Neither may be there already.
 *
 * @param name The path without a suffix
 * @throws {RecordingError} in one line, with no file left behind
 */
export function createRecordingWriter(name: string, header: RecordingHeader): RecordingWriter {
  const path = `${name}.jsonl`;
  const linesFd = createFile(path);
  let dataFd = -1;
  try {
    if (header.data === "file") dataFd = createFile(`${name}.bin`);
  } catch (error) {
    close(linesFd);
    Deno.removeSync(path);
    throw error;
  }
  const region = regionOf(new ArrayBuffer(BUFFER));
  const writer: RecordingWriter = {
    path,
    linesFd,
    dataFd,
    lines: { bytes: region.bytes, used: 0 },
    linesPointer: region.pointer,
    calls: 0,
    bytes: 0,
    failure: null,
    closed: false,
  };
  writeLine(
    writer,
    JSON.stringify({ format: RECORDING_FORMAT, realtime: Date.now() / 1e3, ...header }),
  );
  return writer;
}

/** Adds a line. Only the header is a string: a call's line is put together in the buffer. */
function writeLine(writer: RecordingWriter, line: string): void {
  beginLine(writer);
  const { lines } = writer;
  lines.used += encoder.encodeInto(line, lines.bytes.subarray(lines.used)).written;
  putNewline(lines);
}

/** Makes room for a line, which is then put into `lines`. Where nothing can be written any more it goes nowhere. */
export function beginLine(writer: RecordingWriter): void {
  if (writer.lines.used + ROOM > BUFFER) flushLines(writer);
}

/** Adds the region's first `length` bytes, where bytes are kept. */
export function writeBytes(writer: RecordingWriter, region: Region, length: number): void {
  writer.bytes += length;
  if (writer.dataFd < 0 || writer.failure !== null || writer.closed) return;
  let n = write(writer.dataFd, region.pointer, length);
  // A file takes less only where it then takes nothing: asked again for what is left, it says why.
  if (n >= 0 && n < length) {
    const rest = regionOf(region.bytes.slice(n, length).buffer);
    const more = write(writer.dataFd, rest.pointer, length - n);
    n = more === length - n ? length : more < 0 ? more : -ERRNO.ENOSPC;
  }
  if (n < 0) fail(writer, n);
}

/** Writes what is still in the buffer. */
export function flushLines(writer: RecordingWriter): void {
  const { linesFd, lines, linesPointer } = writer;
  const { used } = lines;
  lines.used = 0;
  if (used === 0 || writer.failure !== null || writer.closed) return;
  const n = write(linesFd, linesPointer, used);
  if (n !== used) fail(writer, n < 0 ? n : -ERRNO.ENOSPC);
}

/** Writes what is left and closes the files; again does nothing. Afterwards `failure` is the last word. */
export function closeRecordingWriter(writer: RecordingWriter): void {
  if (writer.closed) return;
  flushLines(writer);
  writer.closed = true;
  for (const fd of [writer.linesFd, writer.dataFd]) {
    const result = fd < 0 ? 0 : close(fd);
    // Some file systems say only here that there was no room.
    if (result < 0) fail(writer, result);
  }
}

/** Removes the files of a recording that came to nothing. */
export function removeRecording(writer: RecordingWriter): void {
  closeRecordingWriter(writer);
  Deno.removeSync(writer.path);
  if (writer.dataFd >= 0) Deno.removeSync(writer.path.replace(/\.jsonl$/, ".bin"));
}

function fail(writer: RecordingWriter, errno: number): void {
  writer.failure ??= `Cannot record to ${writer.path}: ${errnoName(-errno)} (${
    errnoMessage(-errno)
  })`;
}

function createFile(path: string): number {
  const fd = open(path, OPEN.O_WRONLY | OPEN.O_CREAT | OPEN.O_EXCL | OPEN.O_CLOEXEC);
  if (fd >= 0) return fd;
  const why = fd === -ERRNO.EEXIST
    ? "there is such a file already, remove it or give another name"
    : `${errnoName(-fd)} (${errnoMessage(-fd)})`;
  throw new RecordingError(`Cannot record to ${path}: ${why}`);
}
