import { TextLineStream } from "@std/streams";
import { ERRNO } from "../../libc/mod.ts";
import { DEVICE_STATE, type DeviceState, MIGRATION, parseDeviceState } from "../../vfio/mod.ts";

/** A recording that cannot be used, in one line: which file, what is wrong, where. */
export class RecordingError extends Error {
  override name = "RecordingError";
}

/** The calls of a recorded session that a replay can answer. */
export type RecordedCall =
  | { readonly call: "state"; readonly result: number; readonly state: DeviceState }
  | {
    readonly call: "info";
    readonly result: number;
    readonly flags: number;
    readonly initialBytes: number;
    readonly dirtyBytes: number;
  }
  | { readonly call: "size"; readonly result: number; readonly stopCopyLength: number }
  | { readonly call: "read"; readonly result: number };

/** A saving session as it went on a real device: every call in order, and the bytes it gave. */
export interface Recording {
  /** The file with the stream's bytes. */
  readonly dataPath: string;
  /** How many bytes it has; the sum of all reads. */
  readonly length: number;
  readonly migrationFlags: number;
  readonly precopyInfoV2: boolean;
  /** What read(2) gave in PRE_COPY when nothing was left: -ENOMSG, or 0 as mtty does. */
  readonly emptyRead: number;
  readonly calls: readonly RecordedCall[];
}

/**
 * Reads a recording: `NAME.jsonl` with one call a line, `NAME.bin` beside it with the bytes read. The
 * file comes from outside: whatever is wrong with it is told in one line.
 */
export async function readRecording(path: string): Promise<Recording> {
  if (!path.endsWith(".jsonl")) {
    throw new RecordingError(`Cannot replay ${path}: received a name that does not end in .jsonl`);
  }
  const dataPath = path.replace(/\.jsonl$/, ".bin");
  await fileSize(path);
  const length = await fileSize(dataPath);
  const calls: RecordedCall[] = [];
  let migrationFlags = 0;
  let precopyInfoV2 = false;
  let emptyRead: number = -ERRNO.ENOMSG;
  let streamed = 0;
  let state: DeviceState | null = null;
  let ended = false;
  let lineNumber = 0;
  for await (const line of readLines(path)) {
    lineNumber++;
    if (line === "") continue;
    const entry = parseEntry(line, path, lineNumber);
    if (entry.dev !== "src" || ended) continue;
    if (entry.call === "GET MIGRATION") migrationFlags = parseFlags(entry.flags);
    if (entry.call === "SET MIG_PRECOPY_INFOv2") precopyInfoV2 = entry.ret === 0;
    const call = toCall(entry, path, lineNumber);
    if (call === undefined) continue;
    if (call.call === "state") {
      // The replay takes its own arcs: a refused one is not a place in the recording.
      if (call.result < 0) continue;
      ended = state === DEVICE_STATE.STOP_COPY && call.state === DEVICE_STATE.STOP;
      state = call.state;
    }
    if (call.call === "read") {
      if (call.result > 0) {
        if (entry.stream_offset !== streamed) {
          throw new RecordingError(
            `Cannot replay ${path}: line ${lineNumber} reads at ${entry.stream_offset} where ${streamed} comes next`,
          );
        }
        streamed += call.result;
      } else if (state !== DEVICE_STATE.STOP_COPY && isEmptyRead(call.result)) {
        emptyRead = call.result;
      }
    }
    calls.push(call);
  }
  if ((migrationFlags & MIGRATION.STOP_COPY) === 0) {
    throw new RecordingError(
      `Cannot replay ${path}: it has no answer to GET MIGRATION that says STOP_COPY`,
    );
  }
  if (!ended) {
    throw new RecordingError(
      `Cannot replay ${path}: it is truncated, the session does not come to its end (STOP after STOP_COPY)`,
    );
  }
  if (streamed !== length) {
    throw new RecordingError(
      `Cannot replay ${path}: its reads make ${streamed} bytes, but ${dataPath} has ${length}`,
    );
  }
  return { dataPath, length, migrationFlags, precopyInfoV2, emptyRead, calls };
}

/** Whether a read says that there is nothing, for now or for good. */
export function isEmptyRead(result: number): boolean {
  return result === 0 || result === -ERRNO.ENOMSG;
}

interface Entry {
  readonly dev?: unknown;
  readonly call?: unknown;
  readonly ret?: unknown;
  readonly errno?: unknown;
  readonly [key: string]: unknown;
}

async function* readLines(path: string): AsyncGenerator<string> {
  const file = await Deno.open(path).catch((error: unknown) => {
    throw new RecordingError(`Cannot replay ${path}: ${error}`);
  });
  const lines = file.readable
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) yield line;
}

async function fileSize(path: string): Promise<number> {
  try {
    const info = await Deno.stat(path);
    if (info.isFile) return info.size;
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : String(error);
    throw new RecordingError(`Cannot replay ${path}: ${reason}`);
  }
  throw new RecordingError(`Cannot replay ${path}: it is not a file`);
}

function parseEntry(line: string, path: string, lineNumber: number): Entry {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === "object" && entry !== null && !Array.isArray(entry)) {
      return entry as Entry;
    }
  } catch {
    // Told below, with the line.
  }
  throw new RecordingError(
    `Cannot replay ${path}: line ${lineNumber} is not a JSON object (a truncated recording?)`,
  );
}

function toCall(entry: Entry, path: string, lineNumber: number): RecordedCall | undefined {
  const number = (key: string, least: number): number => {
    const value = entry[key];
    if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
    const what = least === -Infinity ? "a whole number" : `a whole number from ${least}`;
    throw new RecordingError(
      `Cannot replay ${path}: line ${lineNumber} (${entry.call}) needs ${what} as "${key}": received ${
        JSON.stringify(value)
      }`,
    );
  };
  const result = () => number("ret", -Infinity) < 0 ? -number("errno", 1) : number("ret", 0);
  switch (entry.call) {
    case "SET MIG_DEVICE_STATE":
      return { call: "state", result: result(), state: toState(entry.state, path, lineNumber) };
    case "VFIO_MIG_GET_PRECOPY_INFO":
      return {
        call: "info",
        result: result(),
        flags: number("flags", 0),
        initialBytes: number("initial_bytes", 0),
        dirtyBytes: number("dirty_bytes", 0),
      };
    case "GET MIG_DATA_SIZE":
      return {
        call: "size",
        result: result(),
        stopCopyLength: number("stop_copy_length", -Infinity),
      };
    case "read":
      return { call: "read", result: result() };
    default:
      return undefined;
  }
}

function toState(value: unknown, path: string, lineNumber: number): DeviceState {
  try {
    return parseDeviceState(String(value));
  } catch {
    throw new RecordingError(
      `Cannot replay ${path}: line ${lineNumber} names no device state: received ${
        JSON.stringify(value)
      }`,
    );
  }
}

function parseFlags(value: unknown): number {
  let flags = 0;
  for (const name of String(value).trim().split(/\s+/)) {
    flags |= Object.entries(MIGRATION).find(([known]) => known === name)?.[1] ?? 0;
  }
  return flags;
}
