import type { MultifdEnds } from "../../channel/mod.ts";
import type { MovableDevice } from "../../device/mod.ts";
import { ERRNO } from "../../libc/mod.ts";
import type { DestinationRun } from "../destination.ts";
import { callFailure, type Failure, MigrationError } from "../migration_error.ts";
import type { MultifdLoad } from "../multifd_transfer.ts";
import { loadsCancelled, startSwitchover } from "../multifd/mod.ts";
import {
  createLoadShared,
  emptyPool,
  failLoads,
  type LoadShared,
  type QueueSize,
  wakeLoads,
} from "./load_shared.ts";
import { giveDurations } from "./kept_durations.ts";
import { peakQueued } from "./queued_bytes.ts";
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

/** The destination's threads, as its own thread holds them. */
export interface MultifdLoadThreads extends MultifdLoad {
  /** Receives from now on: what comes is queued. To be called before the migration runs. */
  begin(): void;
  abort(): Failure | null;
  /** What its threads have in common, to be looked at. */
  readonly shared: LoadShared;
  /**
   * Ends all threads, whatever they are at; or leaves them to the next migration. The sockets stay their owner's.
   *
   * @param stays Whether all went well and another migration may follow
   */
  close(stays?: boolean): void;
}

/** What the destination goes by. */
export interface MultifdLoadOptions {
  /** For each device, in bytes; 0 = no limit. */
  readonly maxQueuedBytes: number;
  /** How large each device's state can be. */
  readonly sizes: readonly QueueSize[];
}

/**
 * Starts a thread for each channel and each device; they wait until they are told to run.
 *
 * ```text
 *   a receive thread per channel      a load thread per device          destination's thread
 *   begin: head, data -> pool slot
 *          record -> device's queue ->  by idx  <------- device -------  start (SWITCHOVER_START)
 *                                       write(data_fd)
 *   the end                             config  -------- device ------>  join
 * ```
 *
 * @param devices All devices of the migration
 * @param ends The destination's side of the channels
 * @param options What it goes by
 * @param supply Where the threads are from
 * @throws {Error} If a Worker cannot be started
 */
export async function startMultifdLoad(
  devices: readonly MovableDevice[],
  ends: MultifdEnds,
  options: MultifdLoadOptions,
  { startThread, spare }: ThreadSupply<LoadShared> = {},
): Promise<MultifdLoadThreads> {
  const ids = devices.map(({ id }) => id);
  const shape = JSON.stringify([ids, ends.fds.length, options]);
  const set = spare?.take(shape) ?? await startSet(ids, ends, options, startThread);
  const { threads } = set;
  const shared: LoadShared = { ...set.shared, ends };
  const loads = threads.slice(0, devices.length);
  const recvs = threads.slice(devices.length);

  /** Has all threads end, and waits for them. */
  function stop(): Failure | null {
    if (threads.some(({ isRunning }) => isRunning)) failLoads(shared, -ERRNO.ECANCELED, -1);
    joinThreads(threads, () => {});
    return threadFailure(threads);
  }

  return {
    shared,
    begin() {
      for (const thread of recvs) runThread(thread, ends, null);
    },
    start(run) {
      startSwitchover(shared.gate);
      for (const [i, device] of devices.entries()) {
        const thread = loads[i];
        if (thread !== undefined) runThread(thread, ends, device, run.onWrite?.oneIn);
      }
      wakeLoads(shared);
    },
    join(run) {
      joinThreads(loads, () => {
        // A migration is cancelled at its source, whose end breaks the channels.
        const errno = Atomics.load(ends.broken, 0);
        if (errno !== 0 && loadsCancelled(shared.gate) === 0) failLoads(shared, -errno, -1);
      });
      report(run, shared, loads);
      const errno = loadsCancelled(shared.gate);
      if (errno === 0) {
        const failure = threadFailure(threads);
        if (failure !== null) throw new MigrationError(failure);
        return;
      }
      throw new MigrationError(stop() ?? brokenFailure(errno));
    },
    abort: stop,
    close(stays = false) {
      stop();
      if (!stays || spare === undefined || threads.some(({ broken }) => broken !== null)) {
        endThreads(threads);
        return;
      }
      emptyPool(shared);
      spare.keep(shape, set);
    },
  };
}

async function startSet(
  ids: readonly string[],
  ends: MultifdEnds,
  { sizes, maxQueuedBytes }: MultifdLoadOptions,
  startThread: StartThread | undefined,
): Promise<ThreadSet<LoadShared>> {
  const shared = createLoadShared(ids, sizes, ends, maxQueuedBytes);
  const threads = await startThreads([
    ...ids.map((_, place) => ({ kind: "load", place, shared }) as const),
    ...ends.fds.map((_, place) => ({ kind: "recv", place, shared }) as const),
  ], startThread);
  const { gate, queues, pool, queued, channels } = shared;
  const words = [
    gate.words,
    pool.used,
    queued.words,
    channels,
    ...queues.map(({ words }) => words),
  ];
  return { shared, threads, renew: renewing(words) };
}

function report(run: DestinationRun, shared: LoadShared, loads: readonly Thread[]): void {
  for (const [i, { result }] of loads.entries()) {
    const d = run.destinationDevices[i];
    if (d === undefined || result === null) continue;
    d.loadedBytes += result.bytes;
    d.load.ownNs += result.busyNs;
    d.multifd = {
      queuedPeakBytes: peakQueued(shared.queued, i),
      loadBeganNs: result.beganNs,
      loadEndedNs: result.endedNs,
    };
    giveDurations(result.durationsNs, run.onWrite);
  }
}

function brokenFailure(errno: number): Failure {
  return callFailure("receive over the multifd channels", null, "load", "read", errno);
}
