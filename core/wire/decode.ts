/**
 * Reading the main channel, in whatever pieces it comes.
 *
 * @module
 */

import { searchConfigEnd } from "./decode_config.ts";
import { searchFooter } from "./decode_other.ts";
import { collect, type Decoder, fail } from "./decoder.ts";
import { EVENT } from "./event.ts";
import { GO_ON, STATE } from "./state.ts";
import { step } from "./step.ts";

/**
 * Reads on, up to the next event.
 *
 * Payload is never copied: a PAYLOAD is a range of the chunk, and a record that lies in several chunks
 * comes as several of them. `decoder.next` then says where in the chunk to go on. Nothing is allocated
 * but names, for each section once.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createDecoder, decode, endOfInput, EVENT } from "./mod.ts";
 *
 * const bytes = Uint8Array.fromHex("5145564d00000003" + "08000b0000" + "00");
 * const decoder = createDecoder();
 * const events: number[] = [];
 * let event = decode(decoder, bytes, 0, bytes.length);
 * while (event !== EVENT.NEED_INPUT) {
 *   events.push(event);
 *   event = decode(decoder, bytes, decoder.next, bytes.length);
 * }
 * endOfInput(decoder);
 * assertEquals(events, [EVENT.HEADER, EVENT.COMMAND, EVENT.EOF]);
 * ```
 *
 * @param d The decoder; what the event is about is in its fields, see {@linkcode EVENT}
 * @param bytes The chunk
 * @param start Where in the chunk to begin: where the last call left off, or at the first byte of a new one
 * @param end Where the chunk ends
 * @returns The event; {@linkcode EVENT}`.NEED_INPUT` once the chunk is used up
 * @throws {WireError} If this is no migration stream; every later call throws the same
 */
export function decode(d: Decoder, bytes: Uint8Array, start: number, end: number): number {
  if (d.failure !== null) throw d.failure;
  d.next = start;
  for (;;) {
    if (d.left > 0) {
      const n = Math.min(d.left, end - d.next);
      if (n === 0) return EVENT.NEED_INPUT;
      const from = d.next;
      const at = d.position;
      d.next += n;
      d.position += n;
      d.left -= n;
      if (!d.handOn) continue;
      d.bytes = bytes;
      d.offset = from;
      d.length = n;
      d.at = at;
      return EVENT.PAYLOAD;
    }
    if (d.state === STATE.FOOTER_SEARCH) {
      if (!searchFooter(d, bytes, end)) return EVENT.NEED_INPUT;
    } else if (d.state === STATE.CONFIG_SEARCH) {
      if (!searchConfigEnd(d, bytes, end)) return EVENT.NEED_INPUT;
      return EVENT.CONFIG;
    }
    if (!collect(d, bytes, end)) return EVENT.NEED_INPUT;
    d.stepAt = d.position - d.have;
    const event = step(d);
    if (event !== GO_ON) return event;
  }
}

/**
 * Says that nothing more will come.
 *
 * @param d The decoder
 * @returns `false` if events were waiting for this: they are to be taken with `decode` and an empty chunk,
 * then this is to be called again. That is so for a stream of QEMU without a vmdesc, and for no other.
 * @throws {WireError} If the stream breaks off here: it must end behind EOF, or behind the vmdesc
 */
export function endOfInput(d: Decoder): boolean {
  if (d.failure !== null) throw d.failure;
  const complete = d.state === STATE.AFTER_EOF || d.state === STATE.DONE;
  if (complete && d.left === 0 && d.have === 0) return true;
  if (d.state === STATE.FOOTER_SEARCH && d.left === 0 && !d.inputEnded) {
    d.inputEnded = true;
    return false;
  }
  const more = d.left > 0 ? `${d.left} more bytes of a record` : "more of the stream up to its EOF";
  return fail(d, more, "its end", d.position);
}
