import { compareImages } from "../../core/device/compare_images.ts";
import type { DeviceImage } from "../../core/device/mod.ts";

/** What the source's and the destination's device hold; null where there is no such device. */
export type ImagePair = readonly [source: DeviceImage, destination: DeviceImage | null];

/** The index of the pair that differs, and where, if that is known. */
export interface StateDifference {
  readonly image: number;
  readonly offset: number | null;
}

/** Who compares which part of every pair. */
export interface PartOfStates {
  readonly pairs: readonly ImagePair[];
  /** From 0. */
  readonly part: number;
  readonly parts: number;
}

/** Where parts meet: a stretch that is compared at once lies in one of them. */
const GRAIN = 1024 * 1024;

/** The first difference in one of several parts of every pair; null where there is none. */
export function compareStates({ pairs, part, parts }: PartOfStates): StateDifference | null {
  for (const [image, [source, destination]] of pairs.entries()) {
    if (destination === null) return { image, offset: 0 };
    const length = Math.max(source.length, destination.length);
    const from = placeOf(part, parts, length);
    const offset = compareImages(source, destination, from, placeOf(part + 1, parts, length));
    if (offset >= 0) return { image, offset };
  }
  return null;
}

/** The one that comes first. */
export function firstOf(
  a: StateDifference | null,
  b: StateDifference | null,
): StateDifference | null {
  if (a === null || b === null) return a ?? b;
  return a.image < b.image || (a.image === b.image && (a.offset ?? 0) <= (b.offset ?? 0)) ? a : b;
}

/** Where a part begins: its share of the length, and the last one ends where all does. */
function placeOf(part: number, parts: number, length: number): number {
  if (part >= parts) return length;
  return Math.min(length, Math.ceil(length * part / parts / GRAIN) * GRAIN);
}
