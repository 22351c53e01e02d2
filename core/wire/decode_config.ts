/**
 * The config of a device in a stream of QEMU: VMState without a length on the wire. It is collected, up
 * to a limit, until what can only be its end:
 *
 * ```text
 *   v2 (FULL)   config | END_OF_STATE | 7e id           the section's footer
 *   v1 (END)    config | END_OF_STATE | DATA or END_OF_STATE
 * ```
 *
 * @module
 */

import { type Decoder, expect, fail } from "./decoder.ts";
import { STATE } from "./state.ts";
import { EVENT } from "./event.ts";
import { FOOTER_SIZE, SECTION } from "./main_channel.ts";
import { TAG_HIGH, TAG_SIZE, VFIO_TAG } from "./vfio_record.ts";

const FIRST_SIZE = 8 * 1024;

/** Looks for the end of the config; `false` if the chunk ends before. */
export function searchConfigEnd(d: Decoder, bytes: Uint8Array, end: number): boolean {
  const id = d.section?.id ?? 0;
  const lastOfFooter = id & 0xff;
  while (d.next < end) {
    // What is read ahead of the end comes on top of the config.
    if (d.searched >= d.maxConfig + 2 * TAG_SIZE) failTooLong(d);
    if (d.searched === d.config.length) grow(d);
    const byte = bytes[d.next++] ?? 0;
    d.position++;
    d.config[d.searched++] = byte;
    if (byte === lastOfFooter && endsInFooter(d, id)) return found(d, FOOTER_SIZE);
    if (byte === 0x04 && endsInTags(d, VFIO_TAG.DATA)) return found(d, TAG_SIZE);
    if (byte === 0x01 && endsInTags(d, VFIO_TAG.END_OF_STATE)) return found(d, TAG_SIZE);
  }
  return false;
}

/** Hands the collected config on. */
export function stepConfigFound(d: Decoder): number {
  expect(d, STATE.CONFIG_CLOSED, 0);
  d.at += TAG_SIZE;
  d.bytes = d.config;
  d.offset = 0;
  d.length = d.searched;
  return EVENT.PAYLOAD;
}

/** The END_OF_STATE that closes the config. What follows it is already in the scratch bytes. */
export function stepConfigClosed(d: Decoder): number {
  d.at = d.stepAt - TAG_SIZE;
  if (d.have === FOOTER_SIZE) expect(d, STATE.FOOTER, FOOTER_SIZE);
  else expect(d, STATE.TAG, TAG_SIZE);
  return EVENT.END_OF_STATE;
}

/** Moves what was read ahead to the scratch bytes. */
function found(d: Decoder, ahead: number): boolean {
  const from = d.searched - ahead;
  for (let i = 0; i < ahead; i++) d.scratch[i] = d.config[from + i] ?? 0;
  d.have = ahead;
  d.searched = from - TAG_SIZE;
  if (d.searched > d.maxConfig) failTooLong(d);
  d.length = d.searched;
  d.state = d.searched > 0 ? STATE.CONFIG_FOUND : STATE.CONFIG_CLOSED;
  return true;
}

function failTooLong(d: Decoder): never {
  return fail(
    d,
    `a config of at most ${d.maxConfig} bytes and its END_OF_STATE`,
    `${d.searched} bytes without an end`,
    d.at,
  );
}

function grow(d: Decoder): void {
  const size = Math.min(Math.max(2 * d.config.length, FIRST_SIZE), d.maxConfig + 2 * TAG_SIZE);
  const grown = new Uint8Array(size);
  grown.set(d.config);
  d.config = grown;
}

function endsInFooter(d: Decoder, id: number): boolean {
  const from = d.searched - FOOTER_SIZE - TAG_SIZE;
  return from >= 0 && isTag(d.config, from, VFIO_TAG.END_OF_STATE) &&
    d.config[from + TAG_SIZE] === SECTION.FOOTER && u32(d.config, from + TAG_SIZE + 1) === id;
}

function endsInTags(d: Decoder, tag: number): boolean {
  const from = d.searched - 2 * TAG_SIZE;
  return from >= 0 && isTag(d.config, from, VFIO_TAG.END_OF_STATE) &&
    isTag(d.config, from + TAG_SIZE, tag);
}

function isTag(bytes: Uint8Array, at: number, tag: number): boolean {
  return u32(bytes, at + 4) === tag && u32(bytes, at) === TAG_HIGH;
}

function u32(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}
