/**
 * Writing our own RAM section, as `ram_record.ts` describes it.
 *
 * ```text
 *   setup   encodeRamSetup (52)
 *   pass    encodeRamHead (13)   bytes   (encodeRamRecord (8) bytes)*   encodeRamTail (13)
 * ```
 *
 * @module
 */

import { writeU64 } from "./big_endian.ts";
import { encodeFooter, encodeSectionPart, encodeSectionStart } from "./encode_section.ts";
import { FOOTER_SIZE, SECTION, SECTION_HEAD_SIZE } from "./main_channel.ts";
import { RAM_IDSTR, RAM_LENGTH_SIZE, RAM_VERSION } from "./ram_record.ts";

/** The whole START section. */
export const RAM_SETUP_SIZE = 14 + RAM_IDSTR.length + RAM_LENGTH_SIZE + FOOTER_SIZE;
/** Before the first bytes of a pass. */
export const RAM_HEAD_SIZE = SECTION_HEAD_SIZE + RAM_LENGTH_SIZE;
/** After the last bytes of a pass. */
export const RAM_TAIL_SIZE = RAM_LENGTH_SIZE + FOOTER_SIZE;

/** Writes the whole START section that announces `size` bytes of RAM. */
export function encodeRamSetup(view: DataView, at: number, id: number, size: number): number {
  const n = encodeSectionStart(view, at, SECTION.START, id, RAM_IDSTR, 0, RAM_VERSION);
  writeU64(view, at + n, size);
  encodeFooter(view, at + n + RAM_LENGTH_SIZE, id);
  return RAM_SETUP_SIZE;
}

/**
 * Writes what stands before the first bytes of a pass: 13 bytes.
 *
 * @param view The view to write to
 * @param at Where to write
 * @param type `SECTION.PART` or `SECTION.END`
 * @param id The section id
 * @param length How many bytes follow, not 0
 * @returns Bytes written
 */
export function encodeRamHead(
  view: DataView,
  at: number,
  type: number,
  id: number,
  length: number,
): number {
  encodeSectionPart(view, at, type, id);
  encodeRamRecord(view, at + SECTION_HEAD_SIZE, length);
  return RAM_HEAD_SIZE;
}

/** Writes the length of more bytes in the same pass: 8 bytes. */
export function encodeRamRecord(view: DataView, at: number, length: number): number {
  writeU64(view, at, length);
  return RAM_LENGTH_SIZE;
}

/** Writes the 0 that ends a pass, and the footer: 13 bytes. */
export function encodeRamTail(view: DataView, at: number, id: number): number {
  writeU64(view, at, 0);
  encodeFooter(view, at + RAM_LENGTH_SIZE, id);
  return RAM_TAIL_SIZE;
}
