/**
 * Feeds the decoders damaged streams, in whatever pieces:
 *
 *     deno run -A core/wire/fuzz.ts [INPUTS] [SEED]
 *
 * Whatever comes in, a decoder may refuse it with a `WireError` and do nothing else: throw nothing else,
 * always get on, and keep no more than it is allowed to. The same seed gives the same inputs.
 *
 * @module
 */

import {
  createReturnPathDecoder,
  decodeReturnPath,
  endOfReturnPath,
} from "./decode_return_path.ts";
import { decode, endOfInput } from "./decode.ts";
import { createDecoder, type Decoder } from "./decoder.ts";
import { EVENT } from "./event.ts";
import { ownStream, qemuStream, smallQemuStream } from "./testdata/streams.ts";
import { WireError } from "./wire_error.ts";

/** What a run of the fuzzer met. */
export interface FuzzResult {
  /** Inputs that were still a stream. */
  accepted: number;
  /** Inputs that were refused. */
  refused: number;
  /** Events, over all inputs. */
  events: number;
}

const LIMITS = { maxConfig: 64, maxSections: 8, maxRecord: 1 << 20 };
const returnPath = Uint8Array.fromHex(
  "000200040000000100070000000500080000000000000000" + "0001000400000000",
);
// Mostly small ones: they are where the grammar is.
const SEEDS = [ownStream, smallQemuStream, ownStream, smallQemuStream, returnPath, qemuStream];
const MAX_INPUT = 8192;
/** Bytes that mean something somewhere. */
const TELLING = [
  0x00,
  0x01,
  0x02,
  0x03,
  0x04,
  0x05,
  0x06,
  0x07,
  0x08,
  0x10,
  0x26,
  0x7e,
  0x7f,
  0xef,
  0xff,
];

/**
 * Plays `inputs` damaged streams.
 *
 * @param inputs How many
 * @param seed What the damage comes from
 * @returns What became of them
 * @throws {Error} What a decoder must not do; the input is in the message
 */
export function fuzz(inputs: number, seed: number): FuzzResult {
  const result: FuzzResult = { accepted: 0, refused: 0, events: 0 };
  const random = createRandom(seed);
  const input = new Uint8Array(MAX_INPUT);
  // A stack for each refusal would be most of the work.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    for (let i = 0; i < inputs; i++) {
      // The large one every now and then.
      const seedStream = SEEDS[random(i % 64 === 0 ? 6 : 5)] ?? ownStream;
      const length = damage(input, seedStream, random);
      try {
        if (seedStream === returnPath) playReturnPath(input, length, random, result);
        else playMain(input, length, random, result);
        result.accepted++;
      } catch (error) {
        if (!(error instanceof WireError)) {
          throw new Error(
            `Cannot fuzz on with input ${i} of seed ${seed}: received ${error} for ${
              input.subarray(0, length).toHex()
            }`,
            { cause: error },
          );
        }
        result.refused++;
      }
    }
  } finally {
    Error.stackTraceLimit = limit;
  }
  return result;
}

function playMain(
  input: Uint8Array,
  length: number,
  random: (below: number) => number,
  result: FuzzResult,
): void {
  const decoder = createDecoder(LIMITS);
  let from = 0;
  while (from < length) {
    const to = Math.min(length, from + 1 + random(length));
    drain(decoder, input, from, to, result);
    from = to;
  }
  for (let rounds = 0; !endOfInput(decoder); rounds++) {
    if (rounds > 1) throw new Error("the end never comes");
    drain(decoder, input, length, length, result);
  }
  if (decoder.position !== length) throw new Error(`${decoder.position} of ${length} bytes`);
}

function drain(
  decoder: Decoder,
  input: Uint8Array,
  from: number,
  to: number,
  result: FuzzResult,
): void {
  // Each event takes a byte at least, but for the three that give a config out.
  let budget = 4 * (to - from) + 64;
  let at = from;
  for (;;) {
    const event = decode(decoder, input, at, to);
    if (event === EVENT.NEED_INPUT) break;
    if (decoder.next < at || decoder.next > to) {
      throw new Error(`went from ${at} to ${decoder.next}`);
    }
    at = decoder.next;
    result.events++;
    if (budget-- === 0) throw new Error("does not get on");
    if (event === EVENT.PAYLOAD && decoder.offset + decoder.length > decoder.bytes.length) {
      throw new Error("payload lies outside of its bytes");
    }
  }
  if (decoder.next !== to) throw new Error(`left ${to - decoder.next} bytes`);
  const kept = decoder.table.size > LIMITS.maxSections ||
    decoder.config.length > LIMITS.maxConfig + 16;
  if (kept) throw new Error("keeps more than it may");
}

function playReturnPath(
  input: Uint8Array,
  length: number,
  random: (below: number) => number,
  result: FuzzResult,
): void {
  const decoder = createReturnPathDecoder();
  const cut = random(length + 1);
  while (decodeReturnPath(decoder, input, decoder.next, cut) !== 0) result.events++;
  if (decoder.next !== cut) throw new Error("left bytes");
  let at = cut;
  while (decodeReturnPath(decoder, input, at, length) !== 0) {
    result.events++;
    at = decoder.next;
  }
  endOfReturnPath(decoder);
}

/** Fills `input` with a damaged copy of the stream; says how long it is. */
function damage(input: Uint8Array, stream: Uint8Array, random: (below: number) => number): number {
  input.set(stream);
  let length = stream.length;
  for (let times = random(4); times >= 0; times--) {
    if (length === 0) break;
    const at = random(length);
    const span = Math.min(1 + random(16), length - at);
    switch (random(6)) {
      case 0:
        input[at] = (input[at] ?? 0) ^ (1 << random(8));
        break;
      case 1:
        input[at] = TELLING[random(TELLING.length)] ?? 0;
        break;
      case 2:
        input[at] = random(256);
        break;
      case 3:
        // Cut a piece out.
        input.copyWithin(at, at + span, length);
        length -= span;
        break;
      case 4:
        // A piece from elsewhere on top.
        input.copyWithin(at, random(length), Math.min(length, at + span));
        break;
      case 5:
        // A piece twice.
        if (length + span > MAX_INPUT) break;
        input.copyWithin(at + span, at, length);
        length += span;
        break;
    }
  }
  return random(16) === 0 ? random(length + 1) : length;
}

/** xorshift32: the same numbers everywhere. */
function createRandom(seed: number): (below: number) => number {
  let state = (seed | 0) === 0 ? 0x9e3779b9 : seed | 0;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

if (import.meta.main) {
  const inputs = Number(Deno.args[0] ?? 1_000_000);
  const seed = Number(Deno.args[1] ?? 1);
  if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
    console.error(`Cannot fuzz: received ${Deno.args.join(" ")}, expected INPUTS and SEED`);
    Deno.exit(2);
  }
  const started = performance.now();
  const { accepted, refused, events } = fuzz(inputs, seed);
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${inputs} inputs, ${refused} refused, ${accepted} accepted, ${events} events, ${
      Math.round(inputs / seconds)
    } inputs/s`,
  );
}
