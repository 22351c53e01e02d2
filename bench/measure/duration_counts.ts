/**
 * Counts of durations, as a Worker records them: a plain array in HdrHistogram's own layout for three significant
 * digits, so that the main thread makes the very histogram of it that recording there would have made.
 *
 * ```text
 *   bucket 0    0 .. 2047 ns            2048 slots of 1 ns
 *   bucket b    2^b * (1024 .. 2047)    1024 slots of 2^b ns        slot = b * 1024 + floor(ns / 2^b)
 * ```
 *
 * hdr-histogram-js itself stays out of the Workers. A trial of a new kind begins two, and has a few hundred values each.
 * What `count_cost.ts` measured, its kinds in turn, in parts of what an empty Worker takes to start and of a value here:
 *
 * ```text
 *                        to start beyond an empty Worker    a value
 *   counts                          0.0                       1
 *   hdr-histogram-js                2.2                       2.0
 *   its WASM                        4.6                       1.2
 * ```
 *
 * So WASM saves nothing on a value, however many there are, and costs each Worker several times its start. (The library's
 * 32-bit buckets wrap silently, too; see `histogram.ts`.)
 *
 * @module
 */

/** One hour: a duration beyond it is counted as one. */
export const LONGEST_NS = 3_600_000_000_000;

/** Half of the 2048 slots that three digits need. */
const HALF = 1024;
const HALF_MAGNITUDE = 10;
const TWO_32 = 2 ** 32;

/** How often each slot's duration came: the index says which, see above. */
export type DurationCounts = Uint32Array<ArrayBuffer>;

/** A slot and how often its duration came. */
export type CountedSlot = [slot: number, count: number];

/** The slots of what was counted, in order: a few hundred, and what goes to another thread or process. */
export function countedSlots(counts: DurationCounts): CountedSlot[] {
  const slots: CountedSlot[] = [];
  for (let slot = 0; slot < counts.length; slot++) {
    const count = counts[slot] ?? 0;
    if (count > 0) slots.push([slot, count]);
  }
  return slots;
}

/** Nothing is counted yet; recording allocates nothing. 132 KiB. */
export function createCounts(): DurationCounts {
  return new Uint32Array(SLOT_COUNT);
}

/**
 * Counts a duration. One below 0, where a clock seems to run backwards, is a duration of 0; one beyond an hour is
 * an hour.
 *
 * @throws {RangeError} for NaN and the infinities
 */
export function countNs(counts: DurationCounts, duration_ns: number): void {
  // So written that NaN is refused too: every comparison with it is false.
  if (!(duration_ns > -Infinity && duration_ns < Infinity)) {
    throw new RangeError(`Cannot count a duration in nanoseconds: received ${duration_ns}`);
  }
  const ns = duration_ns > LONGEST_NS ? LONGEST_NS : duration_ns > 0 ? Math.round(duration_ns) : 0;
  const slot = slotOf(ns);
  const count = counts[slot];
  // Four billion of the same: one more would be none.
  if (count !== undefined && count < TWO_32 - 1) counts[slot] = count + 1;
}

/** The slot of a whole number of nanoseconds, from 0 to the longest. */
function slotOf(ns: number): number {
  if (ns < 2 * HALF) return ns;
  if (ns < TWO_32) {
    const bucket = 31 - HALF_MAGNITUDE - Math.clz32(ns);
    return bucket * HALF + (ns >>> bucket);
  }
  const bucket = 63 - HALF_MAGNITUDE - Math.clz32(ns / TWO_32);
  return bucket * HALF + Math.floor(ns / 2 ** bucket);
}

/** The smallest duration of a slot. */
export function slotNs(slot: number): number {
  if (slot < 2 * HALF) return slot;
  const bucket = Math.floor(slot / HALF) - 1;
  return (slot - bucket * HALF) * 2 ** bucket;
}

/** How many slots there are. */
export const SLOT_COUNT = slotOf(LONGEST_NS) + 1;
