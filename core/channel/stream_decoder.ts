/**
 * The way back from the bytes of QEMU's main channel to messages: what `stream_encoder.ts` wrote, and what
 * QEMU would have written in its place.
 *
 * ```text
 *   START    SETUP, END_OF_STATE                             SETUP
 *   PART     DATA, bytes, END_OF_STATE or INIT_DATA_SENT     DATA, then INIT_DATA_SENT if it is that
 *   PART     END_OF_STATE or INIT_DATA_SENT                  that
 *   END      (DATA, bytes)*, END_OF_STATE                    DATA*, END_OF_STATE
 *   FULL     CONFIG, bytes, END_OF_STATE                     CONFIG
 * ```
 *
 * @module
 */
import {
  bytesNeeded,
  CLOSING_SIZE,
  COMMAND,
  createDecoder,
  DATA_HEAD_SIZE,
  DATA_RECORD_SIZE,
  type Decoder,
  EVENT,
  PAYLOAD_KIND,
  payloadLeft,
  RAM_HEAD_SIZE,
  RAM_LENGTH_SIZE,
  RAM_TAIL_SIZE,
  SECTION,
  takeDataHead,
  WireError,
} from "../wire/mod.ts";
import { MESSAGE, type Message } from "./message.ts";

/** The state of a stream that is being read. */
export interface StreamDecoder {
  readonly wire: Decoder;
  /** What the payload that comes belongs to. */
  kind: number;
  device: number;
  /** Whether there was a DATA record in the section. */
  hasData: boolean;
  /** How many bytes the last record of bytes has; 0 before the first. */
  recordLength: number;
  /** Where in the stream the next payload is expected to begin. */
  payloadAt: number;
}

/** A decoder at the beginning of a stream. */
export function createStreamDecoder(): StreamDecoder {
  return {
    // A config with a length is handed on as it comes: nothing here grows with it.
    wire: createDecoder({ maxConfig: Number.MAX_SAFE_INTEGER }),
    kind: 0,
    device: 0,
    hasData: false,
    recordLength: 0,
    payloadAt: 0,
  };
}

/**
 * Takes an event of `wire` in.
 *
 * @param s The decoder
 * @param event One of `EVENT`
 * @param message Is filled in where the event makes one; bytes lie from `offset` in the chunk
 * @returns Whether it is a message, or a part of one
 * @throws {WireError} If the event has no place in a stream of ours
 */
export function takeEvent(s: StreamDecoder, event: number, message: Message): boolean {
  const { wire } = s;
  switch (event) {
    case EVENT.PAYLOAD:
      // Of a vmdesc nobody here makes anything.
      return s.kind !== 0 && takePart(s, message, wire.offset, wire.length);
    case EVENT.SECTION:
      return enterSection(s);
    case EVENT.DATA:
      s.hasData = true;
      return announce(s, message, MESSAGE.DATA);
    case EVENT.RAM:
      return announce(s, message, MESSAGE.RAM);
    case EVENT.END_OF_STATE:
      return closesState(s) && setMessage(message, MESSAGE.END_OF_STATE, s.device, 0, 0);
    case EVENT.SECTION_END:
      s.payloadAt = wire.position + headSize(wire);
      return false;
    case EVENT.SETUP:
      return setMessage(message, MESSAGE.SETUP, s.device, 0, 0);
    case EVENT.INIT_DATA_SENT:
      return setMessage(message, MESSAGE.INIT_DATA_SENT, s.device, 0, 0);
    case EVENT.CONFIG:
      return announce(s, message, MESSAGE.CONFIG);
    case EVENT.COMMAND:
      s.payloadAt = wire.position + headSize(wire);
      return takeCommand(s, message);
    case EVENT.EOF:
      if (!wire.own) failForeign(wire);
      s.kind = 0;
      return setMessage(message, MESSAGE.EOF, 0, 0, 0);
    case EVENT.CONFIGURATION:
      if (!wire.own) failForeign(wire);
      return false;
    case EVENT.CONFIG_LOAD_READY:
      throw new WireError(wire.at, "END_OF_STATE, INIT_DATA_SENT or a record", "CONFIG_LOAD_READY");
  }
  return false;
}

/**
 * Takes the head of a DATA record in, where the whole of one with bytes stands there: what most of a stream is.
 *
 * @param view The chunk
 * @param at Where in the chunk
 * @param end Where the chunk ends
 * @returns Whether it was taken; else `decode` is to look at it
 */
export function takeDataRecord(s: StreamDecoder, view: DataView, at: number, end: number): boolean {
  if (!takeDataHead(s.wire, view, at, end)) return false;
  s.hasData = true;
  s.kind = MESSAGE.DATA;
  s.recordLength = payloadLeft(s.wire);
  return true;
}

/** Makes a message of payload that `wire` has passed: it lies at `offset` in the chunk. */
export function takePart(
  s: StreamDecoder,
  message: Message,
  offset: number,
  length: number,
): true {
  const { wire } = s;
  if (payloadLeft(wire) === 0) s.payloadAt = wire.position + gapSize(wire);
  return setMessage(message, s.kind, s.device, offset, length);
}

/** How many bytes of framing are expected before the next payload, at least 1. */
export function framingAhead({ wire, payloadAt }: StreamDecoder): number {
  return Math.max(payloadAt - wire.position, bytesNeeded(wire));
}

/**
 * How many bytes are expected between the payload that comes and the next one, if the next section is like
 * this one.
 */
export function gapSize({ sectionType, section }: Decoder): number {
  const isRam = section?.kind === PAYLOAD_KIND.OWN_RAM;
  if (sectionType === SECTION.PART) {
    return isRam ? RAM_TAIL_SIZE + RAM_HEAD_SIZE : CLOSING_SIZE + DATA_HEAD_SIZE;
  }
  if (sectionType === SECTION.END) return isRam ? RAM_LENGTH_SIZE : DATA_RECORD_SIZE;
  return CLOSING_SIZE;
}

/** How many bytes the head of the next section is expected to have. */
function headSize({ section }: Decoder): number {
  return section?.kind === PAYLOAD_KIND.OWN_RAM ? RAM_HEAD_SIZE : DATA_HEAD_SIZE;
}

function enterSection(s: StreamDecoder): false {
  const { wire } = s;
  const { section } = wire;
  if (!wire.own || section === null) return failForeign(wire);
  if (section.kind === PAYLOAD_KIND.VFIO) s.device = section.id;
  else if (section.kind === PAYLOAD_KIND.OWN_RAM) s.device = 0;
  else throw new WireError(wire.at, "a section of a device or of RAM", section.idstr);
  s.hasData = false;
  return false;
}

/** A record of bytes: they make the message, unless there are none. */
function announce(s: StreamDecoder, message: Message, kind: number): boolean {
  s.kind = kind;
  s.recordLength = s.wire.length;
  return s.wire.length === 0 && setMessage(message, kind, s.device, 0, 0);
}

/** Whether this END_OF_STATE is more than the end of what the section has already said. */
function closesState({ wire, hasData }: StreamDecoder): boolean {
  return wire.sectionType === SECTION.END || (wire.sectionType === SECTION.PART && !hasData);
}

function takeCommand({ wire }: StreamDecoder, message: Message): boolean {
  if (!wire.own) return failForeign(wire);
  if (wire.command === COMMAND.OPEN_RETURN_PATH) return false;
  if (wire.command === COMMAND.SWITCHOVER_START) {
    return setMessage(message, MESSAGE.SWITCHOVER_START, 0, 0, 0);
  }
  throw new WireError(
    wire.at,
    "the command OPEN_RETURN_PATH (1) or SWITCHOVER_START (11)",
    `command ${wire.command}`,
  );
}

function setMessage(
  message: Message,
  kind: number,
  device: number,
  offset: number,
  length: number,
): true {
  message.kind = kind;
  message.device = device;
  message.offset = offset;
  message.length = length;
  return true;
}

function failForeign(wire: Decoder): never {
  throw new WireError(
    wire.at,
    "a stream of this harness",
    wire.name === "" ? "no configuration section" : `the machine ${JSON.stringify(wire.name)}`,
  );
}
