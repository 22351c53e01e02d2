/**
 * The payloads of the DMA logging features: which memory a device wrote to.
 *
 * ```text
 *           0            8            16           24           32
 *           +------------+------+-----+------------+
 *   START   | page_size  | num  |  0  | ranges ptr |
 *           +------------+------+-----+------------+
 *   a range |    iova    |   length   |
 *           +------------+------------+------------+------------+
 *   REPORT  |    iova    |   length   | page_size  | bitmap ptr |
 *           +------------+------------+------------+------------+
 * ```
 *
 * Addresses and lengths are u64 in the form of `u64.ts`. Multiples of 4096 are exact at any height,
 * and so are the pointers of a user process.
 *
 * @module
 */

import { readU64, writeU64 } from "./u64.ts";

/** The size of one range, in bytes. */
export const DMA_LOGGING_RANGE_SIZE = 16;

/**
 * The most ranges in one request. They must fit in a page, here of 4096 bytes; more are answered
 * with `E2BIG`.
 */
export const DMA_LOGGING_MAX_RANGES = 256;

/** The payload of DMA_LOGGING_START. */
export interface DmaLoggingControl {
  /** The wished-for page size in bytes; on return the one in use. */
  pageSize: number;
  /** How many ranges there are. */
  numRanges: number;
  /** The address of the first range. */
  ranges: number;
}

/** One range of memory to log. */
export interface DmaLoggingRange {
  /** Where it begins, a multiple of the page size. */
  iova: number;
  /** Its length in bytes, a multiple of the page size. */
  length: number;
}

/** The payload of DMA_LOGGING_REPORT. */
export interface DmaLoggingReport {
  /** Where the reported memory begins. */
  iova: number;
  /** Its length in bytes. */
  length: number;
  /** How many bytes one bit of the bitmap stands for: a power of two, at least 4096. */
  pageSize: number;
  /** The address of the bitmap. */
  bitmap: number;
}

/**
 * Writes the payload of DMA_LOGGING_START.
 *
 * @param view The view to write to
 * @param offset Where the payload begins, in bytes
 * @param control The fields
 */
export function writeDmaLoggingControl(
  view: DataView,
  offset: number,
  control: Readonly<DmaLoggingControl>,
): void {
  writeU64(view, offset, control.pageSize);
  view.setUint32(offset + 8, control.numRanges, true);
  view.setUint32(offset + 12, 0, true);
  writeU64(view, offset + 16, control.ranges);
}

/**
 * Reads the payload of DMA_LOGGING_START.
 *
 * @param view The view to read from
 * @param offset Where the payload begins, in bytes
 * @param into Gets the fields
 */
export function readDmaLoggingControl(
  view: DataView,
  offset: number,
  into: DmaLoggingControl,
): void {
  into.pageSize = readU64(view, offset);
  into.numRanges = view.getUint32(offset + 8, true);
  into.ranges = readU64(view, offset + 16);
}

/**
 * Writes one range.
 *
 * @param view The view to write to
 * @param offset Where the range begins, in bytes
 * @param range The fields
 */
export function writeDmaLoggingRange(
  view: DataView,
  offset: number,
  range: Readonly<DmaLoggingRange>,
): void {
  writeU64(view, offset, range.iova);
  writeU64(view, offset + 8, range.length);
}

/**
 * Reads one range.
 *
 * @param view The view to read from
 * @param offset Where the range begins, in bytes
 * @param into Gets the fields
 */
export function readDmaLoggingRange(view: DataView, offset: number, into: DmaLoggingRange): void {
  into.iova = readU64(view, offset);
  into.length = readU64(view, offset + 8);
}

/**
 * Writes the payload of DMA_LOGGING_REPORT.
 *
 * @param view The view to write to
 * @param offset Where the payload begins, in bytes
 * @param report The fields
 */
export function writeDmaLoggingReport(
  view: DataView,
  offset: number,
  report: Readonly<DmaLoggingReport>,
): void {
  writeU64(view, offset, report.iova);
  writeU64(view, offset + 8, report.length);
  writeU64(view, offset + 16, report.pageSize);
  writeU64(view, offset + 24, report.bitmap);
}

/**
 * Reads the payload of DMA_LOGGING_REPORT.
 *
 * @param view The view to read from
 * @param offset Where the payload begins, in bytes
 * @param into Gets the fields
 */
export function readDmaLoggingReport(view: DataView, offset: number, into: DmaLoggingReport): void {
  into.iova = readU64(view, offset);
  into.length = readU64(view, offset + 8);
  into.pageSize = readU64(view, offset + 16);
  into.bitmap = readU64(view, offset + 24);
}
