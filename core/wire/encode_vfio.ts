/**
 * Writing VFIO sections. Where bytes of the device belong in between, there is a function for the head
 * before them and one for the tail after them, so that they can go out of their own buffer with
 * writev(2). Each function writes at an offset and returns how many bytes it wrote; nothing is
 * allocated.
 *
 * ```text
 *   precopy pass   encodeDataHead (21)       bytes   encodeEndOfState or encodeInitDataSent (13)
 *   empty pass     encodePass (18)
 *   stop-copy      encodeStopCopyHead (5)   (encodeDataRecord (16) bytes)*   encodeEndOfState (13)
 *   config         encodeConfigHead          bytes   encodeEndOfState (13)
 * ```
 *
 * @module
 */

import { writeU64 } from "./big_endian.ts";
import { encodeFooter, encodeSectionPart, encodeSectionStart } from "./encode_section.ts";
import { FOOTER_SIZE, SECTION, SECTION_HEAD_SIZE } from "./main_channel.ts";
import { DATA_RECORD_SIZE, TAG_HIGH, TAG_SIZE, VFIO_TAG, VFIO_VERSION } from "./vfio_record.ts";

/** Before the bytes of a precopy pass. */
export const DATA_HEAD_SIZE = SECTION_HEAD_SIZE + DATA_RECORD_SIZE;
/** After the last bytes of a section: the closing tag and the footer. */
export const CLOSING_SIZE = TAG_SIZE + FOOTER_SIZE;
/** A precopy pass without data. */
export const PASS_SIZE = SECTION_HEAD_SIZE + CLOSING_SIZE;

/** Writes one tag of `VFIO_TAG`: 8 bytes. */
export function encodeTag(view: DataView, at: number, tag: number): number {
  view.setUint32(at, TAG_HIGH);
  view.setUint32(at + 4, tag);
  return TAG_SIZE;
}

/** How long {@linkcode encodeSetupSection} makes the section of a device with this idstr. */
export function setupSectionSize(idstr: string): number {
  return 14 + idstr.length + 2 * TAG_SIZE + FOOTER_SIZE;
}

/** Writes the whole START section that announces a device. */
export function encodeSetupSection(
  view: DataView,
  at: number,
  id: number,
  idstr: string,
  instance: number,
): number {
  let n = encodeSectionStart(view, at, SECTION.START, id, idstr, instance, VFIO_VERSION);
  n += encodeTag(view, at + n, VFIO_TAG.SETUP);
  return n + encodeEndOfState(view, at + n, id);
}

/** Writes what stands before the `length` bytes of a precopy pass: 21 bytes. */
export function encodeDataHead(view: DataView, at: number, id: number, length: number): number {
  encodeSectionPart(view, at, SECTION.PART, id);
  encodeDataRecord(view, at + SECTION_HEAD_SIZE, length);
  return DATA_HEAD_SIZE;
}

/** Writes a DATA record up to its `length` bytes: 16 bytes. */
export function encodeDataRecord(view: DataView, at: number, length: number): number {
  encodeTag(view, at, VFIO_TAG.DATA);
  writeU64(view, at + TAG_SIZE, length);
  return DATA_RECORD_SIZE;
}

/** Writes END_OF_STATE and the footer, which close any VFIO section: 13 bytes. */
export function encodeEndOfState(view: DataView, at: number, id: number): number {
  return encodeClosing(view, at, id, VFIO_TAG.END_OF_STATE);
}

/** Writes INIT_DATA_SENT and the footer, which close a precopy pass in place of END_OF_STATE: 13 bytes. */
export function encodeInitDataSent(view: DataView, at: number, id: number): number {
  return encodeClosing(view, at, id, VFIO_TAG.INIT_DATA_SENT);
}

/**
 * Writes a precopy pass without data: 18 bytes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodePass, VFIO_TAG } from "./mod.ts";
 *
 * const bytes = new Uint8Array(18);
 * encodePass(new DataView(bytes.buffer), 0, 38, VFIO_TAG.INIT_DATA_SENT);
 * assertEquals(bytes.toHex(), "0200000026ffffffffef1000057e00000026");
 * ```
 *
 * @param view The view to write to
 * @param at Where to write
 * @param id The section id
 * @param tag `VFIO_TAG.END_OF_STATE` or `VFIO_TAG.INIT_DATA_SENT`
 * @returns Bytes written
 */
export function encodePass(view: DataView, at: number, id: number, tag: number): number {
  encodeSectionPart(view, at, SECTION.PART, id);
  encodeClosing(view, at + SECTION_HEAD_SIZE, id, tag);
  return PASS_SIZE;
}

/** Opens the END section of stop-copy: 5 bytes. */
export function encodeStopCopyHead(view: DataView, at: number, id: number): number {
  return encodeSectionPart(view, at, SECTION.END, id);
}

/** How long {@linkcode encodeConfigHead} makes the head of a device with this idstr. */
export function configHeadSize(idstr: string): number {
  return 14 + idstr.length + TAG_SIZE + 4;
}

/** Writes what stands before the `length` bytes of our own config in its FULL section. */
export function encodeConfigHead(
  view: DataView,
  at: number,
  id: number,
  idstr: string,
  instance: number,
  length: number,
): number {
  let n = encodeSectionStart(view, at, SECTION.FULL, id, idstr, instance, VFIO_VERSION);
  n += encodeTag(view, at + n, VFIO_TAG.CONFIG);
  view.setUint32(at + n, length);
  return n + 4;
}

/** How long {@linkcode encodeConfigMarker} makes the section of a device with this idstr. */
export function configMarkerSize(idstr: string): number {
  return 14 + idstr.length + CLOSING_SIZE;
}

/**
 * Writes the whole FULL section of a device whose config went over multifd.
 *
 * @param view The view to write to
 * @param at Where to write
 * @param id The section id
 * @param idstr The device's idstr
 * @param instance The instance id
 * @param tag `VFIO_TAG.END_OF_STATE`, or `VFIO_TAG.CONFIG_LOAD_READY` where it is loaded after all others
 * @returns Bytes written
 */
export function encodeConfigMarker(
  view: DataView,
  at: number,
  id: number,
  idstr: string,
  instance: number,
  tag: number,
): number {
  const n = encodeSectionStart(view, at, SECTION.FULL, id, idstr, instance, VFIO_VERSION);
  return n + encodeClosing(view, at + n, id, tag);
}

function encodeClosing(view: DataView, at: number, id: number, tag: number): number {
  encodeTag(view, at, tag);
  encodeFooter(view, at + TAG_SIZE, id);
  return CLOSING_SIZE;
}
