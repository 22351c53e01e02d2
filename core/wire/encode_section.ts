/**
 * Writing the main channel's framing: each function writes at an offset and returns how many bytes it
 * wrote. Nothing is allocated.
 *
 * @module
 */

import {
  COMMAND,
  COMMAND_HEAD_SIZE,
  FILE_HEADER_SIZE,
  FILE_MAGIC,
  FILE_VERSION,
  FOOTER_SIZE,
  MAX_IDSTR,
  SECTION,
  SECTION_HEAD_SIZE,
} from "./main_channel.ts";

/** Writes the file header: 8 bytes. */
export function encodeFileHeader(view: DataView, at: number): number {
  view.setUint32(at, FILE_MAGIC);
  view.setUint32(at + 4, FILE_VERSION);
  return FILE_HEADER_SIZE;
}

/**
 * Writes a configuration section without subsections: 5 bytes and the name.
 *
 * @param view The view to write to
 * @param at Where to write
 * @param machine The machine's name, ASCII; `OWN_MACHINE` in our own streams
 * @returns Bytes written
 */
export function encodeConfiguration(view: DataView, at: number, machine: string): number {
  view.setUint8(at, SECTION.CONFIGURATION);
  view.setUint32(at + 1, machine.length);
  return 5 + encodeAscii(view, at + 5, machine);
}

/** How long {@linkcode encodeSectionStart} makes the head of a section with this idstr. */
export function sectionStartSize(idstr: string): number {
  return 14 + idstr.length;
}

/**
 * Writes the head of a START or FULL section, which declares it: 14 bytes and the idstr.
 *
 * @param view The view to write to
 * @param at Where to write
 * @param type `SECTION.START` or `SECTION.FULL`
 * @param id The section id that stands for it from here on
 * @param idstr ASCII, 1 to 255 characters
 * @param instance The instance id
 * @param version The version id
 * @returns Bytes written
 * @throws {RangeError} If the idstr is empty or too long
 */
export function encodeSectionStart(
  view: DataView,
  at: number,
  type: number,
  id: number,
  idstr: string,
  instance: number,
  version: number,
): number {
  const { length } = idstr;
  if (length === 0 || length > MAX_IDSTR) {
    throw new RangeError(
      `Cannot take a name as the idstr of a section: received ${length} characters, expected 1 to ${MAX_IDSTR}`,
    );
  }
  view.setUint8(at, type);
  view.setUint32(at + 1, id);
  view.setUint8(at + 5, length);
  encodeAscii(view, at + 6, idstr);
  view.setUint32(at + 6 + length, instance);
  view.setUint32(at + 10 + length, version);
  return 14 + length;
}

/**
 * Writes the head of a PART or END section: 5 bytes.
 *
 * @param view The view to write to
 * @param at Where to write
 * @param type `SECTION.PART` or `SECTION.END`
 * @param id The section id of the START before it
 * @returns Bytes written
 */
export function encodeSectionPart(view: DataView, at: number, type: number, id: number): number {
  view.setUint8(at, type);
  view.setUint32(at + 1, id);
  return SECTION_HEAD_SIZE;
}

/** Writes the footer that closes a section: 5 bytes. */
export function encodeFooter(view: DataView, at: number, id: number): number {
  view.setUint8(at, SECTION.FOOTER);
  view.setUint32(at + 1, id);
  return FOOTER_SIZE;
}

/**
 * Writes a command without data, such as `COMMAND.SWITCHOVER_START`: 5 bytes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { COMMAND, encodeCommand } from "./mod.ts";
 *
 * const bytes = new Uint8Array(5);
 * assertEquals(encodeCommand(new DataView(bytes.buffer), 0, COMMAND.SWITCHOVER_START), 5);
 * assertEquals(bytes.toHex(), "08000b0000");
 * ```
 *
 * @param view The view to write to
 * @param at Where to write
 * @param command One of `COMMAND` that carries nothing
 * @returns Bytes written
 */
export function encodeCommand(view: DataView, at: number, command: number): number {
  view.setUint8(at, SECTION.COMMAND);
  view.setUint16(at + 1, command);
  view.setUint16(at + 3, 0);
  return COMMAND_HEAD_SIZE;
}

/** Writes a PING, which the destination answers with a PONG of the same value: 9 bytes. */
export function encodePing(view: DataView, at: number, value: number): number {
  encodeCommand(view, at, COMMAND.PING);
  view.setUint16(at + 3, 4);
  view.setUint32(at + 5, value);
  return COMMAND_HEAD_SIZE + 4;
}

/** Writes the EOF: 1 byte. */
export function encodeEof(view: DataView, at: number): number {
  view.setUint8(at, SECTION.EOF);
  return 1;
}

function encodeAscii(view: DataView, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
  return text.length;
}
