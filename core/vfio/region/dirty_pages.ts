/**
 * VFIO_IOMMU_DIRTY_PAGES: the ioctl on a container by which the IOMMU tracks what devices write to, from
 * the time before DMA logging was a feature of the device.
 *
 * ```text
 *    0        4        8          16         24          32         40         48
 *    +--------+--------+----------+----------+-----------+----------+----------+
 *    | argsz  | flags  |   iova   |   size   |  pgsize   |   size   |   data   |
 *    +--------+--------+----------+----------+-----------+----------+----------+
 *    START, STOP: 8 bytes \____ range ______/ \____ bitmap, GET_BITMAP only ___/
 * ```
 *
 * @module
 */

import { io } from "../ioctl.ts";
import { readU64, writeU64 } from "../u64.ts";

/** The request number; on a device's fd the same number is VFIO_DEVICE_FEATURE. */
export const VFIO_IOMMU_DIRTY_PAGES: number = io(";", 117);

/** Bits of `flags`; exactly one is set in a request. */
export const DIRTY_PAGES = {
  /** Begin to track. */
  START: 1 << 0,
  /** End the tracking. */
  STOP: 1 << 1,
  /** Give the bitmap of a range, and clear it. */
  GET_BITMAP: 1 << 2,
} as const;

/** Sizes in bytes: of a request without a payload, and of one for a bitmap. */
export const DIRTY_PAGES_SIZE = { HEADER: 8, GET_BITMAP: 48 } as const;

/** The payload of GET_BITMAP. Numbers are u64 in the form of `u64.ts`. */
export interface DirtyBitmapRange {
  /** Where the range begins. */
  iova: number;
  /** Its length in bytes. */
  size: number;
  /** How many bytes one bit stands for. */
  pgsize: number;
  /** The bitmap's size in bytes, a multiple of 8. */
  bitmapSize: number;
  /** Its address. */
  data: number;
}

/**
 * Says whether a request's flags are ones the kernel serves: one of them and nothing else.
 *
 * @param flags The flags
 * @returns `false` where it answers `EINVAL`
 */
export function areDirtyPagesFlags(flags: number): boolean {
  return flags === DIRTY_PAGES.START || flags === DIRTY_PAGES.STOP ||
    flags === DIRTY_PAGES.GET_BITMAP;
}

/**
 * Writes a request to START or STOP.
 *
 * @param view The view to write to
 * @param offset Where it begins, in bytes
 * @param flags `DIRTY_PAGES.START` or `DIRTY_PAGES.STOP`
 */
export function writeDirtyPages(view: DataView, offset: number, flags: number): void {
  view.setUint32(offset, DIRTY_PAGES_SIZE.HEADER, true);
  view.setUint32(offset + 4, flags, true);
}

/**
 * Reads the flags of a request.
 *
 * @param view The view to read from
 * @param offset Where it begins, in bytes
 * @returns The flags, or -1 if `argsz` is too small for them
 */
export function readDirtyPagesFlags(view: DataView, offset: number): number {
  const flags = view.getUint32(offset + 4, true);
  const needed = (flags & DIRTY_PAGES.GET_BITMAP) !== 0
    ? DIRTY_PAGES_SIZE.GET_BITMAP
    : DIRTY_PAGES_SIZE.HEADER;
  return view.getUint32(offset, true) < needed ? -1 : flags;
}

/**
 * Writes a request to GET_BITMAP.
 *
 * @param view The view to write to
 * @param offset Where it begins, in bytes
 * @param range What the bitmap is to be about
 */
export function writeGetBitmap(
  view: DataView,
  offset: number,
  range: Readonly<DirtyBitmapRange>,
): void {
  view.setUint32(offset, DIRTY_PAGES_SIZE.GET_BITMAP, true);
  view.setUint32(offset + 4, DIRTY_PAGES.GET_BITMAP, true);
  writeU64(view, offset + 8, range.iova);
  writeU64(view, offset + 16, range.size);
  writeU64(view, offset + 24, range.pgsize);
  writeU64(view, offset + 32, range.bitmapSize);
  writeU64(view, offset + 40, range.data);
}

/**
 * Reads the payload of a request to GET_BITMAP.
 *
 * @param view The view to read from
 * @param offset Where the request begins, in bytes
 * @param into Gets the fields
 */
export function readGetBitmap(view: DataView, offset: number, into: DirtyBitmapRange): void {
  into.iova = readU64(view, offset + 8);
  into.size = readU64(view, offset + 16);
  into.pgsize = readU64(view, offset + 24);
  into.bitmapSize = readU64(view, offset + 32);
  into.data = readU64(view, offset + 40);
}
