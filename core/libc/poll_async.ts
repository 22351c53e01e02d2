import { ERRNO } from "./errno.ts";
import { setupLibc } from "./library.ts";
import { createPollTable, POLL, reventsOf, setPollFd } from "./poll.ts";

/**
 * {@linkcode poll} that holds no thread of JavaScript's: the wait is in a thread of the runtime's pool, and a
 * promise says when it is over. For the main thread, which must go on meanwhile. It costs some microseconds more.
 *
 * The fd must stay open until the promise is settled. To end a wait early, `shutdown` the socket: then poll reports
 * it; closing it would not be noticed, and its number could be another file's by then.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { close, pipe, POLL, pollAsync } from "./mod.ts";
 *
 * const ends = pipe();
 * if (typeof ends !== "number") {
 *   assertEquals(await pollAsync(ends[0], POLL.POLLIN, 1), 0); // nothing came within a millisecond
 *   for (const fd of ends) close(fd);
 * }
 * ```
 *
 * @param events {@linkcode POLL} values, or-ed.
 * @param timeoutMs In whole milliseconds; 0 only looks, -1 waits for ever.
 * @returns What happened as {@linkcode POLL} values or-ed, 0 after the timeout, or -EINTR: a pool's thread keeps
 * its errno to itself, and of poll's errors that is the one that a valid table can meet.
 */
export async function pollAsync(fd: number, events: number, timeoutMs: number): Promise<number> {
  if (fd < 0) return POLL.POLLNVAL;
  // One of its own: several waits are under way at a time.
  const table = createPollTable(1);
  setPollFd(table, 0, fd, events);
  const result = await setupLibc().pollInPool(table.pointer, 1, timeoutMs);
  if (result < 0) return -ERRNO.EINTR;
  return result === 0 ? 0 : reventsOf(table, 0);
}
