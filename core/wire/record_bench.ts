// What the framing of a 1 MiB record costs, against moving the record once. Writing and reading it must
// each stay below 1 % of the move:
//
//     deno bench -A core/wire/record_bench.ts

import {
  createDecoder,
  DATA_HEAD_SIZE,
  decode,
  encodeConfiguration,
  encodeDataHead,
  encodeEndOfState,
  encodeFileHeader,
  encodeSetupSection,
  EVENT,
  OWN_MACHINE,
  payloadLeft,
  takePayload,
} from "./mod.ts";

const MIB = 1 << 20;
const ID = 38;
const from = new Uint8Array(MIB).fill(1);
const to = new Uint8Array(MIB);

const framing = new Uint8Array(256);
const view = new DataView(framing.buffer);
const decoder = createDecoder();

// A stream up to its first pass.
let opening = encodeFileHeader(view, 0);
opening += encodeConfiguration(view, opening, OWN_MACHINE);
opening += encodeSetupSection(view, opening, ID, "0000:00:05.0/vfio", 0);
while (decode(decoder, framing, decoder.next, opening) !== EVENT.NEED_INPUT);

const head = encodeDataHead(view, 0, ID, MIB);
const tail = head + encodeEndOfState(view, head, ID);

Deno.bench("memcpy of 1 MiB", { group: "1 MiB", baseline: true }, () => {
  to.set(from);
});

Deno.bench("encode head and tail", { group: "1 MiB" }, () => {
  encodeDataHead(view, 0, ID, MIB);
  encodeEndOfState(view, DATA_HEAD_SIZE, ID);
});

Deno.bench("decode head, bytes read past the decoder, tail", { group: "1 MiB" }, () => {
  let at = 0;
  let event: number;
  do {
    event = decode(decoder, framing, at, head);
    at = decoder.next;
  } while (event !== EVENT.DATA);
  takePayload(decoder, payloadLeft(decoder));
  at = head;
  do {
    event = decode(decoder, framing, at, tail);
    at = decoder.next;
  } while (event !== EVENT.SECTION_END);
});

const whole = new Uint8Array(tail + MIB);
whole.set(framing.subarray(0, head));
whole.set(framing.subarray(head, tail), head + MIB);

Deno.bench("decode the whole record as one chunk", { group: "1 MiB" }, () => {
  let at = 0;
  let event: number;
  do {
    event = decode(decoder, whole, at, whole.length);
    at = decoder.next;
  } while (event !== EVENT.NEED_INPUT);
});
