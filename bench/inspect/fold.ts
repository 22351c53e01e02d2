/**
 * Folds entries that are alike into one with a count. In precopy the devices take turns, so that what
 * repeats is a whole round:
 *
 * ```text
 *   ram, nic0, nic1, ram, nic0, nic1, ram, ...   ->   ram x3, nic0 x2, nic1 x2
 * ```
 *
 * @module
 */

import type { Entry, RamSummary } from "./entry.ts";
import { addLength } from "./summarize.ts";

/** Entries that are held back because more of their kind may come. */
export interface Fold {
  readonly round: Entry[];
  /** Whether none of them has come again yet. */
  first: boolean;
  /** Which of them should come next, once it is known how long a round is. */
  next: number;
}

// More sections in a round than a machine has devices.
const MAX_ROUND = 64;

/** A fold that holds nothing back. */
export function createFold(): Fold {
  return { round: [], next: 0, first: true };
}

/**
 * Takes an entry, and gives those that nothing can be folded into any more.
 *
 * @param fold The fold
 * @param entry The next entry
 * @returns Complete entries, in order
 */
export function foldEntry(fold: Fold, entry: Entry): Entry[] {
  // Only passes take turns.
  if (entry.kind !== "PART") return [...finishFold(fold), entry];
  const { round } = fold;
  if (!fold.first) {
    const expected = round[fold.next];
    if (expected === undefined || !alike(expected, entry)) return restart(fold, entry);
    merge(expected, entry);
    fold.next = (fold.next + 1) % round.length;
    return [];
  }
  // The first round ends where one of its entries comes again; it began with that one.
  const start = round.findLastIndex((one) => alike(one, entry));
  const begin = round[start];
  if (begin !== undefined) {
    const before = round.splice(0, start);
    merge(begin, entry);
    fold.first = false;
    fold.next = 1 % round.length;
    return before;
  }
  if (round.length === MAX_ROUND) return restart(fold, entry);
  round.push(entry);
  return [];
}

/** Gives everything that is held back. */
export function finishFold(fold: Fold): Entry[] {
  const done = fold.round.splice(0);
  fold.next = 0;
  fold.first = true;
  return done;
}

function restart(fold: Fold, entry: Entry): Entry[] {
  const done = finishFold(fold);
  fold.round.push(entry);
  return done;
}

/** Whether two entries differ in numbers only. */
function alike(a: Entry, b: Entry): boolean {
  return a.kind === b.kind && a.id === b.id && sameRecords(a, b) &&
    (a.ram === undefined) === (b.ram === undefined) &&
    (a.skipped_bytes === undefined) === (b.skipped_bytes === undefined);
}

function sameRecords({ records: a }: Entry, { records: b }: Entry): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((run, i) => run.kind === b[i]?.kind);
}

function merge(into: Entry, entry: Entry): void {
  into.count++;
  into.length_bytes += entry.length_bytes;
  if (entry.skipped_bytes !== undefined) {
    into.skipped_bytes = (into.skipped_bytes ?? 0) + entry.skipped_bytes;
  }
  for (const [i, run] of entry.records?.entries() ?? []) {
    const target = into.records?.[i];
    if (target === undefined) continue;
    target.count += run.count;
    if (run.data_bytes !== undefined) {
      addLength(target, run.data_bytes, run.min_bytes ?? 0, run.max_bytes ?? 0);
    }
  }
  if (into.ram !== undefined && entry.ram !== undefined) mergeRam(into.ram, entry.ram);
}

function mergeRam(into: RamSummary, ram: RamSummary): void {
  into.pages += ram.pages;
  into.zero_pages += ram.zero_pages;
  into.encoded_pages += ram.encoded_pages;
  into.flushes += ram.flushes;
  into.records += ram.records;
  into.data_bytes += ram.data_bytes;
}
