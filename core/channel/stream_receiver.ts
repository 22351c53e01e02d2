import { createIovecs, ERRNO, readv, regionOf, setIovec, SHUT, shutdown } from "../libc/mod.ts";
import { type Pool, releaseBuffer } from "../memory/mod.ts";
import { decode, endOfInput, EVENT, payloadLeft, takePayload, WireError } from "../wire/mod.ts";
import { createGather, writeGathered } from "./gather.ts";
import type { Message, Receiver } from "./message.ts";
import { encodeReply, REPLY_SIZE } from "./reply_stream.ts";
import {
  createStreamDecoder,
  framingAhead,
  gapSize,
  takeEvent,
  takePart,
} from "./stream_decoder.ts";
import { takeBuffer } from "./take_buffer.ts";

/** How a receiver reads. */
export interface ReceiverOptions {
  /** Whether several messages are to come in one read. */
  readonly readsAhead?: boolean;
}

/** In bytes: more than there is between two payloads of the same kind. */
const HEAD_SIZE = 64;

/** The state of a receiver that has more to give; any other is what `receive` gives from then on. */
const OPEN = 1;

/**
 * A receiver over a byte stream. One readv(2) fills two places, so that the bytes of a message come to lie at
 * the start of the buffer and the framing around them beside it. It is a guess that most often comes true;
 * where it does not, bytes are handed on from where they are: nothing is copied but by the kernel.
 *
 * ```text
 *   framing comes   [ head: tail | next head ]  [ buffer: payload ......... | tail ]
 *   payload comes   [ buffer: rest of the payload ....... ]  [ head: tail | next head ]
 * ```
 *
 * Where messages are much smaller than the buffer it reads ahead instead, as much as there is room for, and hands bytes on
 * from where they came to lie.
 *
 * `receive` gives -EPROTO for what is no stream of ours, and -ECONNRESET for one that ends before its EOF or
 * in the middle of something; `lastError` then says why.
 *
 * @throws {RangeError} If the pool has no buffer left
 */
export function createStreamReceiver(
  fd: number,
  pool: Pool,
  isSocket: boolean,
  { readsAhead = false }: ReceiverOptions = {},
): Receiver {
  const entry = takeBuffer(pool);
  const size = pool.bufferSize;
  const buffer = regionOf(entry.buffer);
  const head = regionOf(new ArrayBuffer(HEAD_SIZE));
  const iovecs = createIovecs(2);
  const answer = regionOf(new ArrayBuffer(REPLY_SIZE));
  const gather = createGather(1);
  gather.addresses[0] = answer.address;
  const stream = createStreamDecoder();
  const { wire } = stream;
  // What is being decoded, and what comes after it.
  let chunk = head;
  let start = 0;
  let end = 0;
  let next = buffer;
  let nextEnd = 0;
  let state = OPEN;
  let error: string | null = null;

  /** Reads on into both places: bytes read, 0 at the end of the stream, or a negative errno. */
  function readOn(): number {
    const left = payloadLeft(wire);
    let first: number;
    let second: number;
    if (readsAhead) {
      chunk = buffer;
      next = head;
      first = size;
      second = 0;
    } else if (left > 0) {
      chunk = buffer;
      next = head;
      first = Math.min(left, size);
      second = left > size ? 0 : gapSize(wire);
    } else {
      chunk = head;
      next = buffer;
      first = Math.min(framingAhead(stream), HEAD_SIZE);
      second = size;
    }
    start = 0;
    end = 0;
    nextEnd = 0;
    setIovec(iovecs, 0, chunk.address, first);
    setIovec(iovecs, 1, next.address, second);
    let n: number;
    do n = readv(fd, iovecs.pointer, second > 0 ? 2 : 1); while (n === -ERRNO.EINTR);
    if (n <= 0) return n;
    end = Math.min(n, first);
    nextEnd = n - end;
    return n;
  }

  /** Sees to it that there are bytes to decode: 1, 0 at the end of a whole stream, or a negative errno. */
  function fill(): number {
    if (nextEnd > 0) {
      // Framing and payload take turns, and so do the places.
      chunk = next;
      start = 0;
      end = nextEnd;
      nextEnd = 0;
      return 1;
    }
    const n = readOn();
    if (n !== 0) return n < 0 ? n : 1;
    state = -ERRNO.ECONNRESET;
    endOfInput(wire);
    state = 0;
    return 0;
  }

  /** Payload stands at the start of the chunk: it is the message, and the decoder has nothing to look at. */
  function handOn(message: Message, length: number): 1 {
    takePayload(wire, length);
    start = length;
    takePart(stream, message, 0, length);
    message.region = chunk;
    return 1;
  }

  function receiveMessage(message: Message): number {
    for (;;) {
      if (start === end) {
        const filled = fill();
        if (filled <= 0) return filled;
        const left = payloadLeft(wire);
        if (left > 0 && stream.kind !== 0) return handOn(message, Math.min(left, end));
      }
      const event = decode(wire, chunk.bytes, start, end);
      start = wire.next;
      if (event !== EVENT.NEED_INPUT && takeEvent(stream, event, message)) {
        message.region = chunk;
        return 1;
      }
    }
  }

  return {
    receive(message) {
      if (state !== OPEN) return state;
      try {
        return receiveMessage(message);
      } catch (thrown) {
        if (!(thrown instanceof WireError)) throw thrown;
        error = thrown.message;
        if (state === OPEN) state = -ERRNO.EPROTO;
        return state;
      }
    },
    lastError: () => error,
    // The bytes stay until the next receive; then nobody needs them.
    release() {},
    reply(kind, value) {
      if (!isSocket) return 0;
      const length = encodeReply(answer.view, kind, value);
      if (length < 0) return length;
      gather.lengths[0] = length;
      return Math.min(writeGathered(fd, gather), 0);
    },
    fail() {
      if (isSocket) shutdown(fd, SHUT.SHUT_RDWR);
    },
    close: () => releaseBuffer(pool, entry),
  };
}
