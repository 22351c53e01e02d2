import { type MultifdEnds, shutdownMultifd } from "../../channel/mod.ts";
import { pageStart } from "../../libc/mod.ts";
import { createSharedPool, type SharedPool } from "../../memory/mod.ts";
import {
  abortSaves,
  attachSendJobs,
  createSendJobs,
  saveAborted,
  SEND_CHANGES_WORD,
  type SendJobs,
} from "../multifd/mod.ts";
import { createMailboxes, type Mailboxes } from "./mailboxes.ts";

/** What the source's threads have in common, as plain data that a `postMessage` shares. */
export interface SaveShared {
  readonly jobs: SendJobs;
  readonly mailboxes: Mailboxes;
  /** A slot for each device's read and one for each channel's job: nobody ever waits for one. */
  readonly pool: SharedPool;
  /** The devices' ids. */
  readonly ids: readonly string[];
  readonly ends: MultifdEnds;
}

/** What so many devices and the given channels need. */
export function createSaveShared(
  ids: readonly string[],
  ends: MultifdEnds,
  bufferSize: number,
): SaveShared {
  const jobs = createSendJobs(ends.fds.length, ids.length);
  const pool = createSharedPool(bufferSize, ids.length + ends.fds.length, pageStart);
  return { jobs: attachSendJobs(jobs.words), mailboxes: createMailboxes(jobs), pool, ids, ends };
}

/**
 * Aborts all saves and ends the channels, so that a thread blocked on one comes back.
 *
 * @param shared What the threads have in common
 * @param errno Why: a negative errno
 * @param device Whose save failed, or -1 for no device's
 * @returns Whether this is the first reason
 */
export function failSaves(shared: SaveShared, errno: number, device: number): boolean {
  const isFirst = saveAborted(shared.jobs) === 0;
  abortSaves(shared.jobs, errno, device);
  wakeSaves(shared);
  shutdownMultifd(shared.ends);
  return isFirst;
}

/** Wakes the save threads that wait for a channel. */
export function wakeSaves({ jobs }: SaveShared): void {
  Atomics.notify(jobs.words, SEND_CHANGES_WORD);
}
