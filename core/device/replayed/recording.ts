import { close, ERRNO, errnoName } from "../../libc/mod.ts";
import {
  DEVICE_STATE,
  type DeviceState,
  MIGRATION,
  parseDeviceState,
  transitionPath,
} from "../../vfio/mod.ts";
import {
  addCall,
  attachCallReader,
  CALL,
  callField,
  type CallIndex,
  type CallIndexWriter,
  createCallIndex,
  FIELD,
  finishCallIndex,
  seekCall,
} from "./call_index.ts";
import { RecordingError } from "./recording_error.ts";
import {
  readRecordedLines,
  recordedFileSize,
  type RecordedLine,
  shown,
} from "./recording_lines.ts";

export { RecordingError } from "./recording_error.ts";

/** The calls of a recorded session that a replay can answer. */
export type RecordedCall =
  & { readonly result: number; readonly durationNs: number }
  & (
    | { readonly call: "state"; readonly state: DeviceState }
    | {
      readonly call: "info";
      readonly flags: number;
      readonly initialBytes: number;
      readonly dirtyBytes: number;
    }
    | { readonly call: "size"; readonly stopCopyLength: number }
    | { readonly call: "read" }
  );

/** How long a side took for its arcs, in nanoseconds, by {@linkcode arcIndex}; 0 where it did not take one. */
export type ArcTimes = readonly number[];

const STATES = Object.keys(DEVICE_STATE).length;

/** The place of an arc's time. */
export function arcIndex(from: DeviceState, to: DeviceState): number {
  return from * STATES + to;
}

/**
 * A saving session as it went on a real device: every call in order, and the bytes it gave. Plain data, of a
 * size that does not depend on how long the session was.
 */
export interface Recording {
  /** The file with the stream's bytes; null where they were left out, and are made up. */
  readonly dataPath: string | null;
  /** What bytes that are made up come from. */
  readonly seed: number;
  /** How many bytes there are; the sum of all reads. */
  readonly length: number;
  readonly migrationFlags: number;
  readonly precopyInfoV2: boolean;
  /** What read(2) gave in PRE_COPY when nothing was left: -ENOMSG, or 0 as mtty does. */
  readonly emptyRead: number;
  /** How much one read asked for at most; 0 where the recording does not say. */
  readonly bufferSize: number;
  /** What MIG_DATA_SIZE last said before the device was stopped; all of it where nobody asked. */
  readonly pendingAtStop: number;
  readonly calls: CallIndex;
  /** The last call that gave bytes; -1 where none did. */
  readonly lastData: number;
  readonly sourceArcsNs: ArcTimes;
  readonly destinationArcsNs: ArcTimes;
  /** What write(2) took for a byte, on the average; 0 where the recording has no destination. */
  readonly writeNsPerByte: number;
}

/** What {@linkcode readRecording} knows so far. */
interface Reading {
  readonly path: string;
  readonly index: CallIndexWriter;
  isWithoutData: boolean;
  seed: number;
  migrationFlags: number;
  precopyInfoV2: boolean;
  emptyRead: number;
  bufferSize: number;
  streamed: number;
  pendingAtStop: number | null;
  lastData: number;
  /** Where the source and the destination are. */
  state: DeviceState;
  destinationState: DeviceState;
  ended: boolean;
  readonly sourceArcsNs: number[];
  readonly destinationArcsNs: number[];
  writtenBytes: number;
  writeNs: number;
}

/**
 * Reads a recording: `NAME.jsonl` with one call a line, `NAME.bin` beside it with the bytes read (see
 * `README.md`). The files come from outside: whatever is wrong with them is told in one line. It holds an fd:
 * {@linkcode closeRecording}.
 *
 * @throws {RecordingError}
 */
export async function readRecording(path: string): Promise<Recording> {
  const index = createCallIndex();
  if (typeof index === "number") throw noIndex(path, index);
  try {
    return await readInto(index, path);
  } catch (error) {
    close(index.fd);
    throw error;
  }
}

/** Lets go of a recording. Devices that were made of it go on. */
export function closeRecording({ calls }: Recording): void {
  close(calls.fd);
}

/** The recorded calls of the source, in order; for whoever wants to look at them all. */
export function* recordedCalls({ calls }: Recording): Generator<RecordedCall> {
  const reader = attachCallReader(calls);
  for (let i = 0; i < calls.count; i++) {
    const at = seekCall(reader, i);
    const get = (field: number) => callField(reader, at, field);
    const common = { result: get(FIELD.RESULT), durationNs: get(FIELD.DURATION_NS) };
    switch (get(FIELD.KIND)) {
      case CALL.STATE:
        yield { call: "state", ...common, state: get(FIELD.FIRST) as DeviceState };
        break;
      case CALL.SIZE:
        yield { call: "size", ...common, stopCopyLength: get(FIELD.FIRST) };
        break;
      case CALL.READ:
        yield { call: "read", ...common };
        break;
      case CALL.INFO:
        yield {
          call: "info",
          ...common,
          flags: get(FIELD.FIRST),
          initialBytes: get(FIELD.INITIAL),
          dirtyBytes: get(FIELD.DIRTY),
        };
    }
  }
}

async function readInto(index: CallIndexWriter, path: string): Promise<Recording> {
  const reading: Reading = {
    path,
    index,
    isWithoutData: false,
    seed: 1,
    migrationFlags: 0,
    precopyInfoV2: false,
    emptyRead: -ERRNO.ENOMSG,
    bufferSize: 0,
    streamed: 0,
    pendingAtStop: null,
    lastData: -1,
    state: DEVICE_STATE.RUNNING,
    destinationState: DEVICE_STATE.RUNNING,
    ended: false,
    sourceArcsNs: noArcs(),
    destinationArcsNs: noArcs(),
    writtenBytes: 0,
    writeNs: 0,
  };
  for await (const block of readRecordedLines(path, "replay")) {
    for (const { line, number } of block) takeLine(reading, line, number);
  }
  if ((reading.migrationFlags & MIGRATION.STOP_COPY) === 0) {
    throw new RecordingError(
      `Cannot replay ${path}: it has no answer to GET MIGRATION that says STOP_COPY`,
    );
  }
  if (!reading.ended) {
    throw new RecordingError(
      `Cannot replay ${path}: it is truncated, the session does not come to its end (STOP after STOP_COPY)`,
    );
  }
  const dataPath = reading.isWithoutData ? null : path.replace(/\.jsonl$/, ".bin");
  if (dataPath !== null) {
    const size = await recordedFileSize(dataPath, path, "replay");
    if (reading.streamed !== size) {
      throw new RecordingError(
        `Cannot replay ${path}: its reads make ${reading.streamed} bytes, but ${dataPath} has ${size}`,
      );
    }
  }
  const calls = finishCallIndex(index);
  if (typeof calls === "number") throw noIndex(path, calls);
  const { seed, streamed: length, migrationFlags, precopyInfoV2, emptyRead, bufferSize } = reading;
  const { lastData, sourceArcsNs, destinationArcsNs, writeNs, writtenBytes } = reading;
  return {
    dataPath,
    seed,
    length,
    migrationFlags,
    precopyInfoV2,
    emptyRead,
    bufferSize,
    pendingAtStop: reading.pendingAtStop ?? length,
    calls,
    lastData,
    sourceArcsNs,
    destinationArcsNs,
    writeNsPerByte: writtenBytes === 0 ? 0 : writeNs / writtenBytes,
  };
}

function takeLine(reading: Reading, line: RecordedLine, number: number): void {
  if (line.call === undefined) return takeHeader(reading, line, number);
  const fields = fieldsOf(line, reading.path, number);
  if (line.dev === "dst") return takeDestination(reading, line, fields);
  if (line.dev !== "src") return;
  if (line.call === "SET MIG_DEVICE_STATE") {
    const result = fields.result();
    const state = fields.state();
    // The replay takes its own arcs: a refused one is not a place in the recording.
    if (result >= 0) takeState(reading, state, result, fields.durationNs());
    return;
  }
  if (reading.ended) return;
  switch (line.call) {
    case "GET MIGRATION":
      reading.migrationFlags = parseFlags(line.flags);
      return;
    case "SET MIG_PRECOPY_INFOv2":
      reading.precopyInfoV2 = line.ret === 0;
      return;
    case "GET MIG_DATA_SIZE": {
      const length = fields.number("stop_copy_length", -Infinity);
      const result = fields.result();
      const isStopped = reading.state === DEVICE_STATE.STOP_COPY;
      if (result >= 0 && !isStopped) reading.pendingAtStop = length;
      return keep(reading, CALL.SIZE, result, fields.durationNs(), length);
    }
    case "VFIO_MIG_GET_PRECOPY_INFO": {
      const flags = fields.number("flags", 0);
      const initial = fields.number("initial_bytes", -Infinity);
      const dirty = fields.number("dirty_bytes", -Infinity);
      const result = fields.result();
      return keep(reading, CALL.INFO, result, fields.durationNs(), flags, initial, dirty);
    }
    case "read":
      return takeRead(reading, line, fields, number);
  }
}

function takeHeader(reading: Reading, line: RecordedLine, number: number): void {
  if (number !== 1) return;
  reading.isWithoutData = line.data === "omitted";
  if (typeof line.seed === "number" && Number.isSafeInteger(line.seed)) reading.seed = line.seed;
  const { chunk } = line;
  if (typeof chunk === "number" && Number.isSafeInteger(chunk) && chunk > 0) {
    reading.bufferSize = chunk;
  }
}

function takeState(reading: Reading, state: DeviceState, result: number, durationNs: number): void {
  keepArc(reading, reading.sourceArcsNs, reading.state, state, durationNs);
  const isEnd = reading.state === DEVICE_STATE.STOP_COPY && state === DEVICE_STATE.STOP;
  reading.state = state;
  if (reading.ended) return;
  reading.ended = isEnd;
  keep(reading, CALL.STATE, result, durationNs, state);
}

/** The first of its kind is kept. What a set of several arcs took is the last one's. */
function keepArc(
  { migrationFlags }: Reading,
  arcsNs: number[],
  from: DeviceState,
  to: DeviceState,
  durationNs: number,
): void {
  const path = transitionPath(migrationFlags, from, to) ?? [];
  arcsNs[arcIndex(path.at(-2) ?? from, to)] ||= durationNs;
}

function takeRead(reading: Reading, line: RecordedLine, fields: Fields, number: number): void {
  const result = fields.result();
  if (result > 0) {
    if (line.stream_offset !== reading.streamed) {
      throw new RecordingError(
        `Cannot replay ${reading.path}: line ${number} reads at ${
          shown(line.stream_offset)
        } where ${reading.streamed} comes next`,
      );
    }
    reading.streamed += result;
    reading.lastData = reading.index.count;
  } else if (reading.state !== DEVICE_STATE.STOP_COPY && isEmptyRead(result)) {
    reading.emptyRead = result;
  }
  keep(reading, CALL.READ, result, fields.durationNs());
}

/** Of the destination only the times are of use: what it answers is the stream's doing. */
function takeDestination(reading: Reading, { call }: RecordedLine, fields: Fields): void {
  if (call !== "SET MIG_DEVICE_STATE" && call !== "write") return;
  const result = fields.result();
  if (result < 0) return;
  const durationNs = fields.durationNs();
  if (call === "write") {
    reading.writtenBytes += result;
    reading.writeNs += durationNs;
  } else {
    const state = fields.state();
    keepArc(reading, reading.destinationArcsNs, reading.destinationState, state, durationNs);
    reading.destinationState = state;
  }
}

function keep(
  { index, path }: Reading,
  ...call: [Parameters<typeof addCall>[1], number, number, ...number[]]
): void {
  const result = addCall(index, ...call);
  if (result < 0) throw noIndex(path, result);
}

function noIndex(path: string, errno: number): RecordingError {
  return new RecordingError(
    `Cannot replay ${path}: its calls do not go into a temporary file, ${errnoName(-errno)}`,
  );
}

function noArcs(): number[] {
  return new Array(STATES * STATES).fill(0);
}

/** Whether a read says that there is nothing, for now or for good. */
export function isEmptyRead(result: number): boolean {
  return result === 0 || result === -ERRNO.ENOMSG;
}

/** No call of a device takes an hour: a replay that would sleep for it is not begun. */
const LONGEST_CALL_US = 3.6e9;

/** A line's values, which throw where they are not what they have to be. */
interface Fields {
  number(key: string, least: number): number;
  /** The call's own: 0 or more, or a negative errno. */
  result(): number;
  durationNs(): number;
  state(): DeviceState;
}

function fieldsOf(line: RecordedLine, path: string, lineNumber: number): Fields {
  const refuse = (needs: string, key: string) => {
    throw new RecordingError(
      `Cannot replay ${path}: line ${lineNumber} (${line.call}) needs ${needs} as "${key}": received ${
        shown(line[key])
      }`,
    );
  };
  const number = (key: string, least: number): number => {
    const value = line[key];
    if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
    return refuse(least === -Infinity ? "a whole number" : `a whole number from ${least}`, key);
  };
  return {
    number,
    result: () => number("ret", -Infinity) < 0 ? -number("errno", 1) : number("ret", 0),
    durationNs() {
      const value = line["dur_us"] ?? 0;
      if (typeof value === "number" && value >= 0 && value <= LONGEST_CALL_US) return value * 1e3;
      return refuse(`0 to ${LONGEST_CALL_US} microseconds`, "dur_us");
    },
    state() {
      try {
        return parseDeviceState(String(line["state"]));
      } catch {
        throw new RecordingError(
          `Cannot replay ${path}: line ${lineNumber} names no device state: received ${
            shown(line["state"])
          }`,
        );
      }
    },
  };
}

function parseFlags(value: unknown): number {
  let flags = 0;
  if (typeof value !== "string") return flags;
  for (const name of value.trim().split(/\s+/)) {
    flags |= Object.entries(MIGRATION).find(([known]) => known === name)?.[1] ?? 0;
  }
  return flags;
}
