import type { Region } from "../../libc/mod.ts";
import type { MmapArea } from "../../vfio/region/mod.ts";
import type { DeviceImage } from "../device.ts";

/**
 * A migratable VFIO device with a migration region (protocol version 1) as its user meets it: the calls the
 * kernel offers, each giving 0 or more on success and a negative errno on failure, none throwing.
 *
 * Registers are accessed through a view of 8 bytes that the caller keeps; data goes between the data section
 * and a region, through a mapped window or by the calls here.
 */
export interface RegionDevice {
  readonly id: string;
  /** The migration region's size in bytes, header included. */
  readonly regionSize: number;
  /** What of the region can be mapped; empty where all data has to take the slow path. */
  readonly mmapAreas: readonly MmapArea[];
  /** The areas as they are mapped, in the same order; empty before `map`, and where there is none. */
  readonly dataWindows: readonly DataWindow[];
  /** Whether the IOMMU behind the device can track dirty pages: without, QEMU blocks migration. */
  readonly canTrackDirtyPages: boolean;
  /** pread(2) of one register into the view's start: `length` bytes, or a negative errno. */
  readRegion(view: DataView, offset: number, length: number): number;
  /** pwrite(2) of one register from the view's start: `length` bytes, or a negative errno. */
  writeRegion(view: DataView, offset: number, length: number): number;
  /**
   * pread(2) in the data section: `length` bytes from `offset` in the migration region, to `at` in the given
   * region, which is null where no bytes move (virtual clock). Returns how many.
   */
  readData(region: Region | null, at: number, offset: number, length: number): number;
  /** pwrite(2) in the data section: the same, the other way. */
  writeData(region: Region | null, at: number, offset: number, length: number): number;
  /** Maps all of `mmapAreas`; 0 or a negative errno, with nothing mapped. */
  map(): number;
  unmap(): void;
  /** VFIO_IOMMU_DIRTY_PAGES with START or STOP. */
  dirtyPages(flags: number): number;
  /** VFIO_DEVICE_RESET: RUNNING, whatever was loaded or saved forgotten. The only way out of the error marker. */
  reset(): number;
  /** What the device holds once a migration is over; null where there are no bytes. */
  image(): DeviceImage | null;
  /** Closes every fd. Further calls answer -EBADF. */
  close(): void;
}

/** A mapped part of the migration region. */
export interface DataWindow {
  /** Where it lies in the migration region, in bytes. */
  readonly offset: number;
  readonly length: number;
  /** The bytes themselves; null where none move (virtual clock). */
  readonly region: Region | null;
}

/** Tells a device of version 1 from one of version 2. */
export function isRegionDevice<T extends object>(device: T | RegionDevice): device is RegionDevice {
  return "regionSize" in device;
}
