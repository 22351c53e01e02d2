import type { MultifdEnds } from "../../channel/mod.ts";
import type { MovableDevice } from "../../device/mod.ts";
import { ERRNO } from "../../libc/mod.ts";
import { callFailure, type Failure, MigrationError } from "../migration_error.ts";
import type { MultifdSave } from "../multifd_transfer.ts";
import { pendingJobs, saveAborted, SEND_CHANGES_WORD } from "../multifd/mod.ts";
import { cancelled, isCancelled, type SourceRun } from "../source_run.ts";
import { stopMailboxes } from "./mailboxes.ts";
import { giveDurations } from "./kept_durations.ts";
import { createSaveShared, failSaves, type SaveShared } from "./save_shared.ts";
import { renewing, type ThreadSet } from "./spare_threads.ts";
import type { StartThread } from "./start_thread.ts";
import type { ThreadSupply } from "./thread_supply.ts";
import {
  endThreads,
  joinThreads,
  runThread,
  startThreads,
  type Thread,
  threadFailure,
} from "./threads.ts";

const SLICE_MS = 20;

/** The source's threads, as its own thread holds them. */
export interface MultifdSaveThreads extends MultifdSave {
  /** Opens the channels: each one's init packet is sent. To be called before the migration runs. */
  begin(): void;
  abort(): Failure | null;
  transferred(): number;
  /** What its threads have in common, to be looked at. */
  readonly shared: SaveShared;
  /**
   * Ends all threads, whatever they are at; or leaves them to the next migration. The sockets stay their owner's.
   *
   * @param stays Whether all went well and another migration may follow
   */
  close(stays?: boolean): void;
}

/**
 * Starts a thread for each device and each channel; they wait until they are told to run.
 *
 * ```text
 *   source's thread        a save thread per device          a send thread per channel
 *   begin ------------------------------------------------->  init packet
 *   start ---- device --->  STOP_COPY, read -> idle channel -> writev(head, data)
 *   (RAM)                   ...
 *   join <---- device ----  config                             the end
 * ```
 *
 * @param devices All devices of the migration
 * @param ends The source's side of the channels
 * @param bufferSize The most that one read gives
 * @param supply Where the threads are from
 * @throws {Error} If a Worker cannot be started
 */
export async function startMultifdSave(
  devices: readonly MovableDevice[],
  ends: MultifdEnds,
  bufferSize: number,
  { startThread, spare }: ThreadSupply<SaveShared> = {},
): Promise<MultifdSaveThreads> {
  const ids = devices.map(({ id }) => id);
  const shape = JSON.stringify([ids, ends.fds.length, bufferSize]);
  const set = spare?.take(shape) ?? await startSet(ids, ends, bufferSize, startThread);
  const { threads } = set;
  const shared: SaveShared = { ...set.shared, ends };
  const saves = threads.slice(0, devices.length);
  const sends = threads.slice(devices.length);

  /** Has all threads end, and waits for them. */
  function stop(): Failure | null {
    if (!threads.some(({ isRunning }) => isRunning)) return threadFailure(threads);
    failSaves(shared, -ERRNO.ECANCELED, -1);
    stopMailboxes(shared.mailboxes);
    joinThreads(threads, () => {});
    return threadFailure(threads);
  }

  return {
    shared,
    begin() {
      for (const thread of sends) runThread(thread, ends, null);
    },
    start(run) {
      for (const [i, device] of devices.entries()) {
        const thread = saves[i];
        if (thread !== undefined) runThread(thread, ends, device, run.onRead?.oneIn);
      }
    },
    join(run) {
      let byUser = false;
      const look = () => {
        run.onPlace?.("load");
        const errno = Atomics.load(ends.broken, 0);
        if (!byUser && isCancelled(run)) byUser = failSaves(shared, -ERRNO.ECANCELED, -1);
        else if (errno !== 0 && saveAborted(shared.jobs) === 0) failSaves(shared, -errno, -1);
      };
      joinThreads(saves, look);
      awaitSent(shared, look);
      report(run, saves);
      if (saveAborted(shared.jobs) !== 0) {
        const failure = stop();
        if (failure !== null) throw new MigrationError(failure);
        if (byUser) throw cancelled("switchover");
        throw new MigrationError(brokenFailure(shared));
      }
      stopMailboxes(shared.mailboxes);
      joinThreads(sends, look);
      const failure = threadFailure(threads);
      if (failure !== null) throw new MigrationError(failure);
    },
    abort: stop,
    transferred: () => sends.reduce((sum, { result }) => sum + (result?.bytes ?? 0), 0),
    close(stays = false) {
      stop();
      if (!stays || spare === undefined || threads.some(({ broken }) => broken !== null)) {
        endThreads(threads);
        return;
      }
      spare.keep(shape, set);
    },
  };
}

async function startSet(
  ids: readonly string[],
  ends: MultifdEnds,
  bufferSize: number,
  startThread: StartThread | undefined,
): Promise<ThreadSet<SaveShared>> {
  const shared = createSaveShared(ids, ends, bufferSize);
  const threads = await startThreads([
    ...ids.map((_, place) => ({ kind: "save", place, shared }) as const),
    ...ends.fds.map((_, place) => ({ kind: "send", place, shared }) as const),
  ], startThread);
  const { jobs, mailboxes, pool } = shared;
  return { shared, threads, renew: renewing([jobs.words, mailboxes.words, pool.used]) };
}

/** Waits until the channels have sent what they were given. */
function awaitSent({ jobs }: SaveShared, look: () => void): void {
  for (;;) {
    const seen = Atomics.load(jobs.words, SEND_CHANGES_WORD);
    look();
    if (saveAborted(jobs) !== 0 || pendingJobs(jobs) === 0) return;
    Atomics.wait(jobs.words, SEND_CHANGES_WORD, seen, SLICE_MS);
  }
}

function report(run: SourceRun, saves: readonly Thread[]): void {
  for (const [i, { result }] of saves.entries()) {
    const d = run.sourceDevices[i];
    if (d === undefined || result === null) continue;
    d.stopCopyBytes = result.bytes;
    if (result.beganNs !== null && result.endedNs !== null) {
      d.saveNs = result.endedNs - result.beganNs;
    }
    giveDurations(result.durationsNs, run.onRead);
  }
}

function brokenFailure({ jobs }: SaveShared): Failure {
  return callFailure(
    "send over the multifd channels",
    null,
    "stop-copy",
    "writev",
    saveAborted(jobs),
  );
}
