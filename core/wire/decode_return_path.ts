import { byteHex } from "./hex.ts";
import {
  MAX_RETURN_PATH_LENGTH,
  RETURN_PATH_HEAD_SIZE,
  RETURN_PATH_LENGTH,
} from "./return_path.ts";
import { WireError } from "./wire_error.ts";

/** A decoder of the return path. */
export interface ReturnPathDecoder {
  /** Where in the chunk to go on. */
  next: number;
  /** Where in the stream the message begins. */
  at: number;
  /** One of `RETURN_PATH`. */
  type: number;
  /** The message's first u32, or 0 if it has none. */
  value: number;
  /** How many bytes the message carries. They are in `data` until the next call. */
  length: number;
  readonly data: Uint8Array;

  position: number;
  /** How many bytes of the message there are, head included. */
  have: number;
  readonly head: DataView;
  readonly view: DataView;
  failure: WireError | null;
}

/** A decoder at the beginning of a return path. */
export function createReturnPathDecoder(): ReturnPathDecoder {
  const data = new Uint8Array(MAX_RETURN_PATH_LENGTH);
  return {
    next: 0,
    at: 0,
    type: 0,
    value: 0,
    length: 0,
    data,
    position: 0,
    have: 0,
    head: new DataView(new ArrayBuffer(RETURN_PATH_HEAD_SIZE)),
    view: new DataView(data.buffer),
    failure: null,
  };
}

/**
 * Reads on, up to the end of the next message.
 *
 * @param d The decoder; `type`, `value` and `length` are the message's
 * @param bytes The chunk
 * @param start Where in the chunk to begin
 * @param end Where the chunk ends
 * @returns One of `RETURN_PATH`; 0 once the chunk is used up
 * @throws {WireError} If there is no such message, or it has another length
 */
export function decodeReturnPath(
  d: ReturnPathDecoder,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  if (d.failure !== null) throw d.failure;
  d.next = start;
  for (;;) {
    if (d.have >= RETURN_PATH_HEAD_SIZE && d.have === RETURN_PATH_HEAD_SIZE + d.length) {
      d.have = 0;
      d.value = d.length >= 4 ? d.view.getUint32(0) : 0;
      return d.type;
    }
    if (d.next === end) return 0;
    const byte = bytes[d.next++] ?? 0;
    if (d.have === 0) d.at = d.position;
    d.position++;
    if (d.have < RETURN_PATH_HEAD_SIZE) d.head.setUint8(d.have, byte);
    else d.data[d.have - RETURN_PATH_HEAD_SIZE] = byte;
    d.have++;
    if (d.have === RETURN_PATH_HEAD_SIZE) takeHead(d);
  }
}

/**
 * Says that nothing more will come.
 *
 * @throws {WireError} If a message breaks off here
 */
export function endOfReturnPath(d: ReturnPathDecoder): void {
  if (d.failure !== null) throw d.failure;
  if (d.have > 0) fail(d, "a whole return-path message", `its first ${d.have} bytes`);
}

function takeHead(d: ReturnPathDecoder): void {
  const type = d.head.getUint16(0);
  const length = d.head.getUint16(2);
  const expected = RETURN_PATH_LENGTH[type];
  if (type === 0 || expected === undefined) {
    fail(d, "a return-path message", `type 0x${byteHex(type)}`);
  }
  if (expected < 0 ? length > MAX_RETURN_PATH_LENGTH : length !== expected) {
    const right = expected < 0 ? `at most ${MAX_RETURN_PATH_LENGTH}` : `${expected}`;
    fail(d, `a return-path message ${type} of ${right} bytes`, `a length of ${length}`);
  }
  d.type = type;
  d.length = length;
}

function fail(d: ReturnPathDecoder, expected: string, received: string): never {
  d.failure = new WireError(d.at, expected, received);
  throw d.failure;
}
