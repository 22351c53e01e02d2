import { ioctl, type Region, regionOf } from "../../libc/mod.ts";
import { FEATURE_OP, FEATURE_SIZE, VFIO_IOCTL, writeFeatureHeader } from "../../vfio/mod.ts";

/** Where a payload begins in a {@linkcode FeatureCall}'s memory. */
export const PAYLOAD = FEATURE_SIZE.HEADER;

const MOST = FEATURE_SIZE.HEADER + FEATURE_SIZE.DMA_LOGGING_REPORT;

/** The memory that a device's VFIO_DEVICE_FEATURE calls share; one call at a time. */
export function createFeatureMemory(): Region {
  return regionOf(new ArrayBuffer(MOST));
}

/**
 * VFIO_DEVICE_FEATURE with a payload that is in the memory already, from {@linkcode PAYLOAD} on.
 *
 * @param flags A feature with bits of `FEATURE_OP`
 * @param size The payload's, in bytes
 * @returns 0 or more, or a negative errno; the answer is where the payload was
 */
export function callFeature(fd: number, memory: Region, flags: number, size: number): number {
  writeFeatureHeader(memory.view, 0, FEATURE_SIZE.HEADER + size, flags);
  return ioctl(fd, VFIO_IOCTL.DEVICE_FEATURE, memory.pointer);
}

/** Whether a device would serve such a request: 0, or a negative errno. Nothing is done. */
export function probeFeature(fd: number, memory: Region, flags: number): number {
  return callFeature(fd, memory, flags | FEATURE_OP.PROBE, 0);
}
