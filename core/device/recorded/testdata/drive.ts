import { type Region, regionOf } from "../../../libc/mod.ts";
import { DEVICE_STATE } from "../../../vfio/mod.ts";
import type { Device } from "../../device.ts";

const { PRE_COPY, PRE_COPY_P2P, STOP_COPY, STOP, RUNNING } = DEVICE_STATE;

/**
 * A saving session as a driver's user makes one: queries before, between and after the reads, precopy until
 * nothing comes, a stop by way of P2P, and everything to the end. Which calls it makes depends on the answers alone.
 */
export function driveSaving(device: Device, chunk: number, region: Region | null): void {
  const info = { flags: 0, initialBytes: 0, dirtyBytes: 0 };
  const size = { stopCopyLength: 0 };
  device.setPrecopyInfoV2();
  device.getDataSize(size);
  device.setState(PRE_COPY);
  device.getPrecopyInfo(info);
  for (let reads = 1; device.read(region, chunk) > 0; reads++) {
    if (reads % 3 === 0) device.getPrecopyInfo(info);
    if (reads % 7 === 0) device.getDataSize(size);
  }
  device.getPrecopyInfo(info);
  device.setState(PRE_COPY_P2P);
  device.getPrecopyInfo(info);
  device.setState(STOP_COPY);
  device.getPrecopyInfo(info); // refused
  device.getDataSize(size);
  while (device.read(region, chunk) > 0);
  device.setState(STOP);
  device.setState(RUNNING);
}

export function chunkRegion(chunk: number): Region {
  return regionOf(new ArrayBuffer(chunk));
}
