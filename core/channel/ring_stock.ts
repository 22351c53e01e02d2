/**
 * Rings that were used and are used again. A ring is some 8 MiB that the garbage collector hardly sees: a run of many
 * trials that made one for each grew by gigabytes before they were collected.
 *
 * @module
 */
import { attachRing, ringFailure } from "../memory/mod.ts";
import { createRingEnds, emptyRingEnds, type RingEnds } from "./ring_channel.ts";

/** The most rings that are kept, whatever their shapes. */
const MAX_KEPT = 8;

interface KeptRing {
  readonly slotCount: number;
  readonly slotSize: number;
  readonly ends: RingEnds;
}

const kept: KeptRing[] = [];

/** A ring of this shape, a used one where one is kept: empty, its pages present. */
export function takeRing(slotCount: number, slotSize: number): RingEnds {
  const at = kept.findIndex((ring) => ring.slotCount === slotCount && ring.slotSize === slotSize);
  const [found] = at < 0 ? [] : kept.splice(at, 1);
  return found?.ends ?? createRingEnds(slotCount, slotSize);
}

/**
 * Keeps a ring for the next. Nobody may be using it any more; of one that was broken off nobody knows, and it is left to
 * the garbage collector.
 */
export function keepRing(ends: RingEnds): void {
  const data = attachRing(ends.data);
  if (ringFailure(data) !== 0) return;
  emptyRingEnds(ends);
  const { slotCount, slotSize } = data;
  kept.push({ slotCount, slotSize, ends });
  if (kept.length > MAX_KEPT) kept.shift();
}
