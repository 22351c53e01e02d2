import { ERRNO, type Region, regionOf, SHUT, shutdown } from "../libc/mod.ts";
import { type Pool, releaseBuffer } from "../memory/mod.ts";
import {
  DATA_RECORD_SIZE,
  decode,
  endOfInput,
  EVENT,
  payloadLeft,
  takePayload,
  WireError,
} from "../wire/mod.ts";
import { createGather, writeGathered } from "./gather.ts";
import type { Message, Receiver } from "./message.ts";
import { encodeReply, REPLY_SIZE } from "./reply_stream.ts";
import { askFor, createScatter, nextChunk, readScattered } from "./scatter.ts";
import {
  createStreamDecoder,
  framingAhead,
  gapSize,
  takeDataRecord,
  takeEvent,
  takePart,
} from "./stream_decoder.ts";
import { takeBuffer } from "./take_buffer.ts";

/** How a receiver reads. */
export interface ReceiverOptions {
  /** How many messages are to come in one read: the pool's buffer is so many of equal size. 1 unless given. */
  readonly messages?: number;
}

/** In bytes: more than there is between two payloads of the same kind. */
const HEAD_SIZE = 64;

/** The state of a receiver that has more to give; any other is what `receive` gives from then on. */
const OPEN = 1;

/**
 * A receiver over a byte stream. One readv(2) fills several places, so that the bytes of a message come to lie at
 * the start of a buffer and the framing around them beside it. It is a guess that most often comes true: messages
 * are as long as the last one. Where it does not, bytes are handed on from where they are: nothing is copied but by
 * the kernel.
 *
 * ```text
 *   framing comes   [ head: tail | next head ]  [ buffer: payload ... ]  [ head ]  [ buffer ]  ...  [ head ]
 *   payload comes                               [ buffer: its rest .. ]  [ head ]  [ buffer ]  ...  [ head ]
 *   much smaller    [ all buffers as one: head | payload | head | payload | ...  ]
 * ```
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
  { messages = 1 }: ReceiverOptions = {},
): Receiver {
  const entry = takeBuffer(pool);
  const size = Math.floor(pool.bufferSize / messages);
  const places = placesIn(entry.bytes, messages, size);
  // What is being decoded, and what comes after it.
  const scatter = createScatter(places);
  const { lengths } = scatter;
  let start = 0;
  const answer = regionOf(new ArrayBuffer(REPLY_SIZE));
  const gather = createGather(1);
  gather.addresses[0] = answer.address;
  const stream = createStreamDecoder();
  const { wire } = stream;
  let state = OPEN;
  let error: string | null = null;

  /** Asks for the next messages, each to where it is to lie. */
  function ask(): void {
    const left = payloadLeft(wire);
    const isSmall = 2 * stream.recordLength < size;
    if (isSmall && messages > 1) {
      lengths[1] = messages * size;
      return askFor(scatter, 1, 1);
    }
    const first = left > 0 ? 1 : 0;
    const lead = left > 0 ? Math.min(left, size) : Math.min(framingAhead(stream), HEAD_SIZE);
    const count = left > size ? 1 : places.length - first;
    const gap = gapSize(wire);
    const length = isSmall ? size : Math.min(stream.recordLength, size);
    const last = places.length - 1;
    const isAsked = scatter.first === first && scatter.count === count &&
      lengths[first] === lead && lengths[last] === gap && lengths[last - 1] === length;
    if (isAsked) return;
    for (let i = 0; i < places.length; i += 2) {
      lengths[i] = gap;
      if (i < last) lengths[i + 1] = length;
    }
    lengths[first] = lead;
    askFor(scatter, first, count);
  }

  /** Sees to it that there are bytes to decode: 1, 0 at the end of a whole stream, or a negative errno. */
  function fill(): number {
    start = 0;
    if (nextChunk(scatter)) return 1;
    ask();
    const n = readScattered(fd, scatter);
    if (n !== 0) return n < 0 ? n : 1;
    state = -ERRNO.ECONNRESET;
    endOfInput(wire);
    state = 0;
    return 0;
  }

  function receiveMessage(message: Message): number {
    for (;;) {
      if (start === scatter.end) {
        const filled = fill();
        if (filled <= 0) return filled;
      }
      const { chunk, end } = scatter;
      const left = payloadLeft(wire);
      if (left > 0 && stream.kind !== 0) {
        // It is the message, and the decoder has nothing to look at.
        const length = Math.min(left, end - start);
        takePayload(wire, length);
        message.region = chunk;
        start += length;
        takePart(stream, message, start - length, length);
        return 1;
      }
      if (takeDataRecord(stream, chunk.view, start, end)) {
        start += DATA_RECORD_SIZE;
        continue;
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

/** A head, a buffer, a head, ... and a head behind the last buffer. All buffers are one stretch of memory as well. */
function placesIn(bytes: Uint8Array<ArrayBuffer>, count: number, size: number): Region[] {
  const head = () => regionOf(new ArrayBuffer(HEAD_SIZE));
  const places = Array.from({ length: count }, (_, i) => {
    // The first one reaches to the end, for what is read into all of them as one.
    const length = i === 0 ? bytes.length : size;
    return [head(), regionOf(bytes.buffer, bytes.byteOffset + i * size, length)];
  });
  return [...places.flat(), head()];
}
