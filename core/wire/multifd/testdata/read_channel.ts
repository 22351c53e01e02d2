import {
  createMultifdDecoder,
  type DecoderOptions,
  MULTIFD_EVENT,
  type MultifdDecoder,
} from "../decoder.ts";
import { dataConsumed, decodeMultifd, endMultifd } from "../decode.ts";
import { createDeviceStateHead } from "../encode.ts";

/** Two devices, of which the second has its multifd transfer disabled. */
export const OPTIONS: DecoderOptions = {
  devices: [
    { head: createDeviceStateHead("0000:00:05.0/vfio", 0), transferEnabled: true },
    { head: createDeviceStateHead("0000:00:04.0/vfio", 0), transferEnabled: true },
    { head: createDeviceStateHead("0000:00:05.0/vfio", 1), transferEnabled: false },
  ],
  channelCount: 4,
  maxDataBytes: 1024 * 1024,
};

/** A decoder that is past its init packet. */
export function openedDecoder(): MultifdDecoder {
  const decoder = createMultifdDecoder(OPTIONS);
  const init = new Uint8Array(64);
  init.set([0x11, 0x22, 0x33, 0x44, 0, 0, 0, 1]);
  decodeMultifd(decoder, init, 0, 64);
  return decoder;
}

/** What a channel said, with the data of each buffer put together. */
export type ReadEvent =
  | { readonly event: "channel"; readonly id: number }
  | {
    readonly event: "ram";
    readonly sync: boolean;
    readonly normal: number;
    readonly zero: number;
  }
  | {
    readonly event: "buffer";
    readonly device: number;
    readonly idx: number;
    readonly isConfig: boolean;
    readonly length: number;
    readonly data: number[];
  };

/**
 * Reads a whole channel.
 *
 * @param sizes The sizes of the pieces it comes in, used in turn
 * @param direct Whether data is taken past the decoder where it begins a piece
 */
export function readChannel(
  bytes: Uint8Array,
  sizes: readonly number[],
  options: DecoderOptions = OPTIONS,
  direct = false,
): ReadEvent[] {
  const decoder = createMultifdDecoder(options);
  const events: ReadEvent[] = [];
  let data: number[] = [];
  let at = 0;
  for (let piece = 0; at < bytes.length; piece++) {
    const end = Math.min(bytes.length, at + (sizes[piece % sizes.length] ?? bytes.length));
    if (direct && decoder.dataLeft > 0) {
      const size = Math.min(decoder.dataLeft, end - at);
      data.push(...bytes.subarray(at, at + size));
      dataConsumed(decoder, size);
      at += size;
      continue;
    }
    for (;;) {
      const event = decodeMultifd(decoder, bytes, at, end);
      at = decoder.next;
      if (event === MULTIFD_EVENT.MORE) break;
      if (event === MULTIFD_EVENT.CHANNEL) events.push({ event: "channel", id: decoder.channelId });
      if (event === MULTIFD_EVENT.RAM) {
        const { isSync: sync, normalPages: normal, zeroPages: zero } = decoder;
        events.push({ event: "ram", sync, normal, zero });
      }
      if (event === MULTIFD_EVENT.DEVICE_STATE) {
        const { device, idx, isConfig, dataLength: length } = decoder;
        data = [];
        events.push({ event: "buffer", device, idx, isConfig, length, data });
      }
      if (event === MULTIFD_EVENT.DATA) {
        data.push(...bytes.subarray(decoder.dataAt, decoder.dataAt + decoder.dataSize));
      }
    }
  }
  endMultifd(decoder);
  return events;
}
