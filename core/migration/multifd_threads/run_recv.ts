import {
  createIovecs,
  ERRNO,
  errnoName,
  type Iovecs,
  read,
  readv,
  regionOf,
  setIovec,
} from "../../libc/mod.ts";
import {
  POOL_EXHAUSTED,
  pushRecord,
  type SharedPool,
  slotStart,
  takeSlot,
} from "../../memory/mod.ts";
import {
  createDeviceStateHead,
  createMultifdDecoder,
  dataConsumed,
  decodeMultifd,
  headWanted,
  MULTIFD_EVENT,
  MULTIFD_SIZE,
  type MultifdDecoder,
} from "../../wire/multifd/mod.ts";
import { WireError } from "../../wire/mod.ts";
import { callFailure, type Failure, MigrationError, reasonFailure } from "../migration_error.ts";
import { loadsCancelled } from "../multifd/mod.ts";
import { deviceIdstr } from "./idstr.ts";
import { endChannel, failLoads, type LoadShared, takeChannelId } from "./load_shared.ts";
import { addQueued } from "./queued_bytes.ts";
import { channelResult, type ThreadResult } from "./thread_result.ts";

/**
 * Receives what comes over a channel until it ends: each buffer's data is read straight into a slot of the pool,
 * and its device's load gets a record of it. A buffer that cannot be taken cancels all loads.
 *
 * @param shared What the destination's threads have in common
 * @param place The channel's place among the sockets
 */
export function runRecv(shared: LoadShared, place: number): ThreadResult {
  const { ids, pool, ends } = shared;
  const decoder = createMultifdDecoder({
    devices: ids.map((id) => {
      return { head: createDeviceStateHead(deviceIdstr(id), 0), transferEnabled: true };
    }),
    channelCount: ends.fds.length,
    maxDataBytes: pool.slotSize,
  });
  let failure: Failure | null = null;
  try {
    receiveAll(shared, decoder, ends.fds[place] ?? -1, place);
  } catch (error) {
    const { errno, device, why } = reasonOf(error, decoder, place);
    if (failLoads(shared, errno, device)) failure = why;
  }
  endChannel(shared);
  return channelResult(failure, decoder.position);
}

/** A buffer that its device has no room for. */
class RefusedError extends Error {
  readonly errno: number;
  constructor(errno: number, message: string) {
    super(message);
    this.errno = errno;
  }
}

function receiveAll(
  shared: LoadShared,
  decoder: MultifdDecoder,
  fd: number,
  place: number,
): void {
  const head = regionOf(new ArrayBuffer(MULTIFD_SIZE.RAM));
  const iovecs = createIovecs(1);
  const poolAddress = regionOf(shared.pool.buffer).address;
  while (loadsCancelled(shared.gate) === 0) {
    const n = read(fd, head.pointer, Math.min(headWanted(decoder), head.bytes.length));
    if (n === -ERRNO.EINTR) continue;
    if (n === 0 && decoder.have === 0 && decoder.channelId >= 0) return;
    if (n <= 0) throw new MigrationError(gone(place, n));
    const event = decodeMultifd(decoder, head.bytes, 0, n);
    if (event === MULTIFD_EVENT.CHANNEL && !takeChannelId(shared, decoder.channelId)) {
      throw new RefusedError(ERRNO.EEXIST, `a second channel has the id ${decoder.channelId}`);
    }
    if (event !== MULTIFD_EVENT.DEVICE_STATE) continue;
    const slot = decoder.dataLength === 0 ? -1 : takeSlot(shared.pool);
    if (decoder.dataLength > 0) {
      if (slot === POOL_EXHAUSTED) {
        throw new RefusedError(
          ERRNO.ENOBUFS,
          `all ${shared.pool.slotCount} buffers of the pool are queued`,
        );
      }
      readData(decoder, fd, iovecs, shared.pool, poolAddress, slot, place);
    }
    handOver(shared, decoder, slot);
  }
}

/** Reads a buffer's data to where it belongs, all of it. */
function readData(
  decoder: MultifdDecoder,
  fd: number,
  iovecs: Iovecs,
  pool: SharedPool,
  poolAddress: number,
  slot: number,
  place: number,
): void {
  while (decoder.dataLeft > 0) {
    const done = decoder.dataLength - decoder.dataLeft;
    // Added up here: an address that is handed over is a number that is allocated.
    setIovec(iovecs, 0, poolAddress + slotStart(pool, slot) + done, decoder.dataLeft);
    const n = readv(fd, iovecs.pointer, 1);
    if (n === -ERRNO.EINTR) continue;
    if (n <= 0) throw new MigrationError(gone(place, n));
    dataConsumed(decoder, n);
  }
}

function handOver(shared: LoadShared, decoder: MultifdDecoder, slot: number): void {
  const { device, idx, isConfig, dataLength } = decoder;
  if (!addQueued(shared.queued, device, dataLength)) {
    throw new RefusedError(
      ERRNO.ENOBUFS,
      `queuing state buffer ${idx} would exceed the size max ${shared.queued.max}`,
    );
  }
  const queue = shared.queues[device];
  if (queue === undefined || !pushRecord(queue, slot, idx, isConfig ? 1 : 0, dataLength)) {
    throw new RefusedError(ERRNO.ENOBUFS, `its queue is full at state buffer ${idx}`);
  }
}

/** The other side is gone: 0 is the end of a stream that should have gone on. */
function gone(place: number, n: number): Failure {
  const errno = n === 0 ? -ERRNO.ECONNRESET : n;
  return callFailure(`receive over multifd socket ${place}`, null, "load", "read", errno);
}

function reasonOf(
  error: unknown,
  decoder: MultifdDecoder,
  place: number,
): { errno: number; device: number; why: Failure } {
  const where = `multifd socket ${place}`;
  if (error instanceof MigrationError) {
    return { errno: -ERRNO.ECONNRESET, device: -1, why: error.failure };
  }
  if (error instanceof RefusedError) {
    const { device, devices } = decoder;
    const id = devices[device]?.head.idstr.replace(/\/vfio$/, "") ?? null;
    const message = `Cannot take a buffer${
      id === null ? "" : ` of ${id}`
    } from ${where}: ${error.message}`;
    const errno = -error.errno;
    const why = { ...reasonFailure(message, "load", id), errno: errnoName(errno) };
    return { errno, device, why };
  }
  const message = error instanceof Error ? error.message : String(error);
  const errno = error instanceof WireError ? -ERRNO.EPROTO : -ERRNO.EIO;
  const why = reasonFailure(`Cannot take what came over ${where}: ${message}`, "load");
  return { errno, device: -1, why };
}
