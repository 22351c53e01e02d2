import { ERRNO, type Region, regionOf } from "../../libc/mod.ts";
import type { MmapArea } from "../../vfio/region/mod.ts";
import type { DataWindow } from "./region_device.ts";

/** Where a simulated device has its data section: the page after the registers. */
export const DATA_SECTION_OFFSET = 4096;

/**
 * The data section of a simulated device: where one chunk of its state at a time is staged.
 *
 *     0         4096                          region size
 *     +---------+-------------------------------+
 *     | header  | [=== chunk ===>               |     saving:   `staged` bytes, -1 for none
 *     +---------+-------------------------------+     resuming: `open` once data_offset was read,
 *                      \__ areas __/                            `written` bytes by pwrite since
 */
export interface DataSection {
  readonly size: number;
  /** The section's bytes; null where none move. */
  readonly region: Region | null;
  readonly areas: readonly MmapArea[];
  readonly windows: readonly DataWindow[];
  staged: number;
  open: boolean;
  written: number;
}

/**
 * @param regionSize The migration region's size in bytes
 * @param mapped Whether all of the section can be mapped, or which areas of the region
 * @param hasBytes Whether bytes move
 * @throws {RangeError} If there is no section, or an area is not in it
 */
export function createDataSection(
  regionSize: number,
  mapped: boolean | readonly MmapArea[],
  hasBytes: boolean,
): DataSection {
  const size = regionSize - DATA_SECTION_OFFSET;
  if (!Number.isSafeInteger(regionSize) || size < 1) {
    throw new RangeError(
      `Cannot make a migration region as it needs more than ${DATA_SECTION_OFFSET} bytes: received ${regionSize}`,
    );
  }
  const whole = { offset: DATA_SECTION_OFFSET, size };
  const areas = typeof mapped === "boolean" ? (mapped ? [whole] : []) : mapped;
  const region = hasBytes ? regionOf(new ArrayBuffer(size)) : null;
  const windows = areas.map((area): DataWindow => {
    if (
      area.offset < DATA_SECTION_OFFSET || area.size < 1 || area.offset + area.size > regionSize
    ) {
      throw new RangeError(
        `Cannot map a part of the data section: received ${area.size} bytes at ${area.offset} of ${regionSize}`,
      );
    }
    const at = area.offset - DATA_SECTION_OFFSET;
    return {
      offset: area.offset,
      length: area.size,
      region: region === null ? null : regionOf(region.bytes.buffer, at, area.size),
    };
  });
  return { size, region, areas, windows, staged: -1, open: false, written: 0 };
}

/** Nothing is staged, and nothing is expected. */
export function clearSection(section: DataSection): void {
  section.staged = -1;
  section.open = false;
  section.written = 0;
}

/** pread(2) of what is staged; all of it or -EINVAL. */
export function readSection(
  section: DataSection,
  region: Region | null,
  at: number,
  offset: number,
  length: number,
): number {
  const from = offset - DATA_SECTION_OFFSET;
  if (from < 0 || length < 0 || from + length > section.staged) return -ERRNO.EINVAL;
  if (section.region !== null && region !== null) {
    copyBytes(section.region.bytes, from, region.bytes, at, length);
  }
  return length;
}

/** pwrite(2) of what is to be committed; all of it or -EINVAL. */
export function writeSection(
  section: DataSection,
  region: Region | null,
  at: number,
  offset: number,
  length: number,
): number {
  const to = offset - DATA_SECTION_OFFSET;
  if (!section.open || to < 0 || length < 0 || to + length > section.size) return -ERRNO.EINVAL;
  if (section.region !== null && region !== null) {
    copyBytes(region.bytes, at, section.region.bytes, to, length);
  }
  section.written += length;
  return length;
}

/** Copies bytes; without an allocation where all of `from` is copied. */
export function copyBytes(
  from: Uint8Array,
  fromAt: number,
  to: Uint8Array,
  toAt: number,
  length: number,
): void {
  const whole = fromAt === 0 && length === from.length;
  to.set(whole ? from : from.subarray(fromAt, fromAt + length), toAt);
}
