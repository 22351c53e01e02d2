import type { Region } from "../libc/mod.ts";
import type { StreamVerdict } from "./replayed/stream_verdict.ts";
import type { DeviceState, PrecopyInfo } from "../vfio/mod.ts";

/** The answer to MIG_DATA_SIZE. */
export interface DataSize {
  /** A u64 as `core/vfio` holds it: bit 63 set is a small negative number. */
  stopCopyLength: number;
}

/**
 * A migratable VFIO device as its user meets it: the calls the kernel offers, each giving 0 or more on
 * success and a negative errno on failure, none throwing. There is one data_fd at a time, opened and
 * ended by the arcs of `core/vfio`, so `read` and `write` need no fd.
 *
 * What is behind it may be a simulated device, a recording, or the kernel.
 */
export interface Device {
  readonly id: string;
  /** VFIO_DEVICE_FEATURE_MIGRATION: the MIGRATION flags. */
  readonly migrationFlags: number;
  /** GET MIG_DEVICE_STATE. */
  getState(): DeviceState;
  /**
   * SET MIG_DEVICE_STATE; returns only when the state is fully reached. On failure the device is left at
   * the step it got to, which `getState` tells.
   */
  setState(state: DeviceState): number;
  /** SET MIG_PRECOPY_INFOv2; -ENOTTY where the kernel does not know it. */
  setPrecopyInfoV2(): number;
  /** GET MIG_DATA_SIZE, in any state. */
  getDataSize(out: DataSize): number;
  /** VFIO_MIG_GET_PRECOPY_INFO on the data_fd. */
  getPrecopyInfo(out: PrecopyInfo): number;
  /**
   * read(2) on the data_fd into the region's start. Where no bytes move (virtual clock) `region` is null,
   * and the call may stand for several: `calls` reads of `length` each, answered with their sum.
   */
  read(region: Region | null, length: number, calls?: number): number;
  /** write(2) on the data_fd from `offset` in the region; may take fewer bytes than offered. */
  write(region: Region | null, offset: number, length: number): number;
  /** VFIO_DEVICE_RESET: RUNNING, any session over, whatever was loaded or saved forgotten. */
  reset(): number;
  /** Of a real device: RUNNING again after a trial, as it was found; null, or what keeps it from that. */
  bringBack?(): string | null;
  /** What the device holds once a migration is over, to compare source with destination; null where there are no bytes. */
  image(): DeviceImage | null;
  /** Closes every fd. Further calls answer -EBADF. */
  close(): void;
}

/** Bytes that must be the same on both sides: `length` bytes of `fd` from its start. */
export interface DeviceImage {
  readonly fd: number;
  readonly length: number;
  /**
   * Of a device that compared what it was given as it came and kept none of it: its verdict, which stands
   * for a comparison with `fd`.
   */
  readonly checked?: StreamVerdict;
}
