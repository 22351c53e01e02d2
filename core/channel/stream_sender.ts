import {
  ERRNO,
  monotonicNs,
  POLL,
  poll,
  read,
  type Region,
  regionOf,
  SHUT,
  shutdown,
} from "../libc/mod.ts";
import { type Pool, releaseBuffer } from "../memory/mod.ts";
import type { WriteGathered } from "./faulty_write.ts";
import { createGather, writeGathered } from "./gather.ts";
import { MESSAGE, type Reply, type Sender } from "./message.ts";
import { createReplyStream, endReplies, takeReply } from "./reply_stream.ts";
import {
  createFrame,
  createStreamEncoder,
  encodeMessage,
  type StreamOptions,
} from "./stream_encoder.ts";
import { takeBuffer } from "./take_buffer.ts";

/** A message that is encoded: the framing around its bytes, and the stretches of the gather that it is. */
interface Place {
  readonly region: Region;
  readonly head: Region;
  readonly tail: Region;
}

const STRETCHES = 3;

/**
 * A sender over a byte stream: a connected socket, or a file. It writes what QEMU would write. A message's
 * framing and its bytes go out in one writev(2), straight from where the device was read into.
 *
 * With several buffers in the pool the bytes of stop-copy are held until all buffers are full, or another message
 * follows: small buffers then cost a part of a call each.
 *
 * ```text
 *   writev   head 0 | buffer 0 | tail 0 | head 1 | buffer 1 | tail 1 | ...
 * ```
 *
 * `send` gives -EINVAL for a message that has no place in a stream, such as one of a device before its SETUP.
 * Once a write has failed the stream may be cut anywhere: nothing more is written.
 *
 * @param pool All of its buffers are taken
 * @param write How it writes: another way where faults are to happen to it
 * @throws {RangeError} If the pool has no buffer left, or a device's id does not fit
 */
export function createStreamSender(
  fd: number,
  pool: Pool,
  isSocket: boolean,
  options: StreamOptions = {},
  write: WriteGathered = writeGathered,
): Sender {
  const encoder = createStreamEncoder(isSocket, options);
  const entries = Array.from({ length: pool.capacity }, () => takeBuffer(pool));
  const places = entries.map(({ bytes }): Place => ({
    region: regionOf(bytes.buffer, bytes.byteOffset, bytes.length),
    ...createFrame(),
  }));
  const gather = createGather(STRETCHES * places.length);
  const { addresses, lengths } = gather;
  for (const [i, { head, region, tail }] of places.entries()) {
    addresses.set([head.address, region.address, tail.address], STRETCHES * i);
  }
  /** How many messages are encoded and not written yet: fewer than there are places. */
  let held = 0;
  const replies = createReplyStream();
  // In a typed array: a variable beyond 2^31 is allocated anew by every addition.
  const transferred = new Float64Array(1);
  /** What the write that failed gave. */
  let broken = 0;

  /** Writes what is held: 0, or a negative errno. */
  function flush(): number {
    held = 0;
    const n = write(fd, gather);
    lengths.fill(0);
    if (n < 0) {
      broken = n;
      return n;
    }
    transferred[0] = (transferred[0] ?? 0) + n;
    return 0;
  }

  /** Waits for answers and reads what there is: bytes, 0 when the time is up, or a negative errno. */
  function readReplies(timeout_ms: number): number {
    const ready = poll(fd, POLL.POLLIN, timeout_ms);
    if (ready === -ERRNO.EINTR) return 0;
    if (ready <= 0) return ready;
    const n = read(fd, replies.region.pointer, replies.region.bytes.length);
    if (n === -ERRNO.EINTR) return 0;
    if (n === 0) return endReplies(replies);
    if (n < 0) return n;
    replies.start = 0;
    replies.end = n;
    return n;
  }

  function awaitReply(reply: Reply, timeout_ms: number): number {
    if (!isSocket) return 0;
    // Nobody answers what was not sent.
    if (held > 0) flush();
    const untilNs = timeout_ms > 0 ? monotonicNs() + timeout_ms * 1e6 : 0;
    for (let left_ms = timeout_ms;;) {
      const taken = takeReply(replies, reply);
      if (taken !== 0) return taken;
      const n = readReplies(left_ms);
      if (n <= 0) return n;
      // Of an answer that came in part, the rest may be on its way.
      if (timeout_ms > 0) left_ms = Math.max(0, Math.ceil((untilNs - monotonicNs()) / 1e6));
    }
  }

  return {
    capacity: pool.bufferSize,
    hasReturnPath: isSocket,
    bulk: null,
    transferred: () => transferred[0] ?? 0,
    claim: () => places[held]?.region ?? null,
    send(kind, device, length) {
      // What lies behind the region is not the caller's to send.
      if (length > pool.bufferSize) return -ERRNO.EMSGSIZE;
      if (broken < 0) return broken;
      const place = places[held];
      if (place === undefined) return -ERRNO.ENOBUFS;
      encoder.head = place.head;
      encoder.tail = place.tail;
      const encoded = encodeMessage(encoder, kind, device, length);
      if (encoded < 0) return encoded;
      const at = STRETCHES * held;
      lengths[at] = encoder.headLength;
      lengths[at + 1] = length;
      lengths[at + 2] = encoder.tailLength;
      held++;
      const isBulk = encoder.isSwitchedOver && (kind === MESSAGE.DATA || kind === MESSAGE.RAM);
      return isBulk && held < places.length ? 0 : flush();
    },
    pollReply: (reply) => awaitReply(reply, 0),
    waitReply: awaitReply,
    lastError: () => replies.error,
    finish() {
      // Whether the stream is whole, its EOF says.
      if (isSocket) shutdown(fd, SHUT.SHUT_WR);
    },
    // The fd belongs to whoever opened the channel.
    close() {
      for (const entry of entries) releaseBuffer(pool, entry);
    },
  };
}
