import { ERRNO } from "../../libc/mod.ts";
import { INVALID_IDX } from "../../wire/multifd/mod.ts";

/** How far ahead of the next one to write a buffer can be, where not given. */
export const DEFAULT_WINDOW = 2 ** 20;

const MAX_WINDOW = 2 ** 24;
const FIRST_CELLS = 64;

/** What {@linkcode nextBuffer} found. */
export const NEXT = {
  /** The next buffer has not come. */
  STARVED: 0,
  /** Write the buffer. */
  BUFFER: 1,
  /** All data is written: load the configuration. */
  CONFIG: 2,
} as const;

/** What bounds a device's queue. */
export interface ReassemblyOptions {
  /** `x-migration-max-queued-buffers-size`, in bytes; Infinity where not given. */
  readonly maxQueuedBytes?: number;
  /**
   * How far ahead of the next one to write an idx can be: 1 to 2^24, 2^20 where not given. It bounds the
   * memory that one hostile idx can ask for, to 16 bytes for each.
   */
  readonly window?: number;
}

/**
 * A device's buffers between the channels and its data_fd, sorted by idx. Where the bytes are is the
 * caller's business: a handle stands for them.
 *
 * ```text
 *   idx       0 .. nextIdx-1 | nextIdx |  +1  |  +2  |   ...      | nextIdx + window
 *             written        | to load | here | hole |            | refused
 *             a replay is a duplicate                  lastIdx: the configuration
 *
 *   lengths, handles           cell idx & (cells - 1); the arrays grow up to the window
 * ```
 *
 * Read the fields freely; only this file's functions write them.
 */
export interface Reassembly {
  readonly maxQueuedBytes: number;
  readonly window: number;
  /** The idx to be written next. */
  nextIdx: number;
  /** The configuration's idx, or 0xffffffff before it came. */
  lastIdx: number;
  /** The greatest idx that came, -1 before the first. */
  greatestIdx: number;
  /** Bytes that came and are not written. Those of the configuration stay in it. */
  queuedBytes: number;
  /** The most it ever was, in bytes; a refused buffer does not count. */
  peakQueuedBytes: number;
  /** Of the buffer at `nextIdx`, after {@linkcode nextBuffer}: where its bytes are. */
  handle: number;
  /** How long it is, in bytes. */
  length: number;
  /** How many of its bytes are written. */
  written: number;
  /** Why the last insert was refused. */
  reason: string;
  /** Each cell's length, -1 where nothing is. */
  lengths: Float64Array<ArrayBuffer>;
  handles: Float64Array<ArrayBuffer>;
}

/**
 * Makes an empty queue.
 *
 * @throws {RangeError} If an option is outside its limits
 */
export function createReassembly(options: ReassemblyOptions = {}): Reassembly {
  const { maxQueuedBytes = Infinity, window = DEFAULT_WINDOW } = options;
  if (!Number.isInteger(window) || window < 1 || window > MAX_WINDOW) {
    throw new RangeError(
      `Cannot queue buffers within a window as an integer from 1 to ${MAX_WINDOW}: received ${window}`,
    );
  }
  if (!(maxQueuedBytes >= 0)) {
    throw new RangeError(`Cannot bound queued bytes as a size: received ${maxQueuedBytes}`);
  }
  return {
    maxQueuedBytes,
    window,
    nextIdx: 0,
    lastIdx: INVALID_IDX,
    greatestIdx: -1,
    queuedBytes: 0,
    peakQueuedBytes: 0,
    handle: 0,
    length: 0,
    written: 0,
    reason: "",
    lengths: new Float64Array(FIRST_CELLS).fill(-1),
    handles: new Float64Array(FIRST_CELLS),
  };
}

/**
 * Queues a buffer that came over a channel.
 *
 * The checks come in QEMU's order: the idx itself, the configuration's place, the bounds, the duplicate,
 * the cap (facts). Three things that QEMU does not notice or aborts on are errors here: a
 * second configuration, a configuration below what came already, and data above the configuration. All of
 * them would leave data unwritten.
 *
 * @example Out of order
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createReassembly, insertBuffer, NEXT, nextBuffer, noteWritten } from "./reassembly.ts";
 *
 * const buffers = createReassembly();
 * insertBuffer(buffers, 1, true, 16, 0);
 * assertEquals(nextBuffer(buffers), NEXT.STARVED);
 * insertBuffer(buffers, 0, false, 100, 0);
 * assertEquals(nextBuffer(buffers), NEXT.BUFFER);
 * noteWritten(buffers, 100);
 * assertEquals(nextBuffer(buffers), NEXT.CONFIG);
 * ```
 *
 * @param buffers The device's queue
 * @param idx The buffer's place, a u32
 * @param isConfig Whether it is the configuration
 * @param length Its length, in bytes
 * @param handle Any number by which the caller finds its bytes again
 * @returns 0, or a negative errno with the reason in `reason`: EINVAL, ERANGE outside the window, EEXIST
 * for a duplicate, ENOBUFS above the cap
 */
export function insertBuffer(
  buffers: Reassembly,
  idx: number,
  isConfig: boolean,
  length: number,
  handle: number,
): number {
  if (!(idx >= 0 && idx < INVALID_IDX)) {
    return refuse(buffers, ERRNO.EINVAL, `packet index ${idx} is invalid`);
  }
  const known = buffers.lastIdx !== INVALID_IDX;
  if (isConfig && known && idx !== buffers.lastIdx) {
    return refuse(buffers, ERRNO.EINVAL, `a second config ${idx} after config ${buffers.lastIdx}`);
  }
  if (isConfig && !known && idx <= buffers.greatestIdx) {
    const first = idx < buffers.nextIdx ? "consumed" : "received";
    return refuse(
      buffers,
      ERRNO.EINVAL,
      `config ${idx} is not above the buffers already ${first}`,
    );
  }
  if (!isConfig && known && idx > buffers.lastIdx) {
    return refuse(
      buffers,
      ERRNO.EINVAL,
      `state buffer ${idx} is above config ${buffers.lastIdx}`,
    );
  }
  if (idx >= buffers.nextIdx + buffers.window) {
    return refuse(
      buffers,
      ERRNO.ERANGE,
      `state buffer ${idx} is ${buffers.window} or more ahead of ${buffers.nextIdx}`,
    );
  }
  if (idx < buffers.nextIdx || isPresent(buffers, idx)) {
    return refuse(buffers, ERRNO.EEXIST, `state buffer ${idx} already filled`);
  }
  // It stays raised where the limit refuses the buffer: the migration is over then.
  buffers.queuedBytes += length;
  if (buffers.queuedBytes > buffers.maxQueuedBytes) {
    return refuse(
      buffers,
      ERRNO.ENOBUFS,
      `queuing state buffer ${idx} would exceed the size max ${buffers.maxQueuedBytes}`,
    );
  }
  if (buffers.queuedBytes > buffers.peakQueuedBytes) buffers.peakQueuedBytes = buffers.queuedBytes;
  if (idx - buffers.nextIdx >= buffers.lengths.length) grow(buffers, idx);
  const cell = idx & (buffers.lengths.length - 1);
  buffers.lengths[cell] = length;
  buffers.handles[cell] = handle;
  if (isConfig) buffers.lastIdx = idx;
  if (idx > buffers.greatestIdx) buffers.greatestIdx = idx;
  return 0;
}

/**
 * Looks for the next thing to load. On BUFFER and CONFIG `nextIdx`, `handle`, `length` and `written` say which;
 * until a buffer is written whole the same one is next.
 *
 * @param buffers The device's queue
 * @returns One of {@linkcode NEXT}
 */
export function nextBuffer(buffers: Reassembly): number {
  const { nextIdx } = buffers;
  const cell = nextIdx & (buffers.lengths.length - 1);
  const length = buffers.lengths[cell] ?? -1;
  if (length < 0) return NEXT.STARVED;
  buffers.length = length;
  buffers.handle = buffers.handles[cell] ?? 0;
  return nextIdx === buffers.lastIdx ? NEXT.CONFIG : NEXT.BUFFER;
}

/**
 * Takes bytes of the buffer at `nextIdx` as written to the device: they do not count as queued any more. When
 * it is written whole, the next one is due.
 *
 * @param buffers The device's queue, after a {@linkcode nextBuffer} that gave BUFFER
 * @param bytes What write(2) took; 0 for an empty buffer
 * @returns 1 if the buffer is written whole, 0 if not, -EINVAL if there are not so many bytes to write
 */
export function noteWritten(buffers: Reassembly, bytes: number): number {
  if (nextBuffer(buffers) !== NEXT.BUFFER) return -ERRNO.EINVAL;
  if (!(bytes >= 0 && bytes <= buffers.length - buffers.written)) return -ERRNO.EINVAL;
  buffers.queuedBytes -= bytes;
  buffers.written += bytes;
  if (buffers.written < buffers.length) return 0;
  buffers.lengths[buffers.nextIdx & (buffers.lengths.length - 1)] = -1;
  buffers.nextIdx++;
  buffers.written = 0;
  return 1;
}

function isPresent(buffers: Reassembly, idx: number): boolean {
  const cells = buffers.lengths.length;
  if (idx - buffers.nextIdx >= cells) return false;
  return (buffers.lengths[idx & (cells - 1)] ?? -1) >= 0;
}

/** Doubles the arrays until the idx has a cell. */
function grow(buffers: Reassembly, idx: number): void {
  const { lengths, handles, nextIdx } = buffers;
  let cells = lengths.length;
  while (idx - nextIdx >= cells) cells *= 2;
  buffers.lengths = new Float64Array(cells).fill(-1);
  buffers.handles = new Float64Array(cells);
  for (let i = nextIdx; i < nextIdx + lengths.length; i++) {
    const from = i & (lengths.length - 1);
    buffers.lengths[i & (cells - 1)] = lengths[from] ?? -1;
    buffers.handles[i & (cells - 1)] = handles[from] ?? 0;
  }
}

function refuse(buffers: Reassembly, errno: number, reason: string): number {
  buffers.reason = reason;
  return -errno;
}
