import type { DeviceStateHead } from "./encode.ts";
import { MULTIFD_SIZE, RAM_PACKET_PAGES_BYTES } from "./layout.ts";
import type { WireError } from "../wire_error.ts";

/** What `decodeMultifd` came upon. */
export const MULTIFD_EVENT = {
  /** Nothing more in this input: all of it is used. */
  MORE: 0,
  /** The channel's init packet: `channelId`. */
  CHANNEL: 1,
  /** A RAM packet, which is passed over: `isSync`, `normalPages`, `zeroPages`. */
  RAM: 2,
  /** The head of a device's buffer: `device`, `idx`, `isConfig`, `dataLength`, `dataLeft`. */
  DEVICE_STATE: 3,
  /** A part of its data: `dataSize` bytes at `dataAt` in the input, `dataLeft` after them. */
  DATA: 4,
} as const;

/** One of {@linkcode MULTIFD_EVENT}. */
export type MultifdEvent = typeof MULTIFD_EVENT[keyof typeof MULTIFD_EVENT];

/** A device whose packets may come. */
export interface DecoderDevice {
  readonly head: DeviceStateHead;
  /** Whether this side does multifd transfer for it; if not, its packets are refused. */
  readonly transferEnabled: boolean;
}

/** What a decoder expects. */
export interface DecoderOptions {
  /** The devices; an event names one by its place here. A packet for any other is refused. */
  readonly devices: readonly DecoderDevice[];
  /** How many channels there are: an id is below it. 1 to 256. */
  readonly channelCount: number;
  /** Most data a buffer may have, in bytes: the channel has no more room for one. */
  readonly maxDataBytes: number;
  /** The VM's UUID, 16 bytes; all zeros where not given. */
  readonly uuid?: Uint8Array;
  /** Size of a page of guest RAM, in bytes: a power of two up to 512 KiB, 4096 where not given. */
  readonly ramPageSize?: number;
}

/** What the decoder is in the midst of. */
export const DECODER_PHASE = { INIT: 0, HEADER: 1, RAM: 2, DEVICE_STATE: 3, VFIO: 4 } as const;

/**
 * The decoder of one channel. Its user reads the fields that an event names, and changes none.
 *
 * Its memory is a head of 320 bytes, whatever comes: a buffer's data and RAM pages are never kept.
 */
export interface MultifdDecoder {
  readonly devices: readonly DecoderDevice[];
  readonly channelCount: number;
  readonly maxDataBytes: number;
  readonly uuid: Uint8Array;
  readonly ramPageSize: number;
  /** How many pages a RAM packet has room for. */
  readonly ramPages: number;

  /** Where in the input the next call has to go on. */
  next: number;
  /** How many bytes of the channel's stream are used. */
  position: number;
  /** The channel's number, -1 before its init packet. */
  channelId: number;

  isSync: boolean;
  normalPages: number;
  zeroPages: number;

  /** The place of the buffer's device in the options. */
  device: number;
  idx: number;
  isConfig: boolean;
  /** The length of the buffer's data, in bytes. May be 0. */
  dataLength: number;
  /** How much of it is still to come. The buffer is complete when this is 0. */
  dataLeft: number;
  /** Where the data of a DATA event is in the input. */
  dataAt: number;
  /** How much data a DATA event has. */
  dataSize: number;

  /** Bytes of a RAM packet that are still to be passed over. */
  skipLeft: number;
  /** The decoder's own: the packet's head as far as it came, and what of it is checked. */
  readonly head: DataView<ArrayBuffer>;
  readonly headBytes: Uint8Array<ArrayBuffer>;
  phase: number;
  have: number;
  need: number;
  flags: number;
  payloadSize: number;
  error: WireError | null;
}

/**
 * Makes the decoder of one channel.
 *
 * @throws {RangeError} If an option is outside its limits
 */
export function createMultifdDecoder(options: DecoderOptions): MultifdDecoder {
  const { devices, channelCount, maxDataBytes } = options;
  const { uuid = new Uint8Array(16), ramPageSize = 4096 } = options;
  checkOption("channelCount", channelCount, 1, 256);
  checkOption("maxDataBytes", maxDataBytes, 0, 0xffff_ffff - MULTIFD_SIZE.VFIO_HEADER);
  checkOption("uuid length", uuid.length, 16, 16);
  checkOption("ramPageSize", ramPageSize, 512, RAM_PACKET_PAGES_BYTES);
  const ramPages = RAM_PACKET_PAGES_BYTES / ramPageSize;
  checkOption("number of pages", ramPages, 1, RAM_PACKET_PAGES_BYTES);
  const headBytes = new Uint8Array(MULTIFD_SIZE.RAM);
  return {
    devices,
    channelCount,
    maxDataBytes,
    uuid,
    ramPageSize,
    ramPages,
    next: 0,
    position: 0,
    channelId: -1,
    isSync: false,
    normalPages: 0,
    zeroPages: 0,
    device: -1,
    idx: 0,
    isConfig: false,
    dataLength: 0,
    dataLeft: 0,
    dataAt: 0,
    dataSize: 0,
    skipLeft: 0,
    head: new DataView(headBytes.buffer),
    headBytes,
    phase: DECODER_PHASE.INIT,
    have: 0,
    need: MULTIFD_SIZE.INIT,
    flags: 0,
    payloadSize: 0,
    error: null,
  };
}

function checkOption(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(
      `Cannot decode a multifd channel with a ${name} that is not an integer from ${min} to ${max}: received ${value}`,
    );
  }
}
