import {
  createIovecs,
  ERRNO,
  type Iovecs,
  POLL,
  poll,
  read,
  readv,
  regionOf,
  setIovec,
  SHUT,
  shutdown,
  writev,
} from "../libc/mod.ts";
import { acquire, type Pool, type PoolEntry, releaseBuffer } from "../memory/mod.ts";
import type { Message, Receiver, Reply, Sender } from "./message.ts";
import {
  encodeFrame,
  END_OF_STREAM,
  FRAME_SIZE,
  frameDevice,
  frameKind,
  frameLength,
  isFrame,
} from "./stream_frame.ts";

/**
 * A sender over a byte stream: a connected socket, or a file. Frame and bytes go out in one writev(2),
 * straight from where the device was read into.
 */
export function createStreamSender(fd: number, pool: Pool, isSocket: boolean): Sender {
  const entry = takeBuffer(pool);
  const region = regionOf(entry.buffer);
  const frame = regionOf(new ArrayBuffer(FRAME_SIZE));
  const replyFrame = regionOf(new ArrayBuffer(FRAME_SIZE));
  const iovecs = createIovecs(2);
  let transferred = 0;
  let broken = false;

  function takeReply(reply: Reply): number {
    const result = readWhole(fd, replyFrame.pointer, replyFrame.address, iovecs, FRAME_SIZE);
    if (result < 0) return result;
    if (!isFrame(replyFrame.view, 0)) return -ERRNO.EPROTO;
    reply.kind = frameKind(replyFrame.view, 0);
    reply.value = frameLength(replyFrame.view, 0);
    return 1;
  }

  function awaitReply(reply: Reply, timeout_ms: number): number {
    if (!isSocket) return 0;
    const ready = poll(fd, POLL.POLLIN, timeout_ms);
    if (ready === -ERRNO.EINTR) return 0;
    return ready > 0 ? takeReply(reply) : ready;
  }

  return {
    capacity: pool.bufferSize,
    hasReturnPath: isSocket,
    bulk: null,
    transferred: () => transferred,
    claim: () => region,
    send(kind, device, length) {
      // What lies behind the region is not the caller's to send.
      if (length > region.bytes.length) return -ERRNO.EMSGSIZE;
      encodeFrame(frame.view, kind, device, length);
      const result = writeWhole(fd, iovecs, frame.address, region.address, length);
      broken = result < 0;
      if (broken) return result;
      transferred += FRAME_SIZE + length;
      return 0;
    },
    pollReply: (reply) => awaitReply(reply, 0),
    waitReply: awaitReply,
    finish() {
      encodeFrame(frame.view, END_OF_STREAM, 0, 0);
      // Where a message broke off, whatever followed would be taken for its bytes.
      if (!broken) writeWhole(fd, iovecs, frame.address, 0, 0);
      if (isSocket) shutdown(fd, SHUT.SHUT_WR);
    },
    // The fd belongs to whoever opened the channel.
    close: () => releaseBuffer(pool, entry),
  };
}

/**
 * A receiver over a byte stream. It reads as much as there is into one buffer and gives a message's bytes
 * out of it in as many parts as they came in, so that each is copied once, by the kernel.
 *
 *     buffer: [ ...used | tail of a message | frame | message ... | free ]
 *                        ^ start                                   ^ end
 */
export function createStreamReceiver(fd: number, pool: Pool, isSocket: boolean): Receiver {
  const entry = takeBuffer(pool);
  const size = pool.bufferSize;
  const region = regionOf(entry.buffer);
  const frame = regionOf(new ArrayBuffer(FRAME_SIZE));
  const iovecs = createIovecs(2);
  let start = 0;
  let end = 0;
  let kind = 0;
  let device = 0;
  let bodyLeft = 0;

  /** Reads more behind `end`; bytes read, 0 at the end of the stream, or a negative errno. */
  function fill(): number {
    for (;;) {
      let n: number;
      if (end === 0) {
        n = read(fd, region.pointer, size);
      } else {
        setIovec(iovecs, 0, region.address + end, size - end);
        n = readv(fd, iovecs.pointer, 1);
      }
      if (n === -ERRNO.EINTR) continue;
      if (n > 0) end += n;
      return n;
    }
  }

  /** Makes sure that a whole frame is in the buffer: 1, or a negative errno. */
  function needFrame(): number {
    while (end - start < FRAME_SIZE) {
      if (start > 0) {
        region.bytes.copyWithin(0, start, end);
        end -= start;
        start = 0;
      }
      const n = fill();
      if (n <= 0) return n < 0 ? n : -ERRNO.ECONNRESET;
    }
    return 1;
  }

  return {
    receive(message: Message) {
      if (bodyLeft === 0) {
        const have = needFrame();
        if (have < 0) return have;
        if (!isFrame(region.view, start)) return -ERRNO.EPROTO;
        kind = frameKind(region.view, start);
        // It stays in the buffer, so that it is found again.
        if (kind === END_OF_STREAM) return 0;
        device = frameDevice(region.view, start);
        bodyLeft = frameLength(region.view, start);
        start += FRAME_SIZE;
      }
      if (bodyLeft > 0 && start === end) {
        start = 0;
        end = 0;
        const n = fill();
        if (n <= 0) return n < 0 ? n : -ERRNO.ECONNRESET;
      }
      const length = Math.min(bodyLeft, end - start);
      message.kind = kind;
      message.device = device;
      message.region = region;
      message.offset = start;
      message.length = length;
      start += length;
      bodyLeft -= length;
      return 1;
    },
    // The bytes stay until the next receive; then nobody needs them.
    release() {},
    reply(replyKind, value) {
      if (!isSocket) return 0;
      encodeFrame(frame.view, replyKind, 0, value);
      return writeWhole(fd, iovecs, frame.address, 0, 0);
    },
    fail() {
      if (isSocket) shutdown(fd, SHUT.SHUT_RDWR);
    },
    close: () => releaseBuffer(pool, entry),
  };
}

function takeBuffer(pool: Pool): PoolEntry {
  const entry = acquire(pool);
  if (entry === undefined) {
    throw new RangeError(
      `Cannot take a buffer for a channel: received a pool with all ${pool.capacity} in use`,
    );
  }
  return entry;
}

/** Writes a frame and its bytes, all of them: 0 or a negative errno. */
function writeWhole(
  fd: number,
  iovecs: Iovecs,
  frameAddress: number,
  bodyAddress: number,
  length: number,
): number {
  const total = FRAME_SIZE + length;
  let done = 0;
  while (done < total) {
    const n = writePart(fd, iovecs, frameAddress, bodyAddress, length, done);
    if (n === -ERRNO.EINTR) continue;
    if (n < 0) return n;
    done += n;
  }
  return 0;
}

/** Writes what is left of a frame and its bytes after `done` of them. */
function writePart(
  fd: number,
  iovecs: Iovecs,
  frameAddress: number,
  bodyAddress: number,
  length: number,
  done: number,
): number {
  if (done < FRAME_SIZE) {
    setIovec(iovecs, 0, frameAddress + done, FRAME_SIZE - done);
    setIovec(iovecs, 1, bodyAddress, length);
    return writev(fd, iovecs.pointer, length > 0 ? 2 : 1);
  }
  setIovec(iovecs, 0, bodyAddress + (done - FRAME_SIZE), length - (done - FRAME_SIZE));
  return writev(fd, iovecs.pointer, 1);
}

/** Reads exactly `length` bytes: `length`, or a negative errno (-ECONNRESET where the stream ends before). */
function readWhole(
  fd: number,
  pointer: Deno.PointerObject,
  address: number,
  iovecs: Iovecs,
  length: number,
): number {
  let done = 0;
  while (done < length) {
    let n: number;
    if (done === 0) {
      n = read(fd, pointer, length);
    } else {
      setIovec(iovecs, 0, address + done, length - done);
      n = readv(fd, iovecs.pointer, 1);
    }
    if (n === -ERRNO.EINTR) continue;
    if (n < 0) return n;
    if (n === 0) return -ERRNO.ECONNRESET;
    done += n;
  }
  return done;
}
