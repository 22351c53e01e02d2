/**
 * Messages as the bytes of QEMU's main channel; `core/wire` says what each of them looks like.
 *
 * ```text
 *   SETUP              START of the device's section
 *   DATA               before SWITCHOVER_START a PART of its own
 *                      after it a record in the device's END, which the first of them opens
 *   INIT_DATA_SENT     a PART with that marker
 *   END_OF_STATE       closes the device's END; before SWITCHOVER_START an empty PART
 *   CONFIG             a FULL section of the device
 *   RAM                a PART of the RAM section; after SWITCHOVER_START a record in its END
 *   SWITCHOVER_START   the command
 *   EOF                the EOF
 * ```
 *
 * A section has its device's number as id. RAM's START stands before its first bytes, and its END is closed by
 * whatever comes next. Version 1 sends its config before the data of stop-copy: that is a FULL section too,
 * only earlier.
 *
 * A message goes out as three stretches of memory, of which the middle one is not touched:
 *
 * ```text
 *   head | length bytes of the message | tail
 * ```
 *
 * @module
 */
import { ERRNO, type Region, regionOf } from "../libc/mod.ts";
import {
  CLOSING_SIZE,
  COMMAND,
  encodeCommand,
  encodeConfigHead,
  encodeConfiguration,
  encodeDataHead,
  encodeDataRecord,
  encodeEndOfState,
  encodeEof,
  encodeFileHeader,
  encodePass,
  encodeRamHead,
  encodeRamRecord,
  encodeRamSetup,
  encodeRamTail,
  encodeSetupSection,
  encodeStopCopyHead,
  OWN_MACHINE,
  RAM_TAIL_SIZE,
  SECTION,
  VFIO_SUFFIX,
  VFIO_TAG,
} from "../wire/mod.ts";
import { MESSAGE } from "./message.ts";

/** What a stream says beside its messages. */
export interface StreamOptions {
  /** The devices' ids, the first one that of device 1; a device without one is `device<n>`. */
  readonly deviceIds?: readonly string[];
  /** The size of the guest's RAM in bytes; 0 or absent: not said. */
  readonly ramSize?: number;
}

/** The section id of RAM. A device's section has the device's number, which is below it. */
export const RAM_SECTION = 0x10000;

/** Opening, RAM's tail and the longest section head, with an idstr of 255: below 400 bytes. */
const HEAD_SIZE = 512;
const MAX_ID = 255 - VFIO_SUFFIX.length;

/** A device of a stream, from its SETUP on. */
interface StreamDevice {
  readonly idstr: string;
  /** Its END is closed. */
  isSaved: boolean;
}

/** Where what stands around a message's bytes is encoded. */
export interface Frame {
  readonly head: Region;
  readonly tail: Region;
}

/** Room for the longest framing. */
export function createFrame(): Frame {
  return {
    head: regionOf(new ArrayBuffer(HEAD_SIZE)),
    tail: regionOf(new ArrayBuffer(Math.max(CLOSING_SIZE, RAM_TAIL_SIZE))),
  };
}

/** The state of a stream that is being written. `head` and `tail` hold what the last call encoded, and can be replaced. */
export interface StreamEncoder {
  head: Region;
  tail: Region;
  headLength: number;
  tailLength: number;

  readonly hasReturnPath: boolean;
  readonly deviceIds: readonly string[];
  readonly ramSize: number;
  readonly devices: Map<number, StreamDevice>;
  isOpen: boolean;
  hasRam: boolean;
  isSwitchedOver: boolean;
  /** The device whose END is open, or 0. */
  saving: number;
  /** RAM's END is open. */
  isSavingRam: boolean;
  isEnded: boolean;
}

/**
 * An encoder at the beginning of a stream.
 *
 * @param hasReturnPath Whether the stream asks for answers
 * @throws {RangeError} If an id cannot be a part of an idstr
 */
export function createStreamEncoder(
  hasReturnPath: boolean,
  { deviceIds = [], ramSize = 0 }: StreamOptions = {},
): StreamEncoder {
  for (const id of deviceIds) {
    if (id.length > 0 && id.length <= MAX_ID && /^[\x20-\x7e]+$/.test(id)) continue;
    throw new RangeError(
      `Cannot name a section after a device whose id is not 1 to ${MAX_ID} ASCII characters: received ${
        JSON.stringify(id)
      }`,
    );
  }
  return {
    ...createFrame(),
    headLength: 0,
    tailLength: 0,
    hasReturnPath,
    deviceIds,
    ramSize,
    devices: new Map(),
    isOpen: false,
    hasRam: false,
    isSwitchedOver: false,
    saving: 0,
    isSavingRam: false,
    isEnded: false,
  };
}

/**
 * Encodes what stands around the `length` bytes of a message, into `head` and `tail`.
 *
 * @returns 0, or -EINVAL for a message that has no place here; the stream is then as it was
 */
export function encodeMessage(
  e: StreamEncoder,
  kind: number,
  device: number,
  length: number,
): number {
  if (!hasPlace(e, kind, device, length)) return -ERRNO.EINVAL;
  const { view } = e.head;
  let n = e.isOpen ? 0 : encodeOpening(e);
  if (e.isSavingRam && kind !== MESSAGE.RAM) {
    n += encodeRamTail(view, n, RAM_SECTION);
    e.isSavingRam = false;
  }
  e.tailLength = 0;
  switch (kind) {
    case MESSAGE.DATA:
      n += encodeData(e, n, device, length);
      break;
    case MESSAGE.RAM:
      n += encodeRam(e, n, length);
      break;
    case MESSAGE.SETUP:
      n += encodeSetup(e, n, device);
      break;
    case MESSAGE.INIT_DATA_SENT:
      n += encodePass(view, n, device, VFIO_TAG.INIT_DATA_SENT);
      break;
    case MESSAGE.SWITCHOVER_START:
      n += encodeCommand(view, n, COMMAND.SWITCHOVER_START);
      e.isSwitchedOver = true;
      break;
    case MESSAGE.END_OF_STATE:
      n += encodeEnd(e, n, device);
      break;
    case MESSAGE.CONFIG:
      n += encodeConfigHead(view, n, device, idstrOf(e, device), 0, length);
      e.tailLength = encodeEndOfState(e.tail.view, 0, device);
      break;
    case MESSAGE.EOF:
      n += encodeEof(view, n);
      e.isEnded = true;
  }
  e.headLength = n;
  return 0;
}

/** Whether the message can be said at this point of the stream. */
function hasPlace(e: StreamEncoder, kind: number, device: number, length: number): boolean {
  if (e.isEnded) return false;
  if (e.saving !== 0) {
    // A section is closed before another one begins.
    if (device !== e.saving) return false;
    return kind === MESSAGE.DATA || (kind === MESSAGE.END_OF_STATE && length === 0);
  }
  switch (kind) {
    case MESSAGE.SETUP:
      return length === 0 && device > 0 && device < RAM_SECTION && !e.devices.has(device);
    case MESSAGE.DATA:
      return e.devices.get(device)?.isSaved === false;
    case MESSAGE.INIT_DATA_SENT:
      return length === 0 && e.devices.has(device) && !e.isSwitchedOver;
    case MESSAGE.END_OF_STATE:
      return length === 0 && e.devices.get(device)?.isSaved === false;
    case MESSAGE.CONFIG:
      return e.devices.has(device);
    case MESSAGE.RAM:
      // A length of 0 ends RAM's section.
      return device === 0 && length > 0;
    case MESSAGE.SWITCHOVER_START:
      return device === 0 && length === 0 && !e.isSwitchedOver;
    case MESSAGE.EOF:
      return device === 0 && length === 0;
  }
  return false;
}

function encodeOpening(e: StreamEncoder): number {
  const { view } = e.head;
  let n = encodeFileHeader(view, 0);
  n += encodeConfiguration(view, n, OWN_MACHINE);
  if (e.hasReturnPath) n += encodeCommand(view, n, COMMAND.OPEN_RETURN_PATH);
  e.isOpen = true;
  return n;
}

function encodeSetup(e: StreamEncoder, at: number, device: number): number {
  const idstr = `${e.deviceIds[device - 1] ?? `device${device}`}${VFIO_SUFFIX}`;
  e.devices.set(device, { idstr, isSaved: false });
  return encodeSetupSection(e.head.view, at, device, idstr, 0);
}

function encodeData(e: StreamEncoder, at: number, device: number, length: number): number {
  const { view } = e.head;
  if (!e.isSwitchedOver) {
    e.tailLength = encodeEndOfState(e.tail.view, 0, device);
    return encodeDataHead(view, at, device, length);
  }
  const n = openEnd(e, at, device);
  return n + encodeDataRecord(view, at + n, length);
}

function encodeEnd(e: StreamEncoder, at: number, device: number): number {
  const { view } = e.head;
  if (!e.isSwitchedOver) return encodePass(view, at, device, VFIO_TAG.END_OF_STATE);
  const n = openEnd(e, at, device);
  const saved = e.devices.get(device);
  if (saved !== undefined) saved.isSaved = true;
  e.saving = 0;
  return n + encodeEndOfState(view, at + n, device);
}

/** Opens the device's END where it is not open. */
function openEnd(e: StreamEncoder, at: number, device: number): number {
  if (e.saving === device) return 0;
  e.saving = device;
  return encodeStopCopyHead(e.head.view, at, device);
}

function encodeRam(e: StreamEncoder, at: number, length: number): number {
  const { view } = e.head;
  let n = 0;
  if (!e.hasRam) {
    n = encodeRamSetup(view, at, RAM_SECTION, e.ramSize);
    e.hasRam = true;
  }
  if (!e.isSwitchedOver) {
    e.tailLength = encodeRamTail(e.tail.view, 0, RAM_SECTION);
    return n + encodeRamHead(view, at + n, SECTION.PART, RAM_SECTION, length);
  }
  if (e.isSavingRam) return n + encodeRamRecord(view, at + n, length);
  e.isSavingRam = true;
  return n + encodeRamHead(view, at + n, SECTION.END, RAM_SECTION, length);
}

function idstrOf(e: StreamEncoder, device: number): string {
  return e.devices.get(device)?.idstr ?? "";
}
