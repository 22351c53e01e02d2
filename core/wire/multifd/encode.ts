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

const HEAD_WORDS = MULTIFD_SIZE.DEVICE_STATE_HEAD / 4;
/** The longest idstr, so that its NUL still fits. */
const IDSTR_MAX = MULTIFD_SIZE.IDSTR - 1;

/**
 * A device as its packets name it, encoded once. Made by {@linkcode createDeviceStateHead}, used by the
 * encoder as a template and by the decoder to tell whose packet it is.
 */
export interface DeviceStateHead {
  readonly idstr: string;
  readonly instanceId: number;
  /** The head's 288 bytes as big-endian words, with idx, flags and length 0. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** `idstr` in UTF-8 with its NUL. */
  readonly idstrBytes: Uint8Array<ArrayBuffer>;
}

/**
 * Encodes what all packets of a device have in common.
 *
 * @example A packet's head
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createDeviceStateHead, encodeDeviceStateHead } from "./encode.ts";
 *
 * const head = createDeviceStateHead("0000:00:05.0/vfio", 0);
 * const view = new DataView(new ArrayBuffer(288));
 * assertEquals(encodeDeviceStateHead(view, 0, head, 7, false, 1024 * 1024), 288);
 * assertEquals(view.getUint32(280), 7); // idx
 * ```
 *
 * @param idstr The device's name in the stream, 1 to 255 bytes of UTF-8, such as "0000:00:05.0/vfio"
 * @param instanceId A u32, 0 where the name is the only one of its kind
 * @returns The template
 * @throws {RangeError} If the name does not fit or has a NUL, or the id is no u32
 */
export function createDeviceStateHead(idstr: string, instanceId: number): DeviceStateHead {
  const name = new TextEncoder().encode(idstr);
  if (name.length === 0 || name.length > IDSTR_MAX || name.includes(0)) {
    throw new RangeError(
      `Cannot encode an idstr as 1 to ${IDSTR_MAX} bytes without NUL: received ${
        JSON.stringify(idstr)
      }`,
    );
  }
  if (!Number.isInteger(instanceId) || instanceId < 0 || instanceId > 0xffff_ffff) {
    throw new RangeError(`Cannot encode an instance_id as a u32: received ${instanceId}`);
  }
  const bytes = new Uint8Array(MULTIFD_SIZE.DEVICE_STATE_HEAD);
  const view = new DataView(bytes.buffer);
  encodeHeader(view, 0, MULTIFD_FLAG.DEVICE_STATE);
  bytes.set(name, MULTIFD_AT.IDSTR);
  view.setUint32(MULTIFD_AT.INSTANCE_ID, instanceId);
  view.setUint32(MULTIFD_AT.VFIO_VERSION, VFIO_PACKET_VERSION);
  const words = new Uint32Array(HEAD_WORDS);
  for (let i = 0; i < HEAD_WORDS; i++) words[i] = view.getUint32(i * 4);
  const idstrBytes = bytes.slice(MULTIFD_AT.IDSTR, MULTIFD_AT.IDSTR + name.length + 1);
  return { idstr, instanceId, words, idstrBytes };
}

/**
 * Writes the packet with which a channel begins.
 *
 * @param view The view to write to
 * @param offset Where the packet begins, in bytes
 * @param uuid The VM's UUID, 16 bytes, or null for a VM without one
 * @param id The channel's number, 0 to 255
 * @returns 64, its length in bytes
 */
export function encodeChannelInit(
  view: DataView,
  offset: number,
  uuid: Uint8Array | null,
  id: number,
): number {
  for (let at = 0; at < MULTIFD_SIZE.INIT; at += 4) view.setUint32(offset + at, 0);
  view.setUint32(offset + MULTIFD_AT.MAGIC, MULTIFD_MAGIC);
  view.setUint32(offset + MULTIFD_AT.VERSION, MULTIFD_VERSION);
  if (uuid !== null) {
    for (let i = 0; i < 16; i++) view.setUint8(offset + MULTIFD_AT.INIT_UUID + i, uuid[i] ?? 0);
  }
  view.setUint8(offset + MULTIFD_AT.INIT_ID, id);
  return MULTIFD_SIZE.INIT;
}

/**
 * Writes the header that every packet has.
 *
 * @param view The view to write to
 * @param offset Where the packet begins, in bytes
 * @param flags Bits of `MULTIFD_FLAG`
 * @returns 12, its length in bytes
 */
export function encodeHeader(view: DataView, offset: number, flags: number): number {
  view.setUint32(offset + MULTIFD_AT.MAGIC, MULTIFD_MAGIC);
  view.setUint32(offset + MULTIFD_AT.VERSION, MULTIFD_VERSION);
  view.setUint32(offset + MULTIFD_AT.FLAGS, flags);
  return MULTIFD_SIZE.HEADER;
}

/**
 * Writes all that precedes the data of a device's buffer: the device-state packet and the VFIO header.
 * The data follows at once, behind the head or from a place of its own (`writev`).
 *
 * @param view The view to write to
 * @param offset Where the packet begins, in bytes
 * @param head The device
 * @param idx The buffer's place among the device's buffers, 0 to 0xfffffffe
 * @param isConfig Whether this is the configuration, the device's last buffer
 * @param length The data's length, in bytes
 * @returns 288, the head's length in bytes
 */
export function encodeDeviceStateHead(
  view: DataView,
  offset: number,
  head: DeviceStateHead,
  idx: number,
  isConfig: boolean,
  length: number,
): number {
  const { words } = head;
  for (let i = 0; i < HEAD_WORDS; i++) view.setUint32(offset + i * 4, words[i] ?? 0);
  return patchDeviceStateHead(view, offset, idx, isConfig, length);
}

/**
 * Changes what differs from buffer to buffer in a head that is in place already, of the same device.
 *
 * @param view The view to write to
 * @param offset Where the packet begins, in bytes
 * @param idx As for {@linkcode encodeDeviceStateHead}
 * @param isConfig As for {@linkcode encodeDeviceStateHead}
 * @param length As for {@linkcode encodeDeviceStateHead}
 * @returns 288, the head's length in bytes
 * @throws {RangeError} If `idx` is the invalid one, or `length` does not fit beside the VFIO header
 */
export function patchDeviceStateHead(
  view: DataView,
  offset: number,
  idx: number,
  isConfig: boolean,
  length: number,
): number {
  const size = length + MULTIFD_SIZE.VFIO_HEADER;
  // DataView would take what does not fit modulo 2^32, and the other end would lose its place.
  if (!(idx >= 0 && idx < INVALID_IDX)) {
    throw new RangeError(`Cannot encode an idx as 0 to 0xfffffffe: received ${idx}`);
  }
  if (!(length >= 0 && size <= 0xffff_ffff)) {
    throw new RangeError(`Cannot encode a buffer's length as a u32: received ${length}`);
  }
  view.setUint32(offset + MULTIFD_AT.NEXT_PACKET_SIZE, size);
  view.setUint32(offset + MULTIFD_AT.VFIO_IDX, idx);
  view.setUint32(offset + MULTIFD_AT.VFIO_FLAGS, isConfig ? VFIO_CONFIG_STATE : 0);
  return MULTIFD_SIZE.DEVICE_STATE_HEAD;
}
