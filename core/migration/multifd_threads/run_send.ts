import {
  createIovecs,
  ERRNO,
  type Iovecs,
  type Region,
  regionOf,
  setIovec,
  SHUT,
  shutdown,
  writev,
} from "../../libc/mod.ts";
import { freeSlot, type SharedPool, slotStart } from "../../memory/mod.ts";
import { createFaultyWrite, createGather } from "../../channel/mod.ts";
import type { ChannelStrikes } from "../../fault/mod.ts";
import {
  createDeviceStateHead,
  encodeChannelInit,
  encodeDeviceStateHead,
  MULTIFD_SIZE,
} from "../../wire/multifd/mod.ts";
import { callFailure, type Failure } from "../migration_error.ts";
import { finishJob } from "../multifd/mod.ts";
import { deviceIdstr } from "./idstr.ts";
import { awaitMail, emptyMailbox, type Job, MAIL } from "./mailboxes.ts";
import { failSaves, type SaveShared, wakeSaves } from "./save_shared.ts";
import { channelResult, type ThreadResult } from "./thread_result.ts";

/** A channel's socket, and what is written to it with one writev(2): a head, and bytes of the pool. */
interface Wire {
  readonly fd: number;
  readonly pool: SharedPool;
  readonly poolAddress: number;
  readonly head: Region;
  readonly iovecs: Iovecs;
}

/**
 * Sends what comes to a channel's mailbox, until it is stopped; then says that nothing follows. After a failure it
 * sends no more and takes the jobs only out, so that their slots are free and nobody waits for the channel.
 *
 * @param shared What the source's threads have in common
 * @param channel The channel's id
 */
export function runSend(shared: SaveShared, channel: number): ThreadResult {
  const { pool, jobs, mailboxes, ends } = shared;
  const heads = shared.ids.map((id) => createDeviceStateHead(deviceIdstr(id), 0));
  const fd = ends.fds[channel] ?? -1;
  const head = regionOf(new ArrayBuffer(MULTIFD_SIZE.DEVICE_STATE_HEAD));
  const poolAddress = regionOf(pool.buffer).address;
  const wire = { fd, pool, poolAddress, head, iovecs: createIovecs(2) };
  const job: Job = { device: 0, idx: 0, isConfig: false, length: 0, slot: -1 };
  const faults = ends.faults?.[channel] ?? null;
  const put = faults === null ? writeWhole : faultyWhole(faults);
  let bytes = 0;
  let failure: Failure | null = null;

  const write = (headLength: number, length: number): number => {
    const result = put(wire, headLength, job.slot, length);
    if (result === 0) bytes += headLength + length;
    else if (failSaves(shared, result, -1)) {
      const what = `send over multifd channel ${channel}`;
      failure = callFailure(what, null, "stop-copy", "writev", result);
    }
    return result;
  };

  let result = write(encodeChannelInit(head.view, 0, null, channel), 0);
  for (;;) {
    const mail = awaitMail(mailboxes, channel, job);
    if (mail === MAIL.STOP) break;
    if (mail === MAIL.EMPTY) {
      // Nobody may be there any more to stop it.
      const errno = Atomics.load(ends.broken, 0);
      if (errno === 0) continue;
      failSaves(shared, -errno, -1);
      break;
    }
    const template = heads[job.device];
    if (result === 0 && template !== undefined) {
      const { idx, isConfig, length } = job;
      const headLength = encodeDeviceStateHead(head.view, 0, template, idx, isConfig, length);
      result = write(headLength, length);
    }
    freeSlot(pool, job.slot);
    emptyMailbox(mailboxes, channel);
    finishJob(jobs, channel);
    wakeSaves(shared);
  }
  shutdown(fd, SHUT.SHUT_WR);
  return channelResult(failure, bytes);
}

/** Writes a head and a slot's data, all of both: 0, or a negative errno. */
function writeWhole(
  { fd, pool, poolAddress, head, iovecs }: Wire,
  headLength: number,
  slot: number,
  length: number,
): number {
  let done = 0;
  while (done < headLength + length) {
    let count = 0;
    if (done < headLength) setIovec(iovecs, count++, head.address + done, headLength - done);
    const dataDone = Math.max(0, done - headLength);
    if (dataDone < length) {
      // Added up here: an address that is handed over is a number that is allocated.
      const address = poolAddress + slotStart(pool, slot) + dataDone;
      setIovec(iovecs, count++, address, length - dataDone);
    }
    const n = writev(fd, iovecs.pointer, count);
    if (n === -ERRNO.EINTR) continue;
    if (n < 0) return n;
    done += n;
  }
  return 0;
}

/** A `writeWhole` to which a plan's faults happen. */
function faultyWhole(faults: ChannelStrikes): typeof writeWhole {
  const write = createFaultyWrite(faults, true, null);
  const gather = createGather(2);
  return ({ fd, pool, poolAddress, head }, headLength, slot, length) => {
    gather.addresses[0] = head.address;
    gather.lengths[0] = headLength;
    gather.addresses[1] = poolAddress + slotStart(pool, slot);
    gather.lengths[1] = length;
    return Math.min(write(fd, gather), 0);
  };
}
