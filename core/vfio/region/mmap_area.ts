/**
 * Which parts of a region can be mapped: `struct vfio_region_info_cap_sparse_mmap`.
 *
 * ```text
 *    0      2         4        8          12         16          24         32
 *    +------+---------+--------+----------+----------+-----------+----------+----
 *    |  id  | version |  next  | nr_areas | reserved |  offset   |   size   | ...
 *    +------+---------+--------+----------+----------+-----------+----------+----
 *                                                     \___ nr_areas times ___/
 * ```
 *
 * A data section that lies in no area, or in a device without areas, is accessed with pread(2) and
 * pwrite(2): the slow path.
 *
 * @module
 */

import { readU64, writeU64 } from "../u64.ts";

/** The number of the capability among those of a region's info. */
export const REGION_CAP_SPARSE_MMAP = 1;

/** The size of the capability before its areas, and of each area, in bytes. */
export const SPARSE_MMAP_SIZE = { HEADER: 16, AREA: 16 } as const;

/** A part of a region that can be mapped. Both in bytes, the offset from the region's start. */
export interface MmapArea {
  readonly offset: number;
  readonly size: number;
}

/**
 * Writes the capability, as the last of its chain.
 *
 * @param view The view to write to
 * @param offset Where it begins, in bytes
 * @param areas The areas, in any order
 */
export function writeSparseMmap(view: DataView, offset: number, areas: readonly MmapArea[]): void {
  view.setUint16(offset, REGION_CAP_SPARSE_MMAP, true);
  view.setUint16(offset + 2, 1, true);
  view.setUint32(offset + 4, 0, true);
  view.setUint32(offset + 8, areas.length, true);
  view.setUint32(offset + 12, 0, true);
  let at = offset + SPARSE_MMAP_SIZE.HEADER;
  for (const area of areas) {
    writeU64(view, at, area.offset);
    writeU64(view, at + 8, area.size);
    at += SPARSE_MMAP_SIZE.AREA;
  }
}

/**
 * Reads the capability.
 *
 * @param view The view to read from
 * @param offset Where it begins, in bytes
 * @returns The areas that have a size, in the order the kernel gave
 * @throws {RangeError} If the areas are not all within the view
 */
export function readSparseMmap(view: DataView, offset: number): MmapArea[] {
  const count = view.getUint32(offset + 8, true);
  const areas: MmapArea[] = [];
  for (let i = 0; i < count; i++) {
    const at = offset + SPARSE_MMAP_SIZE.HEADER + i * SPARSE_MMAP_SIZE.AREA;
    const area = { offset: readU64(view, at), size: readU64(view, at + 8) };
    // The kernel may give an area without a size; nobody can map it.
    if (area.size !== 0) areas.push(area);
  }
  return areas;
}

/**
 * Which area a place of the region is in.
 *
 * @param areas The areas, in any order
 * @param offset In bytes from the region's start
 * @returns The area's index, or -1 if the place is in none
 */
export function areaAt(areas: readonly MmapArea[], offset: number): number {
  for (let i = 0; i < areas.length; i++) {
    const area = areas[i];
    if (area === undefined) break;
    if (offset >= area.offset && offset < area.offset + area.size) return i;
  }
  return -1;
}

/**
 * How far one can go from a place without crossing the edge of an area, so that all of it is mapped, or
 * none of it.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { stretchLength } from "./mmap_area.ts";
 *
 * const areas = [{ offset: 8192, size: 4096 }];
 * assertEquals(stretchLength(areas, 4096, 100_000), 4096); // up to the area
 * assertEquals(stretchLength(areas, 9000, 100_000), 3288); // to its end
 * assertEquals(stretchLength(areas, 12288, 100_000), 100_000);
 * ```
 *
 * @param areas The areas, in any order
 * @param offset The place, in bytes from the region's start
 * @param length How far one wants to go, in bytes
 * @returns The length of the stretch, at most `length`
 */
export function stretchLength(areas: readonly MmapArea[], offset: number, length: number): number {
  let end = offset + length;
  for (const area of areas) {
    if (offset < area.offset) {
      end = Math.min(end, area.offset);
    } else if (offset < area.offset + area.size) {
      return Math.min(length, area.offset + area.size - offset);
    }
  }
  return end - offset;
}
