/**
 * Where everything in a ring's SharedArrayBuffer is. Every offset the ring uses is named here and
 * nowhere else.
 *
 * ```text
 *  byte
 *     0  | magic | version | slotCount | slotSize | slotsOffset |     written once, by createRing
 *   128  | tail |                                            the producer's, written by commit
 *   256  | head |                                            the consumer's, written by release
 *   384  | producerWaiting | consumerWaiting | closed | failed |   written rarely, read by both
 *   512  | length | tag | a | b |                            what the producer says of slot 0
 *   528  | length | tag | a | b |                            ... of slot 1
 *        :                      :                            ... 16 bytes for each slot
 *        | unused, up to the next page |
 *   S    | slot 0: slotSize bytes, then unused up to the next multiple of 4096 |
 *   S+T  | slot 1                                                              |
 *        :                                                                     :
 *        | unused, as much as there is before slot 0 for the sake of the page |
 *
 *   S = slotsOffset, T = slotStride
 *
 *   slots   | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |      slotCount = 8, mask = 7
 *                     ^head       ^tail            slots 2, 3, 4 are committed
 * ```
 *
 * `head` and `tail` run freely through all 2^32 values and are never reduced: `tail - head`
 * (modulo 2^32) is the number of committed slots, so that full and empty need no spare slot, and
 * `index & mask` is the slot.
 *
 * @module
 */

/** First word of every ring: the bytes `vmbR` on a little-endian machine. */
export const RING_MAGIC = 0x52626d76;

/** Changes whenever an offset or a meaning in this file changes. */
export const RING_VERSION = 2;

/** Fewest slots: with one, the two sides could only take turns. */
export const MIN_SLOT_COUNT = 2;

/** Most slots. */
export const MAX_SLOT_COUNT = 65_536;

/** A slot's size is a multiple of this, a cache line, and at least this. */
export const SLOT_SIZE_UNIT = 64;

/** Largest slot, in bytes: 64 MiB. */
export const MAX_SLOT_SIZE = 64 * 1024 * 1024;

/** Largest ring, in bytes: 1 GiB. Offsets and lengths stay well inside an `i32`. */
export const MAX_RING_BYTES = 1024 * 1024 * 1024;

/**
 * Slots start so far apart, or at a multiple of it: all of them at the same offset in a page, whatever the slot size is,
 * so that copying into one costs what copying into any other does and two slot sizes can be compared.
 *
 * Where the first one starts is for whoever makes the ring to say: V8 puts a SharedArrayBuffer anywhere, most often 16
 * bytes past a page, and the kernel copies to a page's start faster.
 */
export const SLOT_ALIGNMENT = 4096;

// Words of the header, as indexes into an Int32Array. The producer's and the consumer's index are
// 128 bytes apart, not 64, because the hardware fetches cache lines in pairs. The flags have a
// line of their own: each side looks at the other's flag after every slot, and on the line of an
// index that look would cost a cache miss every time.

/** {@linkcode RING_MAGIC}. */
export const MAGIC_WORD = 0;
/** {@linkcode RING_VERSION}. */
export const VERSION_WORD = 1;
/** The number of slots. */
export const SLOT_COUNT_WORD = 2;
/** The size of a slot, in bytes. */
export const SLOT_SIZE_WORD = 3;
/** Where slot 0 starts, in bytes. */
export const SLOTS_OFFSET_WORD = 4;
/** Slots committed so far, modulo 2^32. Only the producer writes it. */
export const TAIL_WORD = 32;
/** Slots released so far, modulo 2^32. Only the consumer writes it. */
export const HEAD_WORD = 64;
/** 1 while the producer is parked or about to park. */
export const PRODUCER_WAITING_WORD = 96;
/** 1 while the consumer is parked or about to park. */
export const CONSUMER_WAITING_WORD = 97;
/** 1 once the producer has nothing more to commit. */
export const CLOSED_WORD = 98;
/**
 * 0, or the positive code of the first failure. It is looked at for every slot, without `Atomics`, which V8 makes a call:
 * who sees it a slot late has lost nothing, and who is about to park looks once more, with `Atomics` (`ring_wait.ts`).
 */
export const FAILED_WORD = 99;

/** Bytes before the first slot's metadata. */
export const HEADER_BYTES = 512;
/** Words in the header. */
export const HEADER_WORDS = HEADER_BYTES / Int32Array.BYTES_PER_ELEMENT;

// Words of one slot's metadata.

/** How many bytes of the slot count. */
export const META_LENGTH = 0;
/** The caller's word for what the slot is. */
export const META_TAG = 1;
/** The caller's first word. */
export const META_A = 2;
/** The caller's second word. */
export const META_B = 3;
/** Words of metadata for each slot. */
export const META_WORDS = 4;

/** The offsets that follow from a ring's shape, in bytes. */
export interface RingGeometry {
  /** Where slot 0 starts at the earliest: less than a {@linkcode SLOT_ALIGNMENT} later it does start. */
  readonly slotsOffset: number;
  /** From the start of one slot to the start of the next. */
  readonly slotStride: number;
  /** The whole buffer. */
  readonly byteLength: number;
}

/**
 * The offsets of a ring with `slotCount` slots of `slotSize` bytes.
 *
 * @param act What is being done, for the message: `"create"` or `"attach to"`.
 * @throws {RangeError} If the shape is outside the limits above.
 */
export function ringGeometry(
  act: "create" | "attach to",
  slotCount: number,
  slotSize: number,
): RingGeometry {
  const isPowerOfTwo = (slotCount & (slotCount - 1)) === 0;
  if (
    !Number.isInteger(slotCount) || slotCount < MIN_SLOT_COUNT || slotCount > MAX_SLOT_COUNT ||
    !isPowerOfTwo
  ) {
    throw new RangeError(
      `Cannot ${act} a ring with a slotCount that is not a power of two from ${MIN_SLOT_COUNT} to ${MAX_SLOT_COUNT}: received ${slotCount}`,
    );
  }
  if (
    !Number.isInteger(slotSize) || slotSize < SLOT_SIZE_UNIT || slotSize > MAX_SLOT_SIZE ||
    slotSize % SLOT_SIZE_UNIT !== 0
  ) {
    throw new RangeError(
      `Cannot ${act} a ring with a slotSize that is not a multiple of ${SLOT_SIZE_UNIT} up to ${MAX_SLOT_SIZE}: received ${slotSize}`,
    );
  }
  const metaBytes = slotCount * META_WORDS * Int32Array.BYTES_PER_ELEMENT;
  const slotsOffset = alignUp(HEADER_BYTES + metaBytes);
  const slotStride = alignUp(slotSize);
  const byteLength = slotsOffset + slotCount * slotStride + SLOT_ALIGNMENT;
  if (byteLength > MAX_RING_BYTES) {
    throw new RangeError(
      `Cannot ${act} a ring with more than ${MAX_RING_BYTES} bytes: received ${slotCount} slots of ${slotSize}, which take ${byteLength}`,
    );
  }
  return { slotsOffset, slotStride, byteLength };
}

function alignUp(bytes: number): number {
  return Math.ceil(bytes / SLOT_ALIGNMENT) * SLOT_ALIGNMENT;
}
