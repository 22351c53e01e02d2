/**
 * Sections that nothing here can read: they have no length on the wire. If a table of sizes knows it, the
 * payload is skipped; otherwise its end is searched for, which is the section's footer with something
 * after it that can only be the next:
 *
 * ```text
 *   7e id | 00, 06                          EOF and vmdesc
 *   7e id | 00                              EOF, where the input ends
 *   7e id | 01 or 04, id, length, text      a section, with an idstr
 *   7e id | 02 or 03, id                    a section that was declared
 *   7e id | 08, command                     a command that exists
 * ```
 *
 * What was read ahead for this is at most the head of the next section, and is kept in the scratch bytes.
 *
 * @module
 */

import { type Decoder, expect } from "./decoder.ts";
import { STATE } from "./state.ts";
import { EVENT } from "./event.ts";
import { COMMAND_LENGTH, FOOTER_SIZE, SECTION } from "./main_channel.ts";
import { sizeKey } from "./section_table.ts";

/** The head of a section is left: its payload comes. */
export function enterOther(d: Decoder): void {
  const { section } = d;
  const size = section !== null && d.sectionType === SECTION.FULL
    ? d.sizes.get(sizeKey(section.idstr, section.instance))
    : undefined;
  if (size === undefined) {
    d.searched = 0;
    expect(d, STATE.FOOTER_SEARCH, 0);
    return;
  }
  d.searched = size;
  d.left = size;
  d.handOn = false;
  expect(d, STATE.SKIPPED, 0);
}

/** The payload is skipped, whichever way. */
export function stepSkipped(d: Decoder): number {
  d.at = d.stepAt - d.searched;
  d.length = d.searched;
  expect(d, STATE.FOOTER, FOOTER_SIZE);
  return EVENT.SKIPPED;
}

const NO = 0;
const MORE = 1;
const YES = 2;

/** Looks for the footer; `false` if the chunk ends before. */
export function searchFooter(d: Decoder, bytes: Uint8Array, end: number): boolean {
  const { scratch } = d;
  for (;;) {
    if (d.have === 0) {
      let at = d.next;
      while (at < end && bytes[at] !== SECTION.FOOTER) at++;
      d.searched += at - d.next;
      d.position += at - d.next;
      d.next = at;
    }
    const verdict = d.have === 0 ? MORE : looksLikeFooter(d);
    if (verdict === YES) {
      d.state = STATE.SKIPPED;
      return true;
    }
    if (verdict === MORE) {
      if (d.next === end) return false;
      scratch[d.have++] = bytes[d.next++] ?? 0;
      d.position++;
      continue;
    }
    // The next byte that a footer can begin with may already be here.
    let from = 1;
    while (from < d.have && scratch[from] !== SECTION.FOOTER) from++;
    d.searched += from;
    scratch.copyWithin(0, from, d.have);
    d.have -= from;
  }
}

/** Whether the scratch bytes are a footer and the beginning of what can follow it. */
function looksLikeFooter(d: Decoder): number {
  const { scratch, view, have } = d;
  const id = d.section?.id ?? 0;
  for (let i = 1; i < Math.min(have, FOOTER_SIZE); i++) {
    if (scratch[i] !== ((id >>> (8 * (4 - i))) & 0xff)) return NO;
  }
  if (have <= FOOTER_SIZE) return MORE;
  switch (scratch[5]) {
    case SECTION.EOF:
      // Device state is full of zeroes and small numbers: a footer before a 0 can be chance.
      if (have < 7) return d.inputEnded ? YES : MORE;
      return scratch[6] === SECTION.VMDESC ? YES : NO;
    case SECTION.START:
    case SECTION.FULL:
      if (have < 12) return MORE;
      return scratch[10] !== 0 && isPrintable(scratch[11] ?? 0) ? YES : NO;
    case SECTION.PART:
    case SECTION.END:
      if (have < 10) return MORE;
      return d.table.has(view.getUint32(6)) ? YES : NO;
    case SECTION.COMMAND:
      if (have < 8) return MORE;
      return view.getUint16(6) > 0 && view.getUint16(6) < COMMAND_LENGTH.length ? YES : NO;
  }
  return NO;
}

function isPrintable(code: number): boolean {
  return code >= 0x20 && code <= 0x7e;
}
