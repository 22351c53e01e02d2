import { MESSAGE } from "../../channel/message.ts";
import type { RegionDevice } from "../../device/region/mod.ts";
import { ERRNO, type Region } from "../../libc/mod.ts";
import {
  DIRTY_PAGES,
  REGION_REGISTER,
  REGION_STATE,
  REGION_STATE_MASK,
} from "../../vfio/region/mod.ts";
import { isInRegion, mapRegion, readDataSection, type SlowPath, unmapRegion } from "./move_data.ts";
import {
  createRegionAccess,
  failCall,
  readRegister,
  type RegionAccess,
  setRegionState,
} from "./region_access.ts";

const { PENDING_BYTES, DATA_OFFSET, DATA_SIZE } = REGION_REGISTER;
const { RUNNING, SAVING } = REGION_STATE;

/** Where a save puts its records: a channel's sender that knows the device. */
export interface RegionOutput {
  /** How much fits in what `claim` gives. */
  readonly capacity: number;
  /** Where the next record's bytes go; null where none move, or where `send` will say what is wrong. */
  claim(): Region | null;
  /**
   * Sends the claimed region's first `length` bytes as a record of this `MESSAGE` kind: SETUP, DATA, CONFIG or
   * END_OF_STATE. 0 or a negative errno. DATA of 0 bytes, and END_OF_STATE in precopy, are only there for
   * who wants QEMU's stream to the letter.
   */
  send(kind: number, length: number): number;
}

/** How QEMU's releases of version 1 differ. */
export interface RegionSaveOptions {
  /** Whether the config goes before the device's data in stop-and-copy (5.2), or is not this sequence's business (6.0 to 7.2). */
  readonly configFirst: boolean;
  readonly slowPath: SlowPath;
}

/** As 5.2 was, without its price for data that is not mapped. */
export const REGION_SAVE_DEFAULTS: RegionSaveOptions = { configFirst: true, slowPath: "whole" };

/** A device's save during one migration. */
export interface RegionSave extends RegionAccess, RegionSaveOptions {
  /** pending_bytes as last read, or 0 when a buffer was saved since. */
  pendingBytes: number;
  /** The size of the buffer saved last. */
  dataSize: number;
  /** What mapping gave: 0, or the errno because of which all takes the slow path. */
  mapResult: number;
}

export function createRegionSave(device: RegionDevice, options: RegionSaveOptions): RegionSave {
  return {
    ...createRegionAccess(device),
    ...options,
    pendingBytes: 0,
    dataSize: 0,
    mapResult: 0,
  };
}

/**
 * save_setup: dirty pages are tracked from before the device saves; its region is mapped; SAVING is set, and
 * RUNNING stays as it is.
 *
 * @returns 0 or a negative errno
 */
export function saveSetup(save: RegionSave, output: RegionOutput): number {
  const tracked = save.device.dirtyPages(DIRTY_PAGES.START);
  if (tracked < 0) return failCall(save, "VFIO_IOMMU_DIRTY_PAGES", 0, tracked);
  let result = sendMark(save, output, MESSAGE.SETUP);
  if (result < 0) return result;
  save.mapResult = mapRegion(save);
  result = setRegionState(save, REGION_STATE_MASK, SAVING);
  return result < 0 ? result : sendMark(save, output, MESSAGE.END_OF_STATE);
}

/**
 * save_pending: asks the device how much is left, into `pendingBytes`, which counts as res_precopy_only. It
 * asks every time: version 1 knows no cheap estimate.
 *
 * @returns 0 or a negative errno, with `pendingBytes` 0 (QEMU goes on then, as if nothing were left)
 */
export function savePending(save: RegionSave): number {
  const result = readRegister(save, PENDING_BYTES);
  save.pendingBytes = result < 0 ? 0 : save.value;
  return result;
}

/**
 * save_iterate: one buffer, whatever its size; `dataSize` says which. What savePending read is gone by, and
 * asked again where it was 0.
 *
 * @returns 1 where nothing is left ("finished"), 0 where something was sent, so that before 9.0 the handlers
 *     registered later do not get their turn; or a negative errno
 */
export function saveIterate(save: RegionSave, output: RegionOutput): number {
  save.dataSize = 0;
  if (save.pendingBytes === 0) {
    let result = savePending(save);
    if (result < 0) return result;
    if (save.pendingBytes === 0) {
      result = sendMark(save, output, MESSAGE.DATA);
      if (result >= 0) result = sendMark(save, output, MESSAGE.END_OF_STATE);
      return result < 0 ? result : 1;
    }
  }
  let result = saveBuffer(save, output);
  if (result >= 0) result = sendMark(save, output, MESSAGE.END_OF_STATE);
  if (result < 0) return result;
  save.pendingBytes = 0;
  return 0;
}

/**
 * save_live_complete_precopy: stop-and-copy. The guest stands still; SAVING alone is set (again). Buffers
 * until pending_bytes is 0, or one of them is empty; then SAVING is cleared, which the downtime includes.
 *
 * @returns 0 or a negative errno
 */
export function saveComplete(save: RegionSave, output: RegionOutput): number {
  let result = setRegionState(save, ~RUNNING, SAVING);
  if (result < 0) return result;
  if (save.configFirst) {
    result = sendMark(save, output, MESSAGE.CONFIG);
    if (result < 0) return result;
  }
  result = savePending(save);
  while (result >= 0 && save.pendingBytes !== 0) {
    result = saveBuffer(save, output);
    if (result < 0 || save.dataSize === 0) break;
    result = savePending(save);
  }
  if (result < 0) return result;
  result = sendMark(save, output, MESSAGE.END_OF_STATE);
  return result < 0 ? result : setRegionState(save, ~SAVING, 0);
}

/** save_cleanup: dirty pages are not tracked any more, and the region is unmapped. After success and failure alike. */
export function saveCleanup(save: RegionSave): number {
  const stopped = save.device.dirtyPages(DIRTY_PAGES.STOP);
  unmapRegion(save);
  return stopped < 0 ? failCall(save, "VFIO_IOMMU_DIRTY_PAGES", 0, stopped) : 0;
}

/**
 * Has the device stage a buffer and sends all of it, in as many records as the channel's capacity asks for.
 * Three registers for each buffer with pending_bytes, which is read before, and the data itself.
 */
function saveBuffer(save: RegionSave, output: RegionOutput): number {
  let result = readRegister(save, DATA_OFFSET);
  if (result < 0) return result;
  const offset = save.value;
  result = readRegister(save, DATA_SIZE);
  if (result < 0) return result;
  const size = save.value;
  if (!isInRegion(save, offset, size)) return failCall(save, "pread", DATA_SIZE, -ERRNO.EINVAL);
  save.dataSize = size;
  if (size === 0) return sendMark(save, output, MESSAGE.DATA);
  for (let done = 0; done < size;) {
    const n = Math.min(size - done, output.capacity);
    result = readDataSection(save, save.slowPath, output.claim(), 0, offset + done, n);
    if (result < 0) return result;
    result = output.send(MESSAGE.DATA, n);
    if (result < 0) return failCall(save, "send", 0, result);
    done += n;
  }
  save.transferredBytes += size;
  return 0;
}

/** Sends a record without bytes. */
function sendMark(save: RegionSave, output: RegionOutput, kind: number): number {
  output.claim();
  const result = output.send(kind, 0);
  return result < 0 ? failCall(save, "send", 0, result) : 0;
}
