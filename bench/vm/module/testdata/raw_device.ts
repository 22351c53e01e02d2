import {
  callFeature,
  createFeatureMemory,
  type OpenedDevice,
  PAYLOAD,
} from "../../../../core/device/kernel/mod.ts";
import type { DataSize, Device } from "../../../../core/device/mod.ts";
import {
  close,
  createIovecs,
  ioctl,
  read,
  type Region,
  regionOf,
  setIovec,
  writev,
} from "../../../../core/libc/mod.ts";
import {
  type DeviceState,
  FEATURE,
  FEATURE_OP,
  FEATURE_SIZE,
  PRECOPY_INFO_SIZE,
  type PrecopyInfo,
  readMigDataFd,
  readMigDeviceState,
  readMigrationFlags,
  readPrecopyInfo,
  readStopCopyLength,
  VFIO_IOCTL,
  writeMigDeviceState,
  writePrecopyInfo,
} from "../../../../core/vfio/mod.ts";

const { GET, SET } = FEATURE_OP;

/**
 * A kernel device with nothing between its caller and the system calls: whatever is asked is asked of the
 * kernel, in any state, of the last data_fd there was.
 */
export class RawDevice implements Device {
  readonly id: string;
  readonly migrationFlags: number;
  readonly deviceFd: number;
  /** The last data_fd that a state set gave; kept when its session is over, -1 before the first. */
  dataFd = -1;
  readonly #fds: readonly number[];
  readonly #feature: Region = createFeatureMemory();
  readonly #info: Region = regionOf(new ArrayBuffer(PRECOPY_INFO_SIZE));
  readonly #iovecs = createIovecs(1);
  #closed = false;

  constructor(id: string, { deviceFd, fds }: OpenedDevice) {
    this.id = id;
    this.deviceFd = deviceFd;
    this.#fds = fds;
    this.#call(FEATURE.MIGRATION | GET, FEATURE_SIZE.MIGRATION);
    this.migrationFlags = readMigrationFlags(this.#feature.view, PAYLOAD);
  }

  /** What GET MIG_DEVICE_STATE answers: a state, or a negative errno. */
  askState(): number {
    const result = this.#call(FEATURE.MIG_DEVICE_STATE | GET, FEATURE_SIZE.MIG_DEVICE_STATE);
    return result < 0 ? result : readMigDeviceState(this.#feature.view, PAYLOAD);
  }

  getState(): DeviceState {
    return this.askState() as DeviceState;
  }

  setState(state: number): number {
    writeMigDeviceState(this.#feature.view, PAYLOAD, state as DeviceState, -1);
    const result = this.#call(FEATURE.MIG_DEVICE_STATE | SET, FEATURE_SIZE.MIG_DEVICE_STATE);
    const dataFd = readMigDataFd(this.#feature.view, PAYLOAD);
    if (result < 0 || dataFd < 0) return result;
    this.closeData();
    this.dataFd = dataFd;
    return 0;
  }

  setPrecopyInfoV2(): number {
    return this.#call(FEATURE.MIG_PRECOPY_INFOv2 | SET, FEATURE_SIZE.MIG_PRECOPY_INFOv2);
  }

  getDataSize(out: DataSize): number {
    const result = this.#call(FEATURE.MIG_DATA_SIZE | GET, FEATURE_SIZE.MIG_DATA_SIZE);
    if (result >= 0) out.stopCopyLength = readStopCopyLength(this.#feature.view, PAYLOAD);
    return result;
  }

  getPrecopyInfo(out: PrecopyInfo): number {
    writePrecopyInfo(this.#info.view, 0, out);
    const result = ioctl(this.dataFd, VFIO_IOCTL.MIG_GET_PRECOPY_INFO, this.#info.pointer);
    if (result >= 0) readPrecopyInfo(this.#info.view, 0, out);
    return result;
  }

  read(region: Region, length: number): number {
    return read(this.dataFd, region.pointer, length);
  }

  write(region: Region, offset: number, length: number): number {
    setIovec(this.#iovecs, 0, region.address + offset, length);
    return writev(this.dataFd, this.#iovecs.pointer, 1);
  }

  reset(): number {
    return ioctl(this.deviceFd, VFIO_IOCTL.DEVICE_RESET, null);
  }

  image(): null {
    return null;
  }

  /** Closes the data_fd alone. */
  closeData(): void {
    if (this.dataFd >= 0) close(this.dataFd);
    this.dataFd = -1;
  }

  /** Closes the device and what it was reached through; the data_fd only if asked to. */
  close(alsoData = true): void {
    if (alsoData) this.closeData();
    if (this.#closed) return;
    this.#closed = true;
    for (const fd of this.#fds) close(fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #call(flags: number, size: number): number {
    return callFeature(this.deviceFd, this.#feature, flags, size);
  }
}
