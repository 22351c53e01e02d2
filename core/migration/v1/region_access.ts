import type { RegionDevice } from "../../device/region/mod.ts";
import { ERRNO, errnoName } from "../../libc/mod.ts";
import { readU64, writeU64 } from "../../vfio/mod.ts";
import {
  changeRegionState,
  isRegionStateError,
  isValidRegionState,
  REGION_REGISTER,
  type RegionRegister,
  regionStateName,
  registerWidth,
} from "../../vfio/region/mod.ts";

/** The calls of which one can fail. */
export type RegionCall = "pread" | "pwrite" | "mmap" | "VFIO_IOMMU_DIRTY_PAGES" | "send";

/** One side's hands on a device's migration region, made once for a migration. */
export interface RegionAccess {
  readonly device: RegionDevice;
  /** A register's value on its way. */
  readonly view: DataView;
  /** The register last read, a u64 as `core/vfio` holds it. */
  value: number;
  /** device_state as it was last written. */
  deviceState: number;
  /**
   * Bytes of device data sent, or loaded, without framing: at the source QEMU's statistic. 0 again when the
   * migration is given up.
   */
  transferredBytes: number;
  /** Whether a failed write of device_state left the error marker, or a device that does not even tell. */
  inError: boolean;
  /** The call that gave the last negative errno, and where in the region; null before there was one. */
  failedCall: RegionCall | null;
  failedOffset: number;
}

export function createRegionAccess(device: RegionDevice): RegionAccess {
  return {
    device,
    view: new DataView(new ArrayBuffer(8)),
    value: 0,
    deviceState: 0,
    transferredBytes: 0,
    inError: false,
    failedCall: null,
    failedOffset: 0,
  };
}

/** Remembers which call failed; gives the errno back. A call that moved fewer bytes than asked is -EINVAL (facts). */
export function failCall(
  access: RegionAccess,
  call: RegionCall,
  offset: number,
  result: number,
): number {
  access.failedCall = call;
  access.failedOffset = offset;
  return result < 0 ? result : -ERRNO.EINVAL;
}

/** Reads a register into `access.value`; 0 or a negative errno. */
export function readRegister(access: RegionAccess, register: RegionRegister): number {
  const { device, view } = access;
  const width = registerWidth(register);
  const n = device.readRegion(view, register, width);
  if (n !== width) return failCall(access, "pread", register, n);
  access.value = width === 4 ? view.getUint32(0, true) : readU64(view, 0);
  return 0;
}

/** Writes a register; 0 or a negative errno. */
export function writeRegister(
  access: RegionAccess,
  register: RegionRegister,
  value: number,
): number {
  const { device, view } = access;
  const width = registerWidth(register);
  if (width === 4) view.setUint32(0, value, true);
  else writeU64(view, 0, value);
  const n = device.writeRegion(view, register, width);
  return n === width ? 0 : failCall(access, "pwrite", register, n);
}

/**
 * Reads device_state, keeps the bits in `keep`, sets those in `set`, and writes it, changed or not. What
 * would be no valid state is -EINVAL and not written. After a write that failed the register is read again,
 * and `inError` says whether only a reset helps (QEMU ends itself there).
 *
 * @returns 0 or a negative errno
 */
export function setRegionState(access: RegionAccess, keep: number, set: number): number {
  const { DEVICE_STATE } = REGION_REGISTER;
  let result = readRegister(access, DEVICE_STATE);
  if (result < 0) return result;
  const state = changeRegionState(access.value, keep, set);
  if (!isValidRegionState(state)) return failCall(access, "pwrite", DEVICE_STATE, -ERRNO.EINVAL);
  result = writeRegister(access, DEVICE_STATE, state);
  if (result >= 0) {
    access.deviceState = state;
    access.inError = false;
    return 0;
  }
  if (readRegister(access, DEVICE_STATE) < 0) access.inError = true;
  else {
    access.deviceState = access.value;
    access.inError = isRegionStateError(access.value);
  }
  // The write is what failed, whatever came after it.
  return failCall(access, "pwrite", DEVICE_STATE, result);
}

/** The state that device_state shows now, for a report; the errno where it cannot be read. */
export function leftInRegionState(access: RegionAccess): string {
  const result = readRegister(access, REGION_REGISTER.DEVICE_STATE);
  return result < 0
    ? `a state that cannot be read (${errnoName(result)})`
    : regionStateName(access.value);
}
