/**
 * Rings that were used and are used again. A ring is some 8 MiB that the garbage collector hardly sees: a run of many
 * trials that made one for each grew by gigabytes before they were collected.
 *
 * @module
 */
import { attachRing, ringFailure } from "../memory/mod.ts";
import { createRingEnds, emptyRingEnds, type RingEnds } from "./ring_channel.ts";

/** The most that is kept, in bytes: what `buffer-size` goes round of, and no ring of huge slots for ever. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

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
  // Twice in here, it would be given to two.
  if (kept.some((ring) => ring.ends === ends)) return;
  emptyRingEnds(ends);
  const { slotCount, slotSize } = data;
  kept.push({ slotCount, slotSize, ends });
  while (keptBytes() > MAX_KEPT_BYTES) kept.shift();
}

function keptBytes(): number {
  return kept.reduce((sum, { ends }) => sum + ends.data.byteLength, 0);
}
