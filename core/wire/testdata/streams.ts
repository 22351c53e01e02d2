import {
  COMMAND,
  encodeCommand,
  encodeConfigHead,
  encodeConfigMarker,
  encodeConfiguration,
  encodeDataHead,
  encodeDataRecord,
  encodeEndOfState,
  encodeEof,
  encodeFileHeader,
  encodeFooter,
  encodeInitDataSent,
  encodePass,
  encodePing,
  encodeRamHead,
  encodeRamRecord,
  encodeRamSetup,
  encodeRamTail,
  encodeSectionPart,
  encodeSectionStart,
  encodeSetupSection,
  encodeStopCopyHead,
  encodeTag,
  OWN_MACHINE,
  SECTION,
  VFIO_TAG,
} from "../mod.ts";
import { type Part, write } from "./write.ts";

const ID = 38;
const IDSTR = "0000:00:05.0/vfio";
const RAM = 1;

export const openOwn: Part = (v: DataView, at: number): number => {
  const n = encodeFileHeader(v, at);
  return n + encodeConfiguration(v, at + n, OWN_MACHINE);
};
export const openQemu: Part = (v: DataView, at: number): number => {
  const n = encodeFileHeader(v, at);
  return n + encodeConfiguration(v, at + n, "pc-q35-10.0");
};
export const setup: Part = (v: DataView, at: number): number =>
  encodeSetupSection(v, at, ID, IDSTR, 0);
export const dataHead = (length: number): Part => (v, at) => encodeDataHead(v, at, ID, length);
export const dataRecord = (length: number): Part => (v, at) => encodeDataRecord(v, at, length);
export const endOfState: Part = (v: DataView, at: number): number => encodeEndOfState(v, at, ID);
export const initDataSent: Part = (v: DataView, at: number): number =>
  encodeInitDataSent(v, at, ID);
export const pass = (tag: number): Part => (v, at) => encodePass(v, at, ID, tag);
export const stopCopyHead: Part = (v: DataView, at: number): number =>
  encodeStopCopyHead(v, at, ID);
export const configHead = (length: number): Part => (v, at) =>
  encodeConfigHead(v, at, ID, IDSTR, 0, length);
export const configMarker = (tag: number): Part => (v, at) =>
  encodeConfigMarker(v, at, ID, IDSTR, 0, tag);
export const tag = (low: number): Part => (v, at) => encodeTag(v, at, low);
export const ramSetup = (size: number): Part => (v, at) => encodeRamSetup(v, at, RAM, size);
export const ramHead = (type: number, length: number): Part => (v, at) =>
  encodeRamHead(v, at, type, RAM, length);
export const ramRecord = (length: number): Part => (v, at) => encodeRamRecord(v, at, length);
export const ramTail: Part = (v: DataView, at: number): number => encodeRamTail(v, at, RAM);
export const command = (number: number): Part => (v, at) => encodeCommand(v, at, number);
export const ping = (value: number): Part => (v, at) => encodePing(v, at, value);
export const eof: Part = (v: DataView, at: number): number => encodeEof(v, at);
export const start = (type: number, id: number, idstr: string, version: number): Part => (v, at) =>
  encodeSectionStart(v, at, type, id, idstr, 0, version);
export const part = (type: number, id: number): Part => (v, at) =>
  encodeSectionPart(v, at, type, id);
export const footer = (id: number): Part => (v, at) => encodeFooter(v, at, id);

/** A whole migration of ours: two passes of RAM, everything a device can send. */
export const ownStream: Uint8Array = write(
  openOwn,
  ramSetup(1 << 20),
  setup,
  ramHead(SECTION.PART, 6),
  "010203040506",
  ramRecord(1),
  "07",
  ramTail,
  dataHead(4),
  "deadbeef",
  endOfState,
  dataHead(3),
  "7e0000",
  initDataSent,
  pass(VFIO_TAG.END_OF_STATE),
  pass(VFIO_TAG.INIT_DATA_SENT),
  command(COMMAND.SWITCHOVER_START),
  part(SECTION.END, RAM),
  ramTail,
  stopCopyHead,
  dataRecord(4),
  "deadbeef",
  dataRecord(1),
  "01",
  endOfState,
  configHead(2),
  "abcd",
  endOfState,
  eof,
);

/** QEMU's own RAM section, a device in v1 and in v2, sections of others, configuration and vmdesc. */
export const qemuStream: Uint8Array = buildQemuStream(
  write("0000000000000008" + "046d656d30", new Uint8Array(4096).fill(0x7e)),
);

/** The same without the one whole page in it: a few hundred bytes. */
export const smallQemuStream: Uint8Array = buildQemuStream(
  write("0000000000000002" + "046d656d30" + "00"),
);

function buildQemuStream(page: Uint8Array): Uint8Array {
  return write(
    openQemu,
    // configuration/capabilities: "x-test"; target-page-bits: 12
    "051a636f6e66696775726174696f6e2f6361706162696c6974696573",
    "0000000100000001",
    "06782d74657374",
    "051e636f6e66696775726174696f6e2f7461726765742d706167652d62697473",
    "000000010000000c",
    command(COMMAND.OPEN_RETURN_PATH),
    ping(1),
    start(SECTION.START, 1, "ram", 4),
    "0000000000002004" + "046d656d30" + "0000000000001000" + "046d656d31" + "0000000000001000",
    "0000000000000010",
    footer(1),
    setup,
    part(SECTION.PART, 1),
    page,
    "0000000000000022" + "00",
    "0000000000000002" + "046d656d31" + "00",
    "0000000000000060" + "01" + "0003" + "aabbcc",
    "0000000000000200",
    "0000000000000010",
    footer(1),
    dataHead(0),
    endOfState,
    dataHead(5),
    "ffffffffff",
    initDataSent,
    start(SECTION.START, 50, "dirty-bitmap", 1),
    // A footer of this section, but nothing that can follow one; then half of one.
    "7e00000032ff" + "7e0000" + "7e",
    footer(50),
    command(COMMAND.SWITCHOVER_START),
    // v1: the config comes first.
    stopCopyHead,
    tag(VFIO_TAG.CONFIG),
    "00112233",
    tag(VFIO_TAG.END_OF_STATE),
    dataRecord(2),
    "cafe",
    endOfState,
    start(SECTION.FULL, 60, "timer", 2),
    "000102",
    footer(60),
    // v2: a config with an END_OF_STATE in it that is none.
    start(SECTION.FULL, 38, "0000:00:05.0/vfio", 1),
    tag(VFIO_TAG.CONFIG),
    "0011",
    tag(VFIO_TAG.END_OF_STATE),
    "7e00000027",
    endOfState,
    configMarker(VFIO_TAG.CONFIG_LOAD_READY),
    start(SECTION.FULL, 61, "empty", 1),
    footer(61),
    eof,
    "06000000027b7d",
  );
}
