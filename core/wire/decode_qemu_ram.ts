/**
 * QEMU's RAM section `ram`, version 4, as far as a stream on one channel has it. It is a list of u64
 * words, each the offset of a page in its block with flags in the bits below the page size:
 *
 * ```text
 *   MEM_SIZE     offset = size of RAM, then for each block: u8 length, name, u64 size [u64 address]
 *   PAGE         [u8 length, block's name]  a page
 *   ZERO         [u8 length, block's name]  u8 what it is filled with
 *   XBZRLE       [u8 length, block's name]  u8 1, u16 length, bytes
 *   COMPRESS     [u8 length, block's name]  u32 length, bytes       (until QEMU 9.0)
 *   FLUSH        the multifd channels are flushed
 *   EOS          the end of the section
 * ```
 *
 * The block's name is left out where CONTINUE is set. The address of a block is there with
 * x-ignore-shared only. Streams with mapped-ram are refused at their configuration section: their pages
 * are not in the order of the file. Those of postcopy with huge pages, and of RDMA, are not known here.
 *
 * @module
 */

import { readU64 } from "./big_endian.ts";
import { type Decoder, expect, extend, fail, failBytes, handOn, readName } from "./decoder.ts";
import { byteHex } from "./hex.ts";
import { GO_ON, STATE } from "./state.ts";
import { EVENT } from "./event.ts";
import { FOOTER_SIZE } from "./main_channel.ts";

/** The flags of a word. */
export const RAM_FLAG = {
  ZERO: 0x02,
  MEM_SIZE: 0x04,
  PAGE: 0x08,
  EOS: 0x10,
  CONTINUE: 0x20,
  XBZRLE: 0x40,
  COMPRESS: 0x100,
  FLUSH: 0x200,
} as const;

const WORD_SIZE = 8;
/** The only encoding within XBZRLE. */
const XBZRLE_ENCODING = 1;
/** zlib can make a page that much longer. */
const COMPRESS_OVERHEAD = 1024;

/** Takes a word. */
export function stepRamWord(d: Decoder): number {
  d.at = d.stepAt;
  const flags = d.view.getUint32(4) & (d.pageSize - 1);
  const offset = readU64(d.view, 0) - flags;
  switch (flags) {
    case RAM_FLAG.EOS:
      expect(d, STATE.FOOTER, FOOTER_SIZE);
      return GO_ON;
    case RAM_FLAG.FLUSH:
      expect(d, STATE.RAM_WORD, WORD_SIZE);
      return EVENT.RAM_FLUSH;
    case RAM_FLAG.MEM_SIZE:
      d.value = offset;
      d.ramLeft = offset;
      expectBlock(d);
      return EVENT.RAM_SETUP;
  }
  d.ramFlag = flags & ~RAM_FLAG.CONTINUE;
  d.value = offset;
  const bodySize = bodySizeOf(d.ramFlag);
  if (bodySize < 0) failBytes(d, "a word of QEMU's RAM");
  if ((flags & RAM_FLAG.CONTINUE) === 0) {
    expect(d, STATE.RAM_NAME_HEAD, 1);
    return GO_ON;
  }
  if (d.ramName === "") failBytes(d, "a page with the name of its block");
  return expectBody(d, bodySize);
}

/** Takes the length of a block's name before a page. */
export function stepRamNameHead(d: Decoder): number {
  extend(d, STATE.RAM_NAME, 1 + nameLength(d));
  return GO_ON;
}

/** Takes the name of a page's block. */
export function stepRamName(d: Decoder): number {
  d.ramName = readName(d, 1, d.need - 1, "the name of a RAM block");
  return expectBody(d, bodySizeOf(d.ramFlag));
}

/** Takes what stands between a page's word and its bytes. */
export function stepRamBody(d: Decoder): number {
  let length = 0;
  if (d.ramFlag === RAM_FLAG.XBZRLE) {
    const encoding = d.scratch[0] ?? 0;
    if (encoding !== XBZRLE_ENCODING) {
      fail(d, "the encoding 01 of XBZRLE", byteHex(encoding));
    }
    length = d.view.getUint16(1);
    if (length > d.pageSize) fail(d, `XBZRLE of at most ${d.pageSize} bytes`, `${length}`);
  } else if (d.ramFlag === RAM_FLAG.COMPRESS) {
    length = d.view.getUint32(0);
    const limit = d.pageSize + COMPRESS_OVERHEAD;
    if (length > limit) fail(d, `a compressed page of at most ${limit} bytes`, `${length}`);
  } else if (d.ramFlag === RAM_FLAG.PAGE) {
    length = d.pageSize;
  }
  d.name = d.ramName;
  handOn(d, length);
  expect(d, STATE.RAM_WORD, WORD_SIZE);
  return EVENT.RAM_PAGE;
}

/** Takes the length of a block's name in MEM_SIZE. */
export function stepRamBlockHead(d: Decoder): number {
  extend(d, STATE.RAM_BLOCK, 1 + nameLength(d) + (d.ignoreShared ? 16 : 8));
  return GO_ON;
}

/** Takes a block. */
export function stepRamBlock(d: Decoder): number {
  const length = d.scratch[0] ?? 0;
  d.at = d.stepAt;
  d.name = readName(d, 1, length, "the name of a RAM block");
  d.value = readU64(d.view, 1 + length);
  if (d.value > d.ramLeft) {
    fail(d, `a RAM block of at most the ${d.ramLeft} bytes that are left`, `${d.value}`);
  }
  d.ramLeft -= d.value;
  expectBlock(d);
  return EVENT.RAM_BLOCK;
}

function expectBlock(d: Decoder): void {
  if (d.ramLeft > 0) expect(d, STATE.RAM_BLOCK_HEAD, 1);
  else expect(d, STATE.RAM_WORD, WORD_SIZE);
}

function expectBody(d: Decoder, size: number): number {
  expect(d, STATE.RAM_BODY, size);
  return GO_ON;
}

/** How many bytes stand between a page's word and its bytes, or -1 for a word that is none. */
function bodySizeOf(flag: number): number {
  switch (flag) {
    case RAM_FLAG.PAGE:
      return 0;
    case RAM_FLAG.ZERO:
      return 1;
    case RAM_FLAG.XBZRLE:
      return 3;
    case RAM_FLAG.COMPRESS:
      return 4;
  }
  return -1;
}

function nameLength(d: Decoder): number {
  const length = d.scratch[0] ?? 0;
  if (length === 0) failBytes(d, "the name of a RAM block");
  return length;
}
