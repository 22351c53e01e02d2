// Feeds damaged packets to the decoder: deno run core/wire/multifd/fuzz.ts [N] [SEED]
import { createMultifdDecoder, MULTIFD_EVENT, type MultifdDecoder } from "./decoder.ts";
import { decodeMultifd, endMultifd, headWanted } from "./decode.ts";
import {
  createDeviceStateHead,
  encodeChannelInit,
  encodeDeviceStateHead,
  encodeHeader,
} from "./encode.ts";
import { WireError } from "../wire_error.ts";

/** How the inputs of a run ended, and how many events they had. */
export interface FuzzCount {
  accepted: number;
  cutOff: number;
  refused: number;
  events: number;
}

const MAX_DATA_BYTES = 2048;
const PAGE_SIZE = 65536;
const HEADS = [createDeviceStateHead("0000:00:05.0/vfio", 0), createDeviceStateHead("a/vfio", 1)];
const DEVICES = HEADS.map((head) => ({ head, transferEnabled: true }));
const OPTIONS = {
  devices: DEVICES,
  channelCount: 4,
  maxDataBytes: MAX_DATA_BYTES,
  ramPageSize: PAGE_SIZE,
};
/** Values that are near a limit of something. */
const EDGES = [0, 1, 2, 11, 12, 13, 0x40, 0x41, 2059, 2060, 2061, 65536, 0x7fffffff, 0xffffffff];

/**
 * Decodes `count` channels with a few packets each, most of them damaged, in pieces.
 *
 * @param count How many inputs
 * @param seed The same seed gives the same inputs
 * @returns How they ended
 * @throws {Error} If the decoder threw anything but a WireError, or told what cannot be
 */
export function fuzzMultifd(count: number, seed: number): FuzzCount {
  const random = createRandom(seed);
  const bytes = new Uint8Array(128 * 1024);
  const view = new DataView(bytes.buffer);
  const result: FuzzCount = { accepted: 0, cutOff: 0, refused: 0, events: 0 };
  for (let i = 0; i < count; i++) {
    const length = makeInput(view, random);
    const decoder = createMultifdDecoder(OPTIONS);
    let ended = false;
    try {
      result.events += decodePieces(decoder, bytes, length, random);
      ended = true;
      endMultifd(decoder);
      result.accepted++;
    } catch (error) {
      if (!(error instanceof WireError)) {
        throw new Error(`Input ${i} of seed ${seed} made the decoder fail`, { cause: error });
      }
      if (ended) result.cutOff++;
      else result.refused++;
    }
  }
  return result;
}

/** A channel of 1 to 3 packets with up to 4 damaged words or bytes; its length. */
function makeInput(view: DataView, random: (limit: number) => number): number {
  let at = encodeChannelInit(view, 0, null, random(5));
  for (let packets = 1 + random(3); packets > 0; packets--) {
    const begin = at;
    if (random(4) === 0) {
      for (let i = 0; i < 320 + 8 * 8; i += 4) view.setUint32(at + i, 0);
      encodeHeader(view, at, random(2));
      const normal = random(8) === 0 ? 1 : 0;
      view.setUint32(at + 16, normal);
      view.setUint32(at + 20, normal * PAGE_SIZE);
      view.setUint32(at + 32, random(9));
      at += 320 + 8 * 8;
      // The pages hold what the buffer held; a second packet with some would not fit.
      if (normal === 1 && begin < 4096) at += PAGE_SIZE;
    } else {
      const head = HEADS[random(2)];
      const length = random(64);
      if (head === undefined) continue;
      at += encodeDeviceStateHead(view, at, head, random(100), random(4) === 0, length) + length;
    }
    for (let damage = random(5) - 2; damage > 0; damage--) {
      const words = [0, 4, 8, 12, 16, 20, 32, 268, 272, 276, 280, 284];
      const word = words[random(words.length)] ?? 0;
      if (random(3) === 0) view.setUint8(begin + random(288), random(256));
      else view.setUint32(begin + word, EDGES[random(EDGES.length)] ?? 0);
    }
  }
  return random(4) === 0 ? random(at + 1) : at;
}

function decodePieces(
  decoder: MultifdDecoder,
  bytes: Uint8Array,
  length: number,
  random: (limit: number) => number,
): number {
  let events = 0;
  for (let at = 0; at < length;) {
    const wanted = headWanted(decoder);
    if (wanted < 0 || (wanted === 0) !== (decoder.dataLeft > 0)) throw new Error("wanted");
    const end = Math.min(length, at + 1 + random(random(2) === 0 ? 300 : 70_000));
    for (;;) {
      const event = decodeMultifd(decoder, bytes, at, end);
      if (decoder.next < at || decoder.next > end) throw new Error("next");
      at = decoder.next;
      if (decoder.position !== at) throw new Error("position");
      if (event === MULTIFD_EVENT.MORE) break;
      events++;
      const { dataAt, dataSize, dataLeft, dataLength } = decoder;
      if (dataLength > MAX_DATA_BYTES || dataLeft > dataLength) throw new Error("length");
      if (event === MULTIFD_EVENT.DATA && (dataSize < 1 || dataAt + dataSize !== at)) {
        throw new Error("data");
      }
      if (decoder.skipLeft > 64 + 8 * PAGE_SIZE) throw new Error("skip");
    }
    if (at !== end) throw new Error("end");
  }
  return events;
}

/** mulberry32: a whole number below the limit. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 2 ** 32 * limit);
  };
}

if (import.meta.main) {
  Error.stackTraceLimit = 0;
  const count = Number(Deno.args[0] ?? 10_000_000);
  const seed = Number(Deno.args[1] ?? 1);
  const began = performance.now();
  const result = fuzzMultifd(count, seed);
  const seconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify({ count, seed, ...result, seconds, per_s: count / seconds }));
}
