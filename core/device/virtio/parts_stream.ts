import { ERRNO, type Region } from "../../libc/mod.ts";
import {
  closeStateMemory,
  createStateMemory,
  loadState,
  type StateMemory,
} from "../simulated/state_memory.ts";
import { copyBlock, copyState } from "./copy_state.ts";
import {
  HEADER_FLAGS,
  HEADER_TAG,
  MIGRATION_HEADER_SIZE,
  type MigrationHeader,
  writeMigrationHeader,
} from "./migration_header.ts";

/**
 * The saving side: whole images of the device's parts, one record after the other, each as the parts were
 * when they were read from the device.
 *
 *            position                 produced
 *     0         v                        v
 *     |h| parts |h| parts |h|  parts     |
 *     |<initial>|         |<- the record after `position` may be begun, and one more may follow ->|
 *
 * A new image is read when the last one is consumed, and once more when the device is stopped: two are
 * outstanding at most, in two snapshots by turns. All records are of one length, so that a position says
 * all there is to say. Without memory (virtual clock) the accounting is the same and no byte moves.
 */
export interface PartsStream {
  readonly memory: StateMemory | null;
  /** Without memory: every record's header in order, for the loader at the other end. */
  readonly headerLog: MigrationHeader[] | null;
  readonly size: number;
  readonly header: MigrationHeader;
  readonly headerBytes: Uint8Array;
  readonly block: Region | null;
  readonly snapshots: StateMemory[];
  /** Bytes of stream there are since the session began, and how many of them were read. */
  produced: number;
  position: number;
}

export function createPartsStream(memory: StateMemory | null, size: number): PartsStream {
  const { TAG_MANDATORY } = HEADER_FLAGS;
  const header = { recordSize: size, flags: TAG_MANDATORY, tag: HEADER_TAG.DEVICE_DATA };
  const headerBytes = new Uint8Array(MIGRATION_HEADER_SIZE);
  writeMigrationHeader(new DataView(headerBytes.buffer), 0, header);
  return {
    memory,
    headerLog: memory === null ? [] : null,
    size,
    header,
    headerBytes,
    block: copyBlock(memory),
    snapshots: [],
    produced: 0,
    position: 0,
  };
}

/**
 * Begins a session without data, with buffers for so many outstanding images: 2, or 1 where the device is
 * stopped already and one is all there will be. Returns 0 or a negative errno.
 */
export function beginParts(stream: PartsStream, images: 1 | 2): number {
  endParts(stream);
  // Emptied and not replaced: the loader follows this very list.
  if (stream.headerLog !== null) stream.headerLog.length = 0;
  stream.produced = 0;
  stream.position = 0;
  while (stream.memory !== null && stream.snapshots.length < images) {
    const snapshot = createStateMemory("device parts", stream.size);
    if (typeof snapshot === "number") {
      endParts(stream);
      return snapshot;
    }
    stream.snapshots.push(snapshot);
  }
  return 0;
}

/** Frees the session's buffers. */
export function endParts(stream: PartsStream): void {
  for (const snapshot of stream.snapshots) closeStateMemory(snapshot);
  stream.snapshots.length = 0;
}

/** Appends all of the device's parts as they are now. Returns 0 or a negative errno. */
export function appendParts(stream: PartsStream): number {
  const snapshot = snapshotAt(stream, stream.produced);
  const result = copyState(stream.memory, snapshot, stream.size, stream.block);
  if (result < 0) return result;
  stream.headerLog?.push(stream.header);
  stream.produced += recordLength(stream);
  return 0;
}

/** How long a record is, header included. */
export function recordLength(stream: PartsStream): number {
  return MIGRATION_HEADER_SIZE + stream.size;
}

/** What is left of the first record. */
export function initialLeft(stream: PartsStream): number {
  return Math.max(0, recordLength(stream) - stream.position);
}

/** What is left of everything there is. */
export function unreadParts(stream: PartsStream): number {
  return stream.produced - stream.position;
}

/**
 * Reads the stream's next bytes into the region. Returns how many, 0 where none are left, or a negative
 * errno where a snapshot fails before a byte was read.
 */
export function readParts(stream: PartsStream, region: Region | null, length: number): number {
  const whole = recordLength(stream);
  const wanted = Math.min(length, unreadParts(stream));
  let done = 0;
  while (done < wanted) {
    const within = stream.position % whole;
    let n: number;
    if (within < MIGRATION_HEADER_SIZE) {
      n = Math.min(MIGRATION_HEADER_SIZE - within, wanted - done);
      if (region !== null) {
        for (let i = 0; i < n; i++) region.bytes[done + i] = stream.headerBytes[within + i] ?? 0;
      }
    } else {
      const snapshot = snapshotAt(stream, stream.position);
      const offset = within - MIGRATION_HEADER_SIZE;
      n = loadState(snapshot, region, done, offset, Math.min(whole - within, wanted - done));
      if (n <= 0) return done > 0 ? done : n < 0 ? n : -ERRNO.EIO;
    }
    stream.position += n;
    done += n;
  }
  return done;
}

/** The snapshot of the record at a position of the stream; null where there are no bytes. */
function snapshotAt(stream: PartsStream, position: number): StateMemory | null {
  return stream.snapshots[Math.floor(position / recordLength(stream)) % 2] ?? null;
}
