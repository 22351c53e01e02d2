import type { RegionDevice } from "../../device/region/mod.ts";
import { ERRNO, type Region } from "../../libc/mod.ts";
import { REGION_REGISTER, REGION_STATE, REGION_STATE_MASK } from "../../vfio/region/mod.ts";
import { mapRegion, type SlowPath, unmapRegion, writeDataSection } from "./move_data.ts";
import {
  createRegionAccess,
  failCall,
  readRegister,
  type RegionAccess,
  setRegionState,
  writeRegister,
} from "./region_access.ts";

const { DATA_OFFSET, DATA_SIZE } = REGION_REGISTER;

/** A device's load during one migration. */
export interface RegionLoad extends RegionAccess {
  readonly slowPath: SlowPath;
  /** How often data_size was written: more than once for a record that the region is too small for. */
  rounds: number;
  /** What mapping gave: 0, or the errno because of which all takes the slow path. */
  mapResult: number;
}

export function createRegionLoad(device: RegionDevice, slowPath: SlowPath = "whole"): RegionLoad {
  return { ...createRegionAccess(device), slowPath, rounds: 0, mapResult: 0 };
}

/** load_setup: the region is mapped, and the device RESUMING alone. 0, or a negative errno with nothing mapped. */
export function loadSetup(load: RegionLoad): number {
  load.mapResult = mapRegion(load);
  const result = setRegionState(load, ~REGION_STATE_MASK, REGION_STATE.RESUMING);
  if (result < 0) unmapRegion(load);
  return result;
}

/**
 * Loads the data of a record, or of a part of one: `length` bytes from `at` in `region`. In rounds, each as
 * large as the data section: data_offset is read, the data put there, and data_size written, which hands it
 * over. Two registers and the data itself for each round.
 *
 * @returns 0 or a negative errno
 */
export function loadData(
  load: RegionLoad,
  region: Region | null,
  at: number,
  length: number,
): number {
  for (let done = 0; done < length;) {
    let result = readRegister(load, DATA_OFFSET);
    if (result < 0) return result;
    const offset = load.value;
    const n = Math.min(length - done, load.device.regionSize - offset);
    // A device that names a place without room would be asked for ever.
    if (offset < 0 || n <= 0) return failCall(load, "pread", DATA_OFFSET, -ERRNO.EINVAL);
    result = writeDataSection(load, load.slowPath, region, at + done, offset, n);
    if (result < 0) return result;
    result = writeRegister(load, DATA_SIZE, n);
    if (result < 0) return result;
    load.rounds++;
    load.transferredBytes += n;
    done += n;
  }
  return 0;
}

/** load_cleanup: the region is unmapped. */
export function loadCleanup(load: RegionLoad): void {
  unmapRegion(load);
}
