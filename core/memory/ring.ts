/**
 * A ring of fixed slots on a SharedArrayBuffer: exactly one thread produces, exactly one consumes,
 * and a slot's bytes are never copied to hand them over.
 *
 * The producer claims a slot, lets something write into it (a system call can, through the slot's
 * address) and commits it. The consumer peeks at the oldest committed slot, uses it and releases
 * it. `ring_produce.ts` has the one half, `ring_consume.ts` the other, `ring_slot.ts` what is in a
 * slot, `ring_end.ts` how it stops.
 *
 * @module
 */

import type { PageStart } from "./page_start.ts";
import {
  CLOSED_WORD,
  HEAD_WORD,
  HEADER_BYTES,
  HEADER_WORDS,
  MAGIC_WORD,
  META_WORDS,
  RING_MAGIC,
  RING_VERSION,
  ringGeometry,
  SLOT_ALIGNMENT,
  SLOT_COUNT_WORD,
  SLOT_SIZE_WORD,
  SLOTS_OFFSET_WORD,
  TAIL_WORD,
  VERSION_WORD,
} from "./ring_layout.ts";

/** What a new ring looks like. */
export interface RingOptions {
  /** Number of slots: a power of two, 2 to 65536. */
  readonly slotCount: number;
  /** Bytes that fit in a slot: a multiple of 64, at most 64 MiB. */
  readonly slotSize: number;
  /** Where given, slots begin on pages. */
  readonly pageStart?: PageStart;
}

/**
 * One thread's end of a ring, made by {@linkcode attachRing}. It must not be shared or sent: send
 * `buffer` and attach again.
 *
 * The mutable fields belong to the ring's own functions. Each side keeps its own index here beside
 * a copy of its peer's, and looks at the shared one only when the copy says full or empty: the
 * cache line of the peer's index is then fetched once for many slots.
 */
export interface Ring {
  readonly buffer: SharedArrayBuffer;
  /** The header; see `ring_layout.ts`. */
  readonly words: Int32Array<SharedArrayBuffer>;
  /** Every slot's metadata. A view apart, so that a negative slot can never reach the header. */
  readonly meta: Int32Array<SharedArrayBuffer>;
  /** A view of each slot's `slotSize` bytes. */
  readonly slots: readonly Uint8Array<SharedArrayBuffer>[];
  readonly slotCount: number;
  /** In bytes. */
  readonly slotSize: number;
  /** In bytes. */
  readonly slotStride: number;
  /** In bytes. */
  readonly slotsOffset: number;
  /** `slotCount - 1`. The slot after slot `i` is `(i + 1) & mask`. */
  readonly mask: number;

  /** How many times this side had to park for its peer: the side that waits is not the bottleneck. */
  waits: number;

  /** Producer: the next index to commit, as an i32, and the one that the consumer knows. */
  tail: number;
  published: number;
  /** Producer: the consumer's index when last looked at. */
  cachedHead: number;
  /** Producer: whether slot `tail & mask` is claimed. */
  claimed: boolean;
  /** Producer: whether it closed the ring. */
  closed: boolean;

  /** Consumer: the oldest index not released, as an i32, and the one that the producer knows. */
  head: number;
  given: number;
  /** Consumer: the producer's index when last looked at. */
  cachedTail: number;
}

/**
 * Makes the buffer of an empty ring. Both threads then attach to it.
 *
 * Between two cores 4 to 8 MiB in all served best; a ring much larger than the cache is slower.
 *
 * @throws {RangeError} If the shape is outside the limits, or needs more than 1 GiB.
 *
 * @example A slot from one side to the other
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { claim, commit } from "./ring_produce.ts";
 * import { peek, release } from "./ring_consume.ts";
 * import { slotBytes, slotLength, slotTag } from "./ring_slot.ts";
 *
 * const buffer = createRing({ slotCount: 8, slotSize: 64 * 1024 });
 *
 * const producer = attachRing(buffer);
 * const claimed = claim(producer);
 * slotBytes(producer, claimed).set([1, 2, 3]);
 * commit(producer, 3, 7, 0, 0);
 *
 * const consumer = attachRing(buffer); // in real use: in another Worker
 * const peeked = peek(consumer);
 * assertEquals(slotLength(consumer, peeked), 3);
 * assertEquals(slotTag(consumer, peeked), 7);
 * assertEquals(slotBytes(consumer, peeked)[2], 3);
 * release(consumer);
 * ```
 */
export function createRing(
  { slotCount, slotSize, pageStart = () => 0 }: RingOptions,
): SharedArrayBuffer {
  const { slotsOffset, byteLength } = ringGeometry("create", slotCount, slotSize);
  const buffer = new SharedArrayBuffer(byteLength);
  const words = new Int32Array(buffer, 0, HEADER_WORDS);
  words[VERSION_WORD] = RING_VERSION;
  words[SLOT_COUNT_WORD] = slotCount;
  words[SLOT_SIZE_WORD] = slotSize;
  words[SLOTS_OFFSET_WORD] = slotsOffset + pageStart(buffer);
  Atomics.store(words, MAGIC_WORD, RING_MAGIC);
  return buffer;
}

/**
 * Makes a ring empty and open again, as `createRing` leaves it but for what is in its slots. Nobody may be attached to
 * it any more.
 *
 * @throws {TypeError} If `buffer` holds no ring of this layout.
 * @throws {RangeError} If its header does not fit the limits, the buffer or itself.
 */
export function emptyRing(buffer: SharedArrayBuffer): void {
  const { words } = attachRing(buffer);
  words.fill(0, TAIL_WORD);
}

/**
 * Attaches this thread to a ring as its producer, as its consumer, or as an onlooker that only
 * asks {@linkcode pending} or fails the ring. Nothing keeps two threads from taking the same part;
 * the ring is then corrupt.
 *
 * All views are made here; what follows allocates nothing.
 *
 * @throws {TypeError} If `buffer` is no SharedArrayBuffer, or holds no ring of this layout.
 * @throws {RangeError} If the header does not fit the limits, the buffer or itself.
 */
export function attachRing(buffer: SharedArrayBuffer): Ring {
  if (!(buffer instanceof SharedArrayBuffer)) {
    throw new TypeError(
      `Cannot attach to a ring in a buffer that is not shared: received ${
        Object.prototype.toString.call(buffer)
      }`,
    );
  }
  if (buffer.byteLength < HEADER_BYTES) {
    throw new RangeError(
      `Cannot attach to a ring in fewer than ${HEADER_BYTES} bytes: received ${buffer.byteLength}`,
    );
  }
  const words = new Int32Array(buffer, 0, HEADER_WORDS);
  const magic = Atomics.load(words, MAGIC_WORD);
  if (magic !== RING_MAGIC) {
    throw new TypeError(
      `Cannot attach to a ring without the magic 0x${RING_MAGIC.toString(16)}: received 0x${
        (magic >>> 0).toString(16)
      }`,
    );
  }
  const version = Atomics.load(words, VERSION_WORD);
  if (version !== RING_VERSION) {
    throw new TypeError(
      `Cannot attach to a ring of a layout version other than ${RING_VERSION}: received ${version}`,
    );
  }
  const slotCount = Atomics.load(words, SLOT_COUNT_WORD);
  const slotSize = Atomics.load(words, SLOT_SIZE_WORD);
  const { slotsOffset: earliest, slotStride, byteLength } = ringGeometry(
    "attach to",
    slotCount,
    slotSize,
  );
  if (buffer.byteLength !== byteLength) {
    throw new RangeError(
      `Cannot attach to a ring of ${slotCount} slots of ${slotSize} in other than ${byteLength} bytes: received ${buffer.byteLength}`,
    );
  }
  const slotsOffset = Atomics.load(words, SLOTS_OFFSET_WORD);
  if (slotsOffset < earliest || slotsOffset >= earliest + SLOT_ALIGNMENT) {
    throw new RangeError(
      `Cannot attach to a ring of ${slotCount} slots of ${slotSize} that start at other than ${earliest} to ${
        earliest + SLOT_ALIGNMENT - 1
      }: received ${slotsOffset}`,
    );
  }
  const committed = committedCount(words);
  if (committed > slotCount) {
    throw new RangeError(
      `Cannot attach to a ring of ${slotCount} slots with more than those committed: received ${committed}`,
    );
  }
  const slots = Array.from(
    { length: slotCount },
    (_, slot) => new Uint8Array(buffer, slotsOffset + slot * slotStride, slotSize),
  );
  const tail = Atomics.load(words, TAIL_WORD);
  const head = Atomics.load(words, HEAD_WORD);
  return {
    buffer,
    words,
    meta: new Int32Array(buffer, HEADER_BYTES, slotCount * META_WORDS),
    slots,
    slotCount,
    slotSize,
    slotStride,
    slotsOffset,
    mask: slotCount - 1,
    waits: 0,
    tail,
    published: tail,
    cachedHead: head,
    claimed: false,
    closed: Atomics.load(words, CLOSED_WORD) !== 0,
    head,
    given: head,
    cachedTail: tail,
  };
}

/**
 * How many slots are committed and not released, as any thread sees it at this moment: without those that a side holds.
 */
export function pending(ring: Ring): number {
  return committedCount(ring.words);
}

/**
 * `tail - head` of one moment. While both sides run, two plain loads could pair an old tail with a
 * new head; a tail that is the same before and after the head was read was true then.
 */
function committedCount(words: Int32Array<SharedArrayBuffer>): number {
  let tail = Atomics.load(words, TAIL_WORD);
  while (true) {
    const head = Atomics.load(words, HEAD_WORD);
    const tailAgain = Atomics.load(words, TAIL_WORD);
    if (tailAgain === tail) return (tail - head) >>> 0;
    tail = tailAgain;
  }
}
