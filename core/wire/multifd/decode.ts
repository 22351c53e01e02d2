import {
  checkDeviceState,
  checkHeader,
  checkInit,
  checkRam,
  checkVfioHeader,
} from "./check_head.ts";
import { DECODER_PHASE, MULTIFD_EVENT, type MultifdDecoder, type MultifdEvent } from "./decoder.ts";
import { MULTIFD_SIZE } from "./layout.ts";
import { WireError } from "../wire_error.ts";

const DEVICE_STATE_REST = MULTIFD_SIZE.DEVICE_STATE - MULTIFD_SIZE.HEADER;

/**
 * Decodes a channel up to the next event. Call it until it gives MORE, then with the next input.
 *
 * The input may be cut anywhere. Nothing of it is kept but the part of a head that it ends with; data is
 * told as a range of the input.
 *
 * @example A channel with one buffer, in two reads
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createMultifdDecoder, MULTIFD_EVENT } from "./decoder.ts";
 * import { decodeMultifd } from "./decode.ts";
 * import { createDeviceStateHead, encodeChannelInit, encodeDeviceStateHead } from "./encode.ts";
 *
 * const head = createDeviceStateHead("0000:00:05.0/vfio", 0);
 * const view = new DataView(new ArrayBuffer(64 + 288 + 4));
 * const length = encodeChannelInit(view, 0, null, 0);
 * encodeDeviceStateHead(view, length, head, 0, false, 4);
 *
 * const devices = [{ head, transferEnabled: true }];
 * const decoder = createMultifdDecoder({ devices, channelCount: 1, maxDataBytes: 1024 * 1024 });
 * const input = new Uint8Array(view.buffer);
 * assertEquals(decodeMultifd(decoder, input, 0, 100), MULTIFD_EVENT.CHANNEL);
 * assertEquals(decodeMultifd(decoder, input, decoder.next, 100), MULTIFD_EVENT.MORE);
 * assertEquals(decodeMultifd(decoder, input, 100, 356), MULTIFD_EVENT.DEVICE_STATE);
 * assertEquals(decodeMultifd(decoder, input, decoder.next, 356), MULTIFD_EVENT.DATA);
 * assertEquals([decoder.dataAt, decoder.dataSize, decoder.dataLeft], [352, 4, 0]);
 * ```
 *
 * @param decoder The channel's decoder
 * @param input Holds the bytes
 * @param at Where they begin; `decoder.next` to go on in the same input
 * @param end Where they end
 * @returns The event; the decoder's fields have what belongs to it, until the next call
 * @throws {WireError} If the channel does not say what it must; from then on every call throws the same
 */
export function decodeMultifd(
  decoder: MultifdDecoder,
  input: Uint8Array,
  at: number,
  end: number,
): MultifdEvent {
  if (decoder.error !== null) throw decoder.error;
  let next = at;
  while (next < end) {
    if (decoder.dataLeft > 0) {
      const size = Math.min(decoder.dataLeft, end - next);
      decoder.dataAt = next;
      decoder.dataSize = size;
      decoder.dataLeft -= size;
      decoder.position += size;
      decoder.next = next + size;
      return MULTIFD_EVENT.DATA;
    }
    if (decoder.skipLeft > 0) {
      const size = Math.min(decoder.skipLeft, end - next);
      decoder.skipLeft -= size;
      decoder.position += size;
      next += size;
      continue;
    }
    const size = Math.min(decoder.need - decoder.have, end - next);
    collectHead(decoder, input, next, size);
    decoder.have += size;
    decoder.position += size;
    next += size;
    if (decoder.have < decoder.need) break;
    const event = endPhase(decoder);
    if (event === MULTIFD_EVENT.MORE) continue;
    decoder.next = next;
    return event;
  }
  decoder.next = next;
  return MULTIFD_EVENT.MORE;
}

/**
 * Tells the decoder that bytes of the buffer in hand were read past it, into a place of their own.
 *
 * @param decoder The channel's decoder, its `dataLeft` above 0
 * @param size How many: at most `dataLeft`
 * @throws {RangeError} If there are not so many to come
 */
export function dataConsumed(decoder: MultifdDecoder, size: number): void {
  if (!(size >= 0 && size <= decoder.dataLeft)) {
    throw new RangeError(
      `Cannot take ${size} bytes of data as consumed: received a buffer with ${decoder.dataLeft} to come`,
    );
  }
  decoder.dataLeft -= size;
  decoder.position += size;
}

/**
 * How many bytes can be read for the head in hand so that no data is read with it. A channel that reads
 * no more than this, and data by `dataLeft` into its place, needs two reads for a buffer: no packet
 * has a head shorter than a device's buffer, 288 bytes.
 *
 * @param decoder The channel's decoder
 * @returns A number of bytes; 0 while there is data to come, the pages of a RAM packet while it is passed over
 */
export function headWanted(decoder: MultifdDecoder): number {
  if (decoder.dataLeft > 0) return 0;
  if (decoder.skipLeft > 0) return decoder.skipLeft;
  const whole = decoder.phase === DECODER_PHASE.INIT
    ? MULTIFD_SIZE.INIT
    : decoder.phase === DECODER_PHASE.RAM
    ? MULTIFD_SIZE.RAM
    : MULTIFD_SIZE.DEVICE_STATE_HEAD;
  return whole - decoder.have;
}

/**
 * To be called where the channel ends: it may not end within a packet.
 *
 * @param decoder The channel's decoder
 * @throws {WireError} If it does, or if there was no init packet
 */
export function endMultifd(decoder: MultifdDecoder): void {
  if (decoder.error !== null) throw decoder.error;
  const left = decoder.dataLeft + decoder.skipLeft;
  const inHead = decoder.have > 0 || decoder.phase !== DECODER_PHASE.HEADER;
  if (left === 0 && !inHead) return;
  decoder.error = new WireError(
    decoder.position,
    left > 0 ? `${left} more bytes of a packet` : `${decoder.need - decoder.have} bytes of a head`,
    "the end of the channel",
  );
  throw decoder.error;
}

/** Copies bytes to where the head is collected. */
function collectHead(
  decoder: MultifdDecoder,
  input: Uint8Array,
  next: number,
  size: number,
): void {
  const { headBytes, have } = decoder;
  let i = 0;
  if (decoder.phase === DECODER_PHASE.DEVICE_STATE && size === DEVICE_STATE_REST) {
    // The rest in one piece. What follows the idstr's NUL says nothing, and is most of the head.
    while (i < MULTIFD_SIZE.IDSTR) {
      const byte = input[next + i] ?? 0;
      headBytes[have + i] = byte;
      if (byte === 0) break;
      i++;
    }
    i = MULTIFD_SIZE.IDSTR;
  }
  for (; i < size; i++) headBytes[have + i] = input[next + i] ?? 0;
}

/** Takes a complete part of a head in; MORE if the head goes on. */
function endPhase(decoder: MultifdDecoder): MultifdEvent {
  switch (decoder.phase) {
    case DECODER_PHASE.INIT:
      checkInit(decoder);
      beginPacket(decoder);
      return MULTIFD_EVENT.CHANNEL;
    case DECODER_PHASE.HEADER:
      checkHeader(decoder);
      return MULTIFD_EVENT.MORE;
    case DECODER_PHASE.RAM:
      checkRam(decoder);
      beginPacket(decoder);
      return MULTIFD_EVENT.RAM;
    case DECODER_PHASE.DEVICE_STATE:
      checkDeviceState(decoder);
      decoder.phase = DECODER_PHASE.VFIO;
      decoder.need = MULTIFD_SIZE.DEVICE_STATE_HEAD;
      return MULTIFD_EVENT.MORE;
    default:
      checkVfioHeader(decoder);
      beginPacket(decoder);
      return MULTIFD_EVENT.DEVICE_STATE;
  }
}

function beginPacket(decoder: MultifdDecoder): void {
  decoder.phase = DECODER_PHASE.HEADER;
  decoder.have = 0;
  decoder.need = MULTIFD_SIZE.HEADER;
}
