import { DECODER_PHASE, type MultifdDecoder } from "./decoder.ts";
import {
  INVALID_IDX,
  MULTIFD_AT,
  MULTIFD_FLAG,
  MULTIFD_MAGIC,
  MULTIFD_SIZE,
  MULTIFD_VERSION,
  VFIO_CONFIG_STATE,
  VFIO_PACKET_VERSION,
} from "./layout.ts";
import { WireError } from "../wire_error.ts";

const { SYNC, COMPRESSION_MASK, DEVICE_STATE } = MULTIFD_FLAG;

/** Checks the init packet. */
export function checkInit(decoder: MultifdDecoder): void {
  checkStart(decoder, "a channel's");
  for (let i = 0; i < 16; i++) {
    if (decoder.headBytes[MULTIFD_AT.INIT_UUID + i] !== decoder.uuid[i]) {
      const received = decoder.headBytes.slice(MULTIFD_AT.INIT_UUID, MULTIFD_AT.INIT_UUID + 16);
      refuse(decoder, "the channel's uuid", MULTIFD_AT.INIT_UUID, hex(decoder.uuid), hex(received));
    }
  }
  const id = decoder.head.getUint8(MULTIFD_AT.INIT_ID);
  if (id >= decoder.channelCount) {
    refuse(
      decoder,
      "the channel's id",
      MULTIFD_AT.INIT_ID,
      `less than ${decoder.channelCount}`,
      `${id}`,
    );
  }
  decoder.channelId = id;
}

/** Checks the header that all packets have; the packet's kind is the next phase. */
export function checkHeader(decoder: MultifdDecoder): void {
  checkStart(decoder, "a packet's");
  const flags = decoder.head.getUint32(MULTIFD_AT.FLAGS);
  const at = MULTIFD_AT.FLAGS;
  if ((flags & COMPRESSION_MASK) !== 0) {
    refuse(decoder, "a packet's flags", at, "pages without compression", hexWord(flags));
  }
  if ((flags & ~(SYNC | DEVICE_STATE)) !== 0) {
    refuse(decoder, "a packet's flags", at, "SYNC (0x1) or DEVICE_STATE (0x40)", hexWord(flags));
  }
  const isDeviceState = (flags & DEVICE_STATE) !== 0;
  if (isDeviceState && (flags & SYNC) !== 0) {
    refuse(decoder, "a packet's flags", at, "DEVICE_STATE without SYNC", hexWord(flags));
  }
  decoder.flags = flags;
  decoder.phase = isDeviceState ? DECODER_PHASE.DEVICE_STATE : DECODER_PHASE.RAM;
  decoder.need = isDeviceState ? MULTIFD_SIZE.DEVICE_STATE : MULTIFD_SIZE.RAM;
}

/** Checks a RAM packet up to its page offsets; what follows is to be passed over. */
export function checkRam(decoder: MultifdDecoder): void {
  const { head, ramPages, ramPageSize } = decoder;
  const alloc = head.getUint32(MULTIFD_AT.RAM_PAGES_ALLOC);
  const normal = head.getUint32(MULTIFD_AT.RAM_NORMAL_PAGES);
  const zero = head.getUint32(MULTIFD_AT.RAM_ZERO_PAGES);
  if (alloc > ramPages) {
    refuse(
      decoder,
      "pages_alloc",
      MULTIFD_AT.RAM_PAGES_ALLOC,
      `at most ${ramPages} pages`,
      `${alloc}`,
    );
  }
  if (normal > ramPages) {
    refuse(
      decoder,
      "normal_pages",
      MULTIFD_AT.RAM_NORMAL_PAGES,
      `at most ${ramPages} pages`,
      `${normal}`,
    );
  }
  if (zero > ramPages - normal) {
    const most = `at most ${ramPages - normal} pages`;
    refuse(decoder, "zero_pages", MULTIFD_AT.RAM_ZERO_PAGES, most, `${zero}`);
  }
  const size = head.getUint32(MULTIFD_AT.RAM_NEXT_PACKET_SIZE);
  if (size !== normal * ramPageSize) {
    refuse(
      decoder,
      "a RAM packet's next_packet_size",
      MULTIFD_AT.RAM_NEXT_PACKET_SIZE,
      `${normal} pages of ${ramPageSize} bytes`,
      `${size}`,
    );
  }
  if (isUnterminated(decoder, MULTIFD_AT.RAM_BLOCK)) {
    refuse(decoder, "a RAM block's name", MULTIFD_AT.RAM_BLOCK, "256 bytes with a NUL", "no NUL");
  }
  decoder.isSync = (decoder.flags & SYNC) !== 0;
  decoder.normalPages = normal;
  decoder.zeroPages = zero;
  // There is room for all offsets, used or not.
  decoder.skipLeft = 8 * ramPages + size;
}

/**
 * Checks a device-state packet up to its payload (facts: a device that is not enabled is
 * refused before its payload is looked at).
 */
export function checkDeviceState(decoder: MultifdDecoder): void {
  const size = decoder.head.getUint32(MULTIFD_AT.NEXT_PACKET_SIZE);
  if (isUnterminated(decoder, MULTIFD_AT.IDSTR)) {
    refuse(decoder, "an idstr", MULTIFD_AT.IDSTR, "256 bytes with a NUL", "no NUL");
  }
  const what = "a device-state packet's next_packet_size";
  const at = MULTIFD_AT.NEXT_PACKET_SIZE;
  if (size === 0) refuse(decoder, what, at, "a packet that is not empty", "0");
  decoder.device = findDevice(decoder);
  const device = decoder.devices[decoder.device];
  if (device === undefined) {
    refuse(decoder, "an idstr and instance_id", MULTIFD_AT.IDSTR, "a device here", name(decoder));
  } else if (!device.transferEnabled) {
    refuse(
      decoder,
      "an idstr and instance_id",
      MULTIFD_AT.IDSTR,
      "a device with multifd transfer",
      `${name(decoder)}, which has it disabled`,
    );
  }
  if (size < MULTIFD_SIZE.VFIO_HEADER) {
    refuse(decoder, what, at, `at least ${MULTIFD_SIZE.VFIO_HEADER}`, `${size}, too short`);
  }
  const most = MULTIFD_SIZE.VFIO_HEADER + decoder.maxDataBytes;
  if (size > most) refuse(decoder, what, at, `at most ${most}`, `${size}`);
  decoder.payloadSize = size;
}

/** Checks the VFIO header; the data follows. */
export function checkVfioHeader(decoder: MultifdDecoder): void {
  const { head } = decoder;
  const version = head.getUint32(MULTIFD_AT.VFIO_VERSION);
  if (version !== VFIO_PACKET_VERSION) {
    refuse(decoder, "a VFIO packet's version", MULTIFD_AT.VFIO_VERSION, "0", `${version}`);
  }
  const idx = head.getUint32(MULTIFD_AT.VFIO_IDX);
  if (idx === INVALID_IDX) {
    refuse(decoder, "a VFIO packet's idx", MULTIFD_AT.VFIO_IDX, "0 to 0xfffffffe", hexWord(idx));
  }
  const flags = head.getUint32(MULTIFD_AT.VFIO_FLAGS);
  if ((flags & ~VFIO_CONFIG_STATE) !== 0) {
    const at = MULTIFD_AT.VFIO_FLAGS;
    refuse(decoder, "a VFIO packet's flags", at, "0 or CONFIG_STATE (0x1)", hexWord(flags));
  }
  decoder.idx = idx;
  decoder.isConfig = flags !== 0;
  decoder.dataLength = decoder.payloadSize - MULTIFD_SIZE.VFIO_HEADER;
  decoder.dataLeft = decoder.dataLength;
}

/** Ends the decoder with an error about a field of the head in hand. */
export function refuse(
  decoder: MultifdDecoder,
  what: string,
  at: number,
  expected: string,
  received: string,
): never {
  const offset = decoder.position - decoder.have + at;
  decoder.error = new WireError(offset, `${what} (${expected})`, received);
  throw decoder.error;
}

function checkStart(decoder: MultifdDecoder, whose: string): void {
  const magic = decoder.head.getUint32(MULTIFD_AT.MAGIC);
  if (magic !== MULTIFD_MAGIC) {
    refuse(decoder, `${whose} magic`, MULTIFD_AT.MAGIC, hexWord(MULTIFD_MAGIC), hexWord(magic));
  }
  const version = decoder.head.getUint32(MULTIFD_AT.VERSION);
  if (version !== MULTIFD_VERSION) {
    refuse(decoder, `${whose} version`, MULTIFD_AT.VERSION, `${MULTIFD_VERSION}`, `${version}`);
  }
}

function isUnterminated(decoder: MultifdDecoder, at: number): boolean {
  const { headBytes } = decoder;
  let i = at;
  while (i < at + MULTIFD_SIZE.IDSTR && headBytes[i] !== 0) i++;
  return i === at + MULTIFD_SIZE.IDSTR;
}

/** The place of the packet's device, -1 if there is none. What follows the name's NUL says nothing. */
function findDevice(decoder: MultifdDecoder): number {
  const { devices, headBytes } = decoder;
  const instanceId = decoder.head.getUint32(MULTIFD_AT.INSTANCE_ID);
  for (let d = 0; d < devices.length; d++) {
    const head = devices[d]?.head;
    if (head === undefined || head.instanceId !== instanceId) continue;
    const { idstrBytes } = head;
    let i = 0;
    while (i < idstrBytes.length && idstrBytes[i] === headBytes[MULTIFD_AT.IDSTR + i]) i++;
    if (i === idstrBytes.length) return d;
  }
  return -1;
}

function name(decoder: MultifdDecoder): string {
  const end = decoder.headBytes.indexOf(0, MULTIFD_AT.IDSTR);
  const idstr = new TextDecoder().decode(decoder.headBytes.subarray(MULTIFD_AT.IDSTR, end));
  const instanceId = decoder.head.getUint32(MULTIFD_AT.INSTANCE_ID);
  return `${JSON.stringify(idstr)} instance ${instanceId}`;
}

function hexWord(word: number): string {
  return `0x${word.toString(16)}`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
