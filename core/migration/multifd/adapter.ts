import { addEvent, type EventQueue } from "./event_queue.ts";

/** One piece of work on an adapter. */
interface Work {
  /** Where the adapter's own time is when the work is done. */
  readonly endsAt: number;
  readonly done: () => void;
}

/**
 * One side's firmware, that the devices of an adapter share: with `k` of them at work at once each takes
 * `1 + contention * (k - 1)` times as long.
 *
 * The adapter has a time of its own, which passes slower the more are at work; a piece of work is done when that
 * time has gone on by what the work takes alone.
 *
 * ```text
 *   at work      1        2             1
 *   own time   |----|--|--|--|--|----|----|      contention 1: half as fast with 2
 * ```
 */
export interface Adapter {
  readonly contention: number;
  readonly works: Work[];
  /** Its own time, in nanoseconds, at the moment `seenNs`. */
  ownNs: number;
  seenNs: number;
  /** Counts changes, so that an event of before one is known to be stale. */
  changes: number;
}

/** An adapter at rest. */
export function createAdapter(contention: number): Adapter {
  return { contention, works: [], ownNs: 0, seenNs: 0, changes: 0 };
}

/**
 * Begins a piece of work.
 *
 * @param adapter Who does it
 * @param queue Where its end will happen
 * @param nowNs The present moment, in nanoseconds
 * @param aloneNs How long it would take alone, in nanoseconds
 * @param done What to do then, given the moment
 */
export function beginWork(
  adapter: Adapter,
  queue: EventQueue,
  nowNs: number,
  aloneNs: number,
  done: (nowNs: number) => void,
): void {
  passTime(adapter, nowNs);
  const endsAt = adapter.ownNs + aloneNs;
  const work = { endsAt, done: () => done(adapter.seenNs) };
  // Kept in the order of their ends; there are no more than devices on an adapter.
  let i = adapter.works.length;
  while (i > 0 && (adapter.works[i - 1]?.endsAt ?? 0) > endsAt) i--;
  adapter.works.splice(i, 0, work);
  schedule(adapter, queue);
}

function passTime(adapter: Adapter, nowNs: number): void {
  adapter.ownNs += (nowNs - adapter.seenNs) / slowness(adapter);
  adapter.seenNs = nowNs;
}

function slowness({ contention, works }: Adapter): number {
  return 1 + contention * Math.max(0, works.length - 1);
}

/** Has the end of the first work happen, as things are now. */
function schedule(adapter: Adapter, queue: EventQueue): void {
  const change = ++adapter.changes;
  const first = adapter.works[0];
  if (first === undefined) return;
  const leftNs = Math.max(0, first.endsAt - adapter.ownNs) * slowness(adapter);
  const atNs = adapter.seenNs + leftNs;
  addEvent(queue, atNs, () => {
    if (adapter.changes !== change) return;
    adapter.ownNs = Math.max(adapter.ownNs, first.endsAt);
    adapter.seenNs = atNs;
    adapter.works.shift();
    schedule(adapter, queue);
    first.done();
  });
}
