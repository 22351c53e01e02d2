import { lastErrno, setupLibc } from "./library.ts";
import { pointerOf } from "./pointer.ts";

/** Events of poll(2). The last three are always reported and never asked for. */
export const POLL = {
  POLLIN: 0x1,
  POLLPRI: 0x2,
  POLLOUT: 0x4,
  POLLERR: 0x8,
  POLLHUP: 0x10,
  POLLNVAL: 0x20,
} as const;

/**
 * A table of `struct pollfd`.
 *
 * ```text
 *            0          4          6           8
 *   entry 0  | fd       | events   | revents   |        i32, i16, i16
 * ```
 */
export interface PollTable {
  /** What poll(2) takes. */
  readonly pointer: Deno.PointerObject;
  /** The table as `fd` words, two per entry. It keeps the memory behind `pointer` alive. */
  readonly fds: Int32Array<ArrayBuffer>;
  /** The table as `events` and `revents`, at 4 per entry + 2 and + 3. */
  readonly events: Int16Array<ArrayBuffer>;
  /** Number of entries. */
  readonly count: number;
}

/**
 * Makes a table whose entries are all unused (fd -1, which poll(2) skips).
 *
 * @throws {RangeError} For a count that is not an integer >= 1.
 */
export function createPollTable(count: number): PollTable {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`Cannot use this as a number of pollfds: received ${count}`);
  }
  const buffer = new ArrayBuffer(count * 8);
  const fds = new Int32Array(buffer);
  const table = { pointer: pointerOf(buffer), fds, events: new Int16Array(buffer), count };
  for (let index = 0; index < count; index++) setPollFd(table, index, -1, 0);
  return table;
}

/**
 * Sets what an entry waits for.
 *
 * @param fd An fd, or -1 to leave the entry out.
 * @param events {@linkcode POLL} values, or-ed.
 * @throws {RangeError} When the table has no such entry.
 */
export function setPollFd(table: PollTable, index: number, fd: number, events: number): void {
  if (!(index >= 0 && index < table.count)) {
    throw new RangeError(
      `Cannot use this as an index into ${table.count} pollfds: received ${index}`,
    );
  }
  table.fds[index * 2] = fd;
  table.events[index * 4 + 2] = events;
  table.events[index * 4 + 3] = 0;
}

/** What happened on an entry at the last {@linkcode pollMany}: {@linkcode POLL} values, or-ed. */
export function reventsOf(table: PollTable, index: number): number {
  return table.events[index * 4 + 3] ?? 0;
}

/**
 * Waits until something happens on any fd of a table.
 *
 * @param timeoutMs In whole milliseconds; 0 only looks, -1 waits for ever.
 * @returns How many entries have {@linkcode reventsOf}, 0 after the timeout, or a negative errno
 * (-EINTR when a signal came first).
 */
export function pollMany(table: PollTable, timeoutMs: number): number {
  const result = setupLibc().poll(table.pointer, table.count, timeoutMs);
  return result < 0 ? -lastErrno() : result;
}

let single: PollTable | undefined;

/**
 * Waits until something happens on one fd.
 *
 * @param events {@linkcode POLL} values, or-ed.
 * @param timeoutMs In whole milliseconds; 0 only looks, -1 waits for ever.
 * @returns What happened as {@linkcode POLL} values or-ed, 0 after the timeout, or a negative errno
 * (-EINTR when a signal came first). An fd that is not open gives POLLNVAL at once, and so does a
 * negative one, which the kernel would pass over and wait for nothing.
 */
export function poll(fd: number, events: number, timeoutMs: number): number {
  if (fd < 0) return POLL.POLLNVAL;
  single ??= createPollTable(1);
  setPollFd(single, 0, fd, events);
  const result = pollMany(single, timeoutMs);
  return result > 0 ? reventsOf(single, 0) : result;
}
