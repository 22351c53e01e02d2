/**
 * Multifd channels as QEMU 10.0 to 11.1 writes them: device state beside RAM.
 *
 * `layout.ts` has the bytes, `encode.ts` writes them, `decoder.ts` and `decode.ts` read them.
 *
 * @module
 */
export {
  INVALID_IDX,
  MULTIFD_AT,
  MULTIFD_FLAG,
  MULTIFD_MAGIC,
  MULTIFD_SIZE,
  MULTIFD_VERSION,
  VFIO_CONFIG_STATE,
  VFIO_PACKET_VERSION,
} from "./layout.ts";
export {
  createDeviceStateHead,
  type DeviceStateHead,
  encodeChannelInit,
  encodeDeviceStateHead,
  encodeHeader,
  patchDeviceStateHead,
} from "./encode.ts";
export {
  createMultifdDecoder,
  type DecoderDevice,
  type DecoderOptions,
  MULTIFD_EVENT,
  type MultifdDecoder,
  type MultifdEvent,
} from "./decoder.ts";
export { dataConsumed, decodeMultifd, endMultifd, headWanted } from "./decode.ts";
