/**
 * QEMU's main migration channel and its return path, byte for byte: what goes out is written into
 * buffers of the caller, what comes in is read in whatever pieces it comes and handed on in place.
 *
 * `main_channel.ts`, `vfio_record.ts`, `ram_record.ts` and `return_path.ts` say what the bytes are.
 *
 * A stream of ours, as encoders in their order:
 *
 * ```text
 *   encodeFileHeader, encodeConfiguration(OWN_MACHINE)
 *   encodeRamSetup                                             START of RAM
 *   encodeSetupSection                                         START of each device
 *   encodeRamHead    bytes  encodeRamTail                      passes of RAM
 *   encodeDataHead   bytes  encodeEndOfState                   passes of a device
 *   encodePass(INIT_DATA_SENT)                                 its initial data is sent
 *   encodeCommand(SWITCHOVER_START)
 *   encodeStopCopyHead (encodeDataRecord bytes)* encodeEndOfState
 *   encodeConfigHead bytes  encodeEndOfState
 *   encodeEof
 * ```
 *
 * A receiver on a socket reads framing into a small buffer and lets `decode` go through it. At DATA, RAM or
 * CONFIG, `payloadLeft` bytes follow: what the small buffer already has of them comes as PAYLOAD, the rest
 * can be read(2) straight to where it belongs and be reported with `takePayload`. In the same readv(2) the
 * next framing can come along: with room for 34 bytes (`CLOSING_SIZE + DATA_HEAD_SIZE`) behind the payload
 * of a precopy pass, or 16 (`DATA_RECORD_SIZE`) in stop-copy, no payload of the next record comes with it
 * while records of that kind follow each other.
 *
 * @module
 */

export { WireError } from "./wire_error.ts";
export {
  COMMAND,
  COMMAND_HEAD_SIZE,
  FILE_HEADER_SIZE,
  FOOTER_SIZE,
  OWN_MACHINE,
  SECTION,
  SECTION_HEAD_SIZE,
} from "./main_channel.ts";
export { DATA_RECORD_SIZE, TAG_SIZE, VFIO_SUFFIX, VFIO_TAG, VFIO_VERSION } from "./vfio_record.ts";
export { RAM_IDSTR, RAM_LENGTH_SIZE, RAM_VERSION } from "./ram_record.ts";
export { MAX_RETURN_PATH_LENGTH, RETURN_PATH, RETURN_PATH_HEAD_SIZE } from "./return_path.ts";
export {
  encodeCommand,
  encodeConfiguration,
  encodeEof,
  encodeFileHeader,
  encodeFooter,
  encodePing,
  encodeSectionPart,
  encodeSectionStart,
  sectionStartSize,
} from "./encode_section.ts";
export {
  CLOSING_SIZE,
  configHeadSize,
  configMarkerSize,
  DATA_HEAD_SIZE,
  encodeConfigHead,
  encodeConfigMarker,
  encodeDataHead,
  encodeDataRecord,
  encodeEndOfState,
  encodeInitDataSent,
  encodePass,
  encodeSetupSection,
  encodeStopCopyHead,
  encodeTag,
  PASS_SIZE,
  setupSectionSize,
} from "./encode_vfio.ts";
export {
  encodeRamHead,
  encodeRamRecord,
  encodeRamSetup,
  encodeRamTail,
  RAM_HEAD_SIZE,
  RAM_SETUP_SIZE,
  RAM_TAIL_SIZE,
} from "./encode_ram.ts";
export { encodePong, encodeShut, encodeSwitchoverAck } from "./encode_return_path.ts";
export { EVENT, EVENT_NAMES } from "./event.ts";
export { createDecoder, type Decoder, type DecoderOptions } from "./decoder.ts";
export { decode, endOfInput } from "./decode.ts";
export { takeDataHead } from "./decode_vfio.ts";
export { bytesNeeded, payloadLeft, takePayload } from "./payload.ts";
export { RAM_FLAG } from "./decode_qemu_ram.ts";
export { PAYLOAD_KIND, type Section, sizeKey } from "./section_table.ts";
export { type VmdescSizes, vmdescSizes } from "./vmdesc.ts";
export {
  createReturnPathDecoder,
  decodeReturnPath,
  endOfReturnPath,
  type ReturnPathDecoder,
} from "./decode_return_path.ts";
