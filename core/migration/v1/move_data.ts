import { copyBytes } from "../../device/region/data_section.ts";
import type { DataWindow } from "../../device/region/mod.ts";
import type { Region } from "../../libc/mod.ts";
import { accessWidth, areaAt, stretchLength } from "../../vfio/region/mod.ts";
import { failCall, type RegionAccess } from "./region_access.ts";

/**
 * How data is accessed where it is not mapped: cut as registers are, which is what QEMU did as long as it
 * spoke version 1 (1 MiB is 131072 calls), or in one call.
 */
export type SlowPath = "split" | "whole";

/**
 * Moves `length` bytes of the data section from `offset` in the migration region to `at` in `region`: one
 * copy out of the mapped parts, and pread(2) straight into `region` for the others.
 *
 * @returns 0 or a negative errno
 */
export function readDataSection(
  access: RegionAccess,
  slowPath: SlowPath,
  region: Region | null,
  at: number,
  offset: number,
  length: number,
): number {
  const { device } = access;
  const windows = device.dataWindows;
  for (let done = 0; done < length;) {
    const from = offset + done;
    const window = windowAt(access, windows, from);
    let n = length - done;
    if (windows.length > 0) n = stretchLength(device.mmapAreas, from, n);
    if (window !== undefined) {
      if (window.region !== null && region !== null) {
        copyBytes(window.region.bytes, from - window.offset, region.bytes, at + done, n);
      }
    } else {
      if (slowPath === "split") n = accessWidth(from, n);
      const got = device.readData(region, at + done, from, n);
      if (got !== n) return failCall(access, "pread", from, got);
    }
    done += n;
  }
  return 0;
}

/** Moves `length` bytes from `at` in `region` into the data section; 0 or a negative errno. */
export function writeDataSection(
  access: RegionAccess,
  slowPath: SlowPath,
  region: Region | null,
  at: number,
  offset: number,
  length: number,
): number {
  const { device } = access;
  const windows = device.dataWindows;
  for (let done = 0; done < length;) {
    const to = offset + done;
    const window = windowAt(access, windows, to);
    let n = length - done;
    if (windows.length > 0) n = stretchLength(device.mmapAreas, to, n);
    if (window !== undefined) {
      if (window.region !== null && region !== null) {
        copyBytes(region.bytes, at + done, window.region.bytes, to - window.offset, n);
      }
    } else {
      if (slowPath === "split") n = accessWidth(to, n);
      const got = device.writeData(region, at + done, to, n);
      if (got !== n) return failCall(access, "pwrite", to, got);
    }
    done += n;
  }
  return 0;
}

/** Whether so many bytes at an offset that the device named lie in its region; QEMU trusts it in this. */
export function isInRegion(access: RegionAccess, offset: number, length: number): boolean {
  return offset >= 0 && length >= 0 && offset + length <= access.device.regionSize;
}

/** Maps what can be mapped. Where that fails, all goes the slow path (facts), and the errno is only noted. */
export function mapRegion(access: RegionAccess): number {
  if (access.device.mmapAreas.length === 0) return 0;
  return access.device.map();
}

export function unmapRegion(access: RegionAccess): void {
  if (access.device.mmapAreas.length > 0) access.device.unmap();
}

function windowAt(
  { device }: RegionAccess,
  windows: readonly DataWindow[],
  offset: number,
): DataWindow | undefined {
  return windows.length === 0 ? undefined : windows[areaAt(device.mmapAreas, offset)];
}
