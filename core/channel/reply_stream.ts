import { ERRNO, type Region, regionOf } from "../libc/mod.ts";
import {
  createReturnPathDecoder,
  decodeReturnPath,
  encodeShut,
  encodeSwitchoverAck,
  endOfReturnPath,
  RETURN_PATH,
  type ReturnPathDecoder,
  WireError,
} from "../wire/mod.ts";
import { REPLY, type Reply } from "./message.ts";

/** The longest answer that is written. */
export const REPLY_SIZE = 8;
const BUFFER_SIZE = 64;

/** Answers on their way in, as the return path has them. */
export interface ReplyStream {
  readonly wire: ReturnPathDecoder;
  /** What was read last, and which part of it is not taken yet. */
  readonly region: Region;
  start: number;
  end: number;
  /** What is to be said from here on, -EPROTO or -ECONNRESET; 0 while all is well. */
  failure: number;
  /** Why, as a sentence. */
  error: string | null;
}

export function createReplyStream(): ReplyStream {
  return {
    wire: createReturnPathDecoder(),
    region: regionOf(new ArrayBuffer(BUFFER_SIZE)),
    start: 0,
    end: 0,
    failure: 0,
    error: null,
  };
}

/** Takes the next whole answer out of what was read: 1, 0 where there is none yet, or a negative errno. */
export function takeReply(s: ReplyStream, reply: Reply): number {
  const { wire } = s;
  if (s.failure < 0) return s.failure;
  try {
    const type = decodeReturnPath(wire, s.region.bytes, s.start, s.end);
    s.start = wire.next;
    switch (type) {
      case 0:
        return 0;
      case RETURN_PATH.SWITCHOVER_ACK:
        reply.kind = REPLY.SWITCHOVER_ACK;
        reply.value = 0;
        return 1;
      case RETURN_PATH.SHUT:
        reply.kind = REPLY.SHUT;
        reply.value = wire.value;
        return 1;
    }
    throw new WireError(wire.at, "SHUT (1) or SWITCHOVER_ACK (7)", `message ${type}`);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    s.error = error.message;
    s.failure = -ERRNO.EPROTO;
    return s.failure;
  }
}

/** Nothing more comes: -ECONNRESET. The error says so where an answer broke off. */
export function endReplies(s: ReplyStream): number {
  s.failure = -ERRNO.ECONNRESET;
  try {
    endOfReturnPath(s.wire);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    s.error = error.message;
  }
  return s.failure;
}

/** Encodes an answer: bytes written, or -EINVAL where there is no such kind. An ack has no value. */
export function encodeReply(view: DataView, kind: number, value: number): number {
  if (kind === REPLY.SWITCHOVER_ACK) return encodeSwitchoverAck(view, 0);
  if (kind === REPLY.SHUT) return encodeShut(view, 0, value);
  return -ERRNO.EINVAL;
}
