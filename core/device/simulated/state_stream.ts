import { ERRNO, type Region } from "../../libc/mod.ts";
import {
  advanceSweep,
  createDirtySweep,
  dirtyChunks,
  dirtyStretches,
  type DirtySweep,
  pushSweep,
  resetSweep,
  stretchOffset,
  takeStretch,
} from "./dirty_sweep.ts";
import { encodeRecordHeader, RECORD, RECORD_HEADER_SIZE, type RecordHeader } from "./record.ts";
import { writeStretch, writeVisited } from "./guest_writes.ts";
import { loadState, type StateMemory } from "./state_memory.ts";

/**
 * The saving side of a simulated state: what is left to be sent, in which order, and the bytes of it.
 *
 *     PRE_COPY:  initial extents -> dirty extents -> the sweep's stretches -> (empty for now)
 *     STOP_COPY: the same        -> the part that only moves stopped       -> END -> (end of stream)
 *
 * Sizes count the stream's bytes, record headers included, as a driver's do. Without memory (virtual
 * clock) the accounting is the same and no byte moves.
 */
export interface StateStream {
  readonly memory: StateMemory | null;
  /** Without memory: every record's header in order, for the loader at the other end. */
  readonly headerLog: RecordHeader[] | null;
  readonly size: number;
  /** The part, from the start, that moves in PRE_COPY already. */
  readonly precopySize: number;
  readonly sweep: DirtySweep;
  /** Whether what the guest dirties is simulated at all. */
  readonly sweeps: boolean;
  /** Whether reading takes dirty state by itself; otherwise only what {@linkcode collectDirty} took. */
  readonly sweepOnRead: boolean;
  /** Saving in PRE_COPY broke: nothing is left for now, and all of it once stopped. */
  broken: boolean;
  /** State that waits to be sent, as the records it will go in. */
  initial: RecordHeader[];
  dirty: RecordHeader[];
  /** What has not been queued at all: moves once the device is stopped. */
  restQueued: boolean;
  endQueued: boolean;
  /** The record being read: what is left of its header and its body. */
  readonly header: DataView;
  headerLeft: number;
  bodyLeft: number;
  bodyOffset: number;
  recordIsInitial: boolean;
  /** Bytes given since the session began. */
  streamed: number;
}

/** Sizes in bytes; `dirtyRate` in bytes per second; `dirtySpan` 0 = all that can be precopied. */
export interface StateStreamOptions {
  readonly memory: StateMemory | null;
  readonly size: number;
  readonly precopySize: number;
  readonly chunkSize: number;
  readonly dirtyRate: number;
  readonly dirtySpan: number;
  readonly sweepOnRead?: boolean;
}

export function createStateStream(options: StateStreamOptions): StateStream {
  const { memory, size, precopySize, chunkSize, dirtyRate } = options;
  const span = Math.min(options.dirtySpan || precopySize, precopySize);
  return {
    memory,
    headerLog: memory === null ? [] : null,
    size,
    precopySize,
    sweep: createDirtySweep(0, span, chunkSize, dirtyRate),
    // A span below one chunk cannot be tracked in chunks.
    sweeps: span >= chunkSize,
    sweepOnRead: options.sweepOnRead ?? true,
    broken: false,
    initial: [],
    dirty: [],
    restQueued: false,
    endQueued: false,
    header: new DataView(new ArrayBuffer(RECORD_HEADER_SIZE)),
    headerLeft: 0,
    bodyLeft: 0,
    bodyOffset: 0,
    recordIsInitial: false,
    streamed: 0,
  };
}

/** Begins a session in PRE_COPY: all that can be precopied is initial data. */
export function beginPrecopy(stream: StateStream): void {
  beginSession(stream);
  if (stream.precopySize > 0) {
    stream.initial.push({ offset: 0, length: stream.precopySize, kind: RECORD.NEW });
  }
}

/** Begins a session in STOP_COPY: everything is left. */
export function beginStopCopy(stream: StateStream): void {
  beginSession(stream);
  if (stream.precopySize > 0) {
    stream.dirty.push({ offset: 0, length: stream.precopySize, kind: RECORD.NEW });
  }
}

/** The guest runs for a while: state gets dirty, and really changes. */
export function runGuest(stream: StateStream, ran_ns: number): void {
  const { sweep } = stream;
  if (sweep.chunksPerNs === 0 || !stream.sweeps || stream.broken) return;
  touchVisited(stream, advanceSweep(sweep, ran_ns));
}

/** The guest dirties so many bytes, in whole chunks, whatever the time. */
export function dirtyMore(stream: StateStream, bytes: number): void {
  const { sweep } = stream;
  const chunks = Math.floor(bytes / sweep.chunkSize);
  if (chunks === 0 || !stream.sweeps || stream.broken) return;
  touchVisited(stream, pushSweep(sweep, chunks));
}

function touchVisited(stream: StateStream, visited: number): void {
  const { sweep, memory } = stream;
  if (isSweepQueued(stream)) sweep.tail = sweep.head;
  if (memory !== null) writeVisited(memory, sweep, visited);
}

/** Takes what is dirty by now to be sent next; how many bytes that is. */
export function collectDirty(stream: StateStream): number {
  const before = dirtyBytes(stream);
  while (dirtyChunks(stream.sweep) > 0) stream.dirty.push(takeSweep(stream.sweep));
  return stream.dirty.length === 0 ? 0 : before;
}

/** Whether all that was got ready has been read. */
export function isDrained({ initial, dirty, headerLeft, bodyLeft }: StateStream): boolean {
  return initial.length === 0 && dirty.length === 0 && headerLeft === 0 && bodyLeft === 0;
}

/** What must be saved anew when the device stops: what is dirty and not collected, and what never moved. */
export function unsavedBytes(stream: StateStream): number {
  const { sweep } = stream;
  const rest = stream.restQueued ? 0 : stream.size - stream.precopySize;
  return stream.broken ? stream.size : dirtyChunks(sweep) * sweep.chunkSize + rest;
}

/** Saving in PRE_COPY broke: what was not read is gone, and a final image of everything will follow. */
export function breakPrecopy(stream: StateStream): void {
  stream.broken = true;
  stream.initial = [];
  stream.dirty = [];
  resetSweep(stream.sweep);
}

function takeSweep(sweep: DirtySweep): RecordHeader {
  const offset = stretchOffset(sweep);
  return { offset, length: takeStretch(sweep), kind: RECORD.STATE };
}

/**
 * The device has been reconfigured: `length` bytes from the start are new. Where the user listens for
 * REINIT, all that is outstanding becomes one new initial set and nothing is dirty (facts: dirty_bytes
 * restarts relative to the new initial set); where not, the new state just counts as dirty.
 */
export function reinitialize(stream: StateStream, length: number, asInitial: boolean): void {
  const { sweep } = stream;
  const fresh: RecordHeader = {
    offset: 0,
    length: Math.min(length, stream.precopySize),
    kind: RECORD.NEW,
  };
  if (stream.memory !== null) writeStretch(stream.memory, sweep, fresh.length, stream.streamed);
  const isRest = (record: RecordHeader) => record.offset + record.length > fresh.length;
  const outstanding = [...stream.initial, ...stream.dirty].filter(isRest);
  if (!asInitial) {
    stream.dirty = [...stream.dirty.filter(isRest), fresh];
    if (isSweepQueued(stream)) sweep.tail = sweep.head;
    return;
  }
  stream.initial = [fresh];
  if (isSweepQueued(stream)) sweep.tail = sweep.head;
  while (dirtyChunks(sweep) > 0) outstanding.push(takeSweep(sweep));
  stream.initial = [fresh, ...outstanding];
  stream.dirty = [];
  stream.recordIsInitial = true;
}

export function initialBytes(stream: StateStream): number {
  return extentBytes(stream.initial) + (stream.recordIsInitial ? recordLeft(stream) : 0);
}

export function dirtyBytes(stream: StateStream): number {
  const { sweep } = stream;
  return extentBytes(stream.dirty) +
    dirtyChunks(sweep) * sweep.chunkSize + dirtyStretches(sweep) * RECORD_HEADER_SIZE +
    (stream.recordIsInitial ? 0 : recordLeft(stream));
}

/** What would still have to be read if the device were stopped now. */
export function stopCopyBytes(stream: StateStream): number {
  const rest = stream.size - stream.precopySize;
  return initialBytes(stream) + dirtyBytes(stream) +
    (stream.broken && stream.precopySize > 0 ? stream.precopySize + RECORD_HEADER_SIZE : 0) +
    (stream.restQueued || rest === 0 ? 0 : rest + RECORD_HEADER_SIZE) +
    (stream.endQueued ? 0 : RECORD_HEADER_SIZE);
}

/** What a whole session without precopy would read. */
export function fullBytes(stream: StateStream): number {
  const rest = stream.size - stream.precopySize;
  const records = 1 + (stream.precopySize > 0 ? 1 : 0) + (rest > 0 ? 1 : 0);
  return stream.size + records * RECORD_HEADER_SIZE;
}

/**
 * Reads the stream's next bytes into the region. Returns how many; 0 where nothing is left for now
 * (`stopped` false) or for good (`stopped` true); a negative errno where the memory fails before a byte
 * was read.
 */
export function readStream(
  stream: StateStream,
  region: Region | null,
  length: number,
  stopped: boolean,
): number {
  let done = 0;
  while (done < length) {
    if (stream.headerLeft === 0 && stream.bodyLeft === 0 && !nextRecord(stream, stopped)) break;
    if (stream.headerLeft > 0) {
      const n = Math.min(stream.headerLeft, length - done);
      if (region !== null) copyHeader(stream, region.bytes, done, n);
      stream.headerLeft -= n;
      stream.streamed += n;
      done += n;
      if (stream.headerLeft === 0 && stream.bodyLeft >= LONG_BODY) return done;
    } else {
      const n = readBody(stream, region, done, Math.min(stream.bodyLeft, length - done));
      // What was read before it failed is out of the stream: the next call says what is wrong.
      if (n < 0) return done > 0 ? done : n;
      done += n;
    }
  }
  return done;
}

/** Whether the stream's next bytes, so many of them, are all of the body of the record that is under way. */
export function isInBody({ headerLeft, bodyLeft }: StateStream, length: number): boolean {
  return headerLeft === 0 && length > 0 && bodyLeft >= length;
}

/** Reads up to `length` of the body that is under way into the region at `at`. Returns how many, or a negative errno. */
export function readBody(
  stream: StateStream,
  region: Region | null,
  at: number,
  length: number,
): number {
  const n = loadState(stream.memory, region, at, stream.bodyOffset, length);
  if (n <= 0) return n < 0 ? n : -ERRNO.EIO;
  stream.bodyLeft -= n;
  stream.bodyOffset += n;
  stream.streamed += n;
  return n;
}

/**
 * A read ends after the header of a record with at least so much body, so that every later read of that
 * body starts on a page of the state: 24 bytes off, copies ran about a tenth slower on both sides.
 */
const LONG_BODY = 1024 * 1024;

/**
 * Whether a record that is still to be begun carries all that the guest's sweep dirties: what it will
 * carry anyway is not dirty besides.
 */
function isSweepQueued({ sweep, initial, dirty }: StateStream): boolean {
  const end = sweep.base + sweep.chunks * sweep.chunkSize;
  const carries = (record: RecordHeader) =>
    record.offset <= sweep.base && record.offset + record.length >= end;
  return initial.some(carries) || dirty.some(carries);
}

function beginSession(stream: StateStream): void {
  resetSweep(stream.sweep);
  // Emptied and not replaced: the loader follows this very list.
  if (stream.headerLog !== null) stream.headerLog.length = 0;
  stream.broken = false;
  stream.initial = [];
  stream.dirty = [];
  stream.restQueued = false;
  stream.endQueued = false;
  stream.headerLeft = 0;
  stream.bodyLeft = 0;
  stream.recordIsInitial = false;
  stream.streamed = 0;
}

function nextRecord(stream: StateStream, stopped: boolean): boolean {
  const { sweep, precopySize, size } = stream;
  const initial = stream.initial.shift();
  if (initial !== undefined) return startQueued(stream, initial, true);
  const dirty = stream.dirty.shift();
  if (dirty !== undefined) return startQueued(stream, dirty, false);
  if (dirtyChunks(sweep) > 0 && (stopped || stream.sweepOnRead)) {
    const offset = stretchOffset(sweep);
    return startRecord(stream, RECORD.STATE, offset, takeStretch(sweep), false);
  }
  if (!stopped) return false;
  if (stream.broken) {
    stream.broken = false;
    if (precopySize > 0) return startRecord(stream, RECORD.NEW, 0, precopySize, false);
  }
  if (!stream.restQueued) {
    stream.restQueued = true;
    const length = size - precopySize;
    if (length > 0) return startRecord(stream, RECORD.NEW, precopySize, length, false);
  }
  if (!stream.endQueued) {
    stream.endQueued = true;
    return startRecord(stream, RECORD.END, stream.streamed, 0, false);
  }
  return false;
}

function startQueued(stream: StateStream, record: RecordHeader, isInitial: boolean): true {
  return startRecord(stream, record.kind, record.offset, record.length, isInitial);
}

/** In numbers: a guest that dirties little at a time makes a record of nearly every read. */
function startRecord(
  stream: StateStream,
  kind: number,
  offset: number,
  length: number,
  isInitial: boolean,
): true {
  encodeRecordHeader(stream.header, kind, offset, length);
  stream.headerLog?.push({ kind, offset, length });
  stream.headerLeft = RECORD_HEADER_SIZE;
  stream.bodyLeft = length;
  stream.bodyOffset = offset;
  stream.recordIsInitial = isInitial;
  return true;
}

function copyHeader(stream: StateStream, bytes: Uint8Array, at: number, length: number): void {
  const from = RECORD_HEADER_SIZE - stream.headerLeft;
  for (let i = 0; i < length; i++) bytes[at + i] = stream.header.getUint8(from + i);
}

function recordLeft(stream: StateStream): number {
  return stream.headerLeft + stream.bodyLeft;
}

function extentBytes(extents: readonly RecordHeader[]): number {
  let sum = 0;
  for (const extent of extents) sum += RECORD_HEADER_SIZE + extent.length;
  return sum;
}
