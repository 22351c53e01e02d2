import {
  createDecoder,
  decode,
  type DecoderOptions,
  endOfInput,
  EVENT,
  EVENT_NAMES,
} from "../mod.ts";

/** An event as a test compares it: its name, where it began, and the rest that it says. */
export type Seen = readonly [name: string, at: number, ...rest: (string | number)[]];

/**
 * Decodes a stream cut at the given places into events. Payload ranges that follow each other are
 * joined, so that what comes out does not depend on the cuts.
 */
export function readEvents(
  stream: Uint8Array,
  cuts: readonly number[] = [],
  options: DecoderOptions = {},
): Seen[] {
  const decoder = createDecoder(options);
  const seen: Seen[] = [];
  let payload: { at: number; bytes: number[] } | null = null;
  const flush = () => {
    if (payload !== null) {
      seen.push(["PAYLOAD", payload.at, new Uint8Array(payload.bytes).toHex()]);
    }
    payload = null;
  };
  const see = (event: number) => {
    const { at, length, value, name, section } = decoder;
    if (event === EVENT.PAYLOAD) {
      payload ??= { at, bytes: [] };
      payload.bytes.push(...decoder.bytes.subarray(decoder.offset, decoder.offset + length));
      return;
    }
    flush();
    const text = EVENT_NAMES[event] ?? `${event}`;
    switch (event) {
      case EVENT.SECTION:
      case EVENT.SECTION_END:
        seen.push([text, at, decoder.sectionType, section?.id ?? -1, section?.idstr ?? ""]);
        break;
      case EVENT.COMMAND:
        seen.push([text, at, decoder.command, value, length]);
        break;
      case EVENT.CONFIGURATION:
      case EVENT.CONFIGURATION_SUBSECTION:
        seen.push([text, at, name]);
        break;
      case EVENT.DATA:
      case EVENT.CONFIG:
      case EVENT.RAM:
      case EVENT.SKIPPED:
      case EVENT.VMDESC:
        seen.push([text, at, length]);
        break;
      case EVENT.RAM_SETUP:
        seen.push([text, at, value]);
        break;
      case EVENT.RAM_BLOCK:
        seen.push([text, at, name, value]);
        break;
      case EVENT.RAM_PAGE:
        seen.push([text, at, name, decoder.ramFlag, value, length]);
        break;
      default:
        seen.push([text, at]);
    }
  };
  const drain = (chunk: Uint8Array, from: number, end: number) => {
    for (
      let event = decode(decoder, chunk, from, end);
      event !== EVENT.NEED_INPUT;
      event = decode(decoder, chunk, decoder.next, end)
    ) {
      see(event);
    }
    if (decoder.next !== end) throw new Error(`the decoder left ${end - decoder.next} bytes`);
  };
  const edges = [...new Set([0, ...cuts, stream.length])].sort((a, b) => a - b);
  for (const [i, from] of edges.entries()) {
    const to = edges[i + 1];
    if (to === undefined) break;
    // A chunk of its own, not at the start of its buffer, and overwritten once it is decoded.
    const chunk = new Uint8Array(to - from + 10).fill(0x7e);
    chunk.set(stream.subarray(from, to), 5);
    drain(chunk, 5, chunk.length - 5);
    chunk.fill(0xee);
  }
  while (!endOfInput(decoder)) drain(new Uint8Array(), 0, 0);
  flush();
  return seen;
}
