// What a buffer's head costs beside moving its 1 MiB: deno bench core/wire/multifd/head_bench.ts
// Encoding (of a head in place) and decoding together must stay below 1 % of the copy, which here is one
// within the cache: the fastest there is.
import { createMultifdDecoder } from "./decoder.ts";
import { dataConsumed, decodeMultifd } from "./decode.ts";
import {
  createDeviceStateHead,
  encodeChannelInit,
  encodeDeviceStateHead,
  patchDeviceStateHead,
} from "./encode.ts";

const SIZE = 1024 * 1024;
const from = new Uint8Array(SIZE).fill(1);
const to = new Uint8Array(SIZE);
const heads = Array.from({ length: 4 }, (_, i) => createDeviceStateHead(`0000:00:0${i}.0/vfio`, 0));
const [, , , last] = heads;
const input = new Uint8Array(288);
const view = new DataView(input.buffer);
const decoder = createMultifdDecoder({
  devices: heads.map((head) => ({ head, transferEnabled: true })),
  channelCount: 1,
  maxDataBytes: SIZE,
});
const init = new Uint8Array(64);
encodeChannelInit(new DataView(init.buffer), 0, null, 0);
decodeMultifd(decoder, init, 0, 64);
let idx = 0;
if (last !== undefined) encodeDeviceStateHead(view, 0, last, idx, false, SIZE);

Deno.bench("copy 1 MiB", { group: "buffer", baseline: true }, () => {
  to.set(from);
});

Deno.bench("patch and decode the head of 1 MiB, 4 devices", { group: "buffer" }, () => {
  patchDeviceStateHead(view, 0, idx, false, SIZE);
  idx = (idx + 1) & 0xffff;
  decodeMultifd(decoder, input, 0, 288);
  dataConsumed(decoder, SIZE);
});

Deno.bench("encode and decode the head of 1 MiB, 4 devices", { group: "buffer" }, () => {
  if (last === undefined) return;
  encodeDeviceStateHead(view, 0, last, idx, false, SIZE);
  idx = (idx + 1) & 0xffff;
  decodeMultifd(decoder, input, 0, 288);
  dataConsumed(decoder, SIZE);
});
