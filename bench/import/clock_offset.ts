import { ImportError } from "./import_error.ts";
import type { ClockOffset } from "./migration.ts";
import type { SectionTimes } from "./section_times.ts";

/** When one side of a migration sent, or took in, what; absolute, in us of its own clock. */
export interface Messages {
  readonly sections: SectionTimes;
  /** From source to destination. */
  readonly commands: ReadonlyMap<string, readonly number[]>;
  /** From destination to source. */
  readonly replies: ReadonlyMap<string, readonly number[]>;
}

/** Clocks are corrected while they run: bounds may cross by this much. */
const TOLERANCE_US = 1000;

/**
 * How far the destination's clock is ahead of the source's. Nothing arrives before it was sent:
 *
 *     source       sent a |---- forward ----> taken in b    offset <= b - a
 *     destination  sent c |---- backward ---> taken in d    offset >= c - d
 *
 * The tightest bounds hold the offset; its estimate is their middle, its error at most half of what lies between them.
 *
 * @returns null where neither bound is known
 * @throws {ImportError} where the bounds contradict each other: then the logs are not of one migration
 */
export function clockOffset(source: Messages, destination: Messages): ClockOffset | null {
  const forward: number[] = [];
  const backward: number[] = [];
  if (source.sections.count === destination.sections.count) {
    const stride = Math.max(source.sections.stride, destination.sections.stride);
    for (let i = 0; i < source.sections.count; i += stride) {
      const sent = source.sections.get(i), got = destination.sections.get(i);
      if (typeof sent === "number" && typeof got === "number") forward.push(got - sent);
    }
  }
  for (const [key, sent] of source.commands) {
    pairwise(sent, destination.commands.get(key), (a, b) => forward.push(b - a));
  }
  for (const [key, got] of source.replies) {
    pairwise(destination.replies.get(key), got, (c, d) => backward.push(c - d));
  }
  if (forward.length + backward.length === 0) return null;
  const most = forward.reduce((a, b) => Math.min(a, b), Infinity);
  const least = backward.reduce((a, b) => Math.max(a, b), -Infinity);
  if (least > most + TOLERANCE_US) {
    throw new ImportError(
      `the destination's log is not of the same migration, or its clock was set meanwhile: what it sent came ${
        Math.round((least - most) / 1000)
      } ms before it was sent`,
    );
  }
  const pairs = { forward_pairs: forward.length, backward_pairs: backward.length };
  if (most === Infinity) return { offset_us: least, uncertainty_us: null, ...pairs };
  if (least === -Infinity) return { offset_us: most, uncertainty_us: null, ...pairs };
  return {
    offset_us: Math.round((most + least) / 2),
    uncertainty_us: Math.abs(most - least) / 2,
    ...pairs,
  };
}

function pairwise(
  a: readonly number[] | undefined,
  b: readonly number[] | undefined,
  take: (a: number, b: number) => void,
): void {
  // Of lists that are not as long nobody knows which belong together.
  if (a === undefined || b === undefined || a.length !== b.length) return;
  for (const [i, ofA] of a.entries()) {
    const ofB = b[i];
    if (ofB !== undefined) take(ofA, ofB);
  }
}
