import {
  close,
  dup,
  ERRNO,
  OPEN,
  open,
  pread,
  pwrite,
  type Region,
  regionOf,
} from "../../libc/mod.ts";

/**
 * A recording's calls in order, in a form that a replay can go through without parsing anything: rows of
 * numbers in a file that has no name any more. A session of millions of calls costs no memory this way.
 *
 *     fd     | row 0 | row 1 | ...                                | row count - 1 |
 *                                | first ..... WINDOW rows |
 *     a CallReader holds                 these
 */
export interface CallIndex {
  readonly fd: number;
  readonly count: number;
}

/** What the first field of a row can be. */
export const CALL = { STATE: 1, INFO: 2, SIZE: 3, READ: 4 } as const;
export type CallKind = typeof CALL[keyof typeof CALL];

/** The fields of a row, as offsets from where {@linkcode seekCall} found it. */
export const FIELD = {
  KIND: 0,
  RESULT: 1,
  /** STATE: the state. INFO: flags. SIZE: stop_copy_length. */
  FIRST: 2,
  /** INFO: initial_bytes and dirty_bytes. */
  INITIAL: 3,
  DIRTY: 4,
  DURATION_NS: 5,
} as const;

const FIELDS = 6;
const ROW_BYTES = FIELDS * 8;
const WINDOW = 4096;

/** Writes an index, row by row. */
export interface CallIndexWriter {
  readonly fd: number;
  readonly region: Region;
  readonly words: Float64Array;
  count: number;
}

/** Goes through an index. Every thread has its own. */
export interface CallReader {
  readonly fd: number;
  readonly count: number;
  readonly region: Region;
  readonly words: Float64Array;
  /** The rows that `words` holds. */
  first: number;
  last: number;
}

/** An empty index in a file of the folder for temporary files, or a negative errno. */
export function createCallIndex(): CallIndexWriter | number {
  const path = Deno.makeTempFileSync({ prefix: "vfio-migbench-" });
  const fd = open(path, OPEN.O_RDWR | OPEN.O_CLOEXEC);
  Deno.removeSync(path);
  if (fd < 0) return fd;
  const buffer = new ArrayBuffer(WINDOW * ROW_BYTES);
  return { fd, region: regionOf(buffer), words: new Float64Array(buffer), count: 0 };
}

/** Adds a call; 0 or a negative errno. */
export function addCall(
  writer: CallIndexWriter,
  kind: CallKind,
  result: number,
  durationNs: number,
  first = 0,
  initial = 0,
  dirty = 0,
): number {
  const { words } = writer;
  const at = (writer.count % WINDOW) * FIELDS;
  words[at + FIELD.KIND] = kind;
  words[at + FIELD.RESULT] = result;
  words[at + FIELD.FIRST] = first;
  words[at + FIELD.INITIAL] = initial;
  words[at + FIELD.DIRTY] = dirty;
  words[at + FIELD.DURATION_NS] = durationNs;
  writer.count++;
  return writer.count % WINDOW === 0 ? flush(writer, WINDOW) : 0;
}

/** The index, once every call is in it; a negative errno where it could not be written. */
export function finishCallIndex(writer: CallIndexWriter): CallIndex | number {
  const left = writer.count % WINDOW;
  const result = left > 0 ? flush(writer, left) : 0;
  return result < 0 ? result : { fd: writer.fd, count: writer.count };
}

function flush({ fd, region, count }: CallIndexWriter, rows: number): number {
  const length = rows * ROW_BYTES;
  const n = pwrite(fd, region.pointer, length, (count - rows) * ROW_BYTES);
  // Regular files are written whole, unless there is no more room.
  return n < 0 ? n : n === length ? 0 : -ERRNO.ENOSPC;
}

/** A reader with an fd of its own, or a negative errno. */
export function openCallReader({ fd, count }: CallIndex): CallReader | number {
  const own = dup(fd);
  return own < 0 ? own : attachCallReader({ fd: own, count });
}

/** A reader on this very fd: another thread's, for as long as that keeps it open. */
export function attachCallReader({ fd, count }: CallIndex): CallReader {
  const buffer = new ArrayBuffer(Math.max(1, Math.min(WINDOW, count)) * ROW_BYTES);
  const words = new Float64Array(buffer);
  return { fd, count, region: regionOf(buffer), words, first: 0, last: 0 };
}

export function closeCallReader({ fd }: CallReader): void {
  close(fd);
}

/** Where in `words` this call's row starts; -1 where there is no such call, or it cannot be read. */
export function seekCall(reader: CallReader, index: number): number {
  if (index < reader.first || index >= reader.last) {
    if (index < 0 || index >= reader.count) return -1;
    // A replay looks back a little as well as ahead.
    reader.first = Math.max(0, index - WINDOW / 4);
    reader.last = Math.min(reader.count, reader.first + WINDOW);
    const length = (reader.last - reader.first) * ROW_BYTES;
    if (pread(reader.fd, reader.region.pointer, length, reader.first * ROW_BYTES) !== length) {
      reader.last = reader.first;
      return -1;
    }
  }
  return (index - reader.first) * FIELDS;
}

/** A field of the row that {@linkcode seekCall} found. */
export function callField({ words }: CallReader, at: number, field: number): number {
  return words[at + field] ?? 0;
}
