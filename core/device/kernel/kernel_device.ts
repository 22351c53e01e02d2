import {
  close,
  createIovecs,
  ERRNO,
  ioctl,
  type Iovecs,
  noteFd,
  POLL,
  poll,
  read,
  type Region,
  regionOf,
  setIovec,
  setNonBlocking,
  write,
  writev,
} from "../../libc/mod.ts";
import {
  DEVICE_STATE,
  type DeviceState,
  FEATURE,
  FEATURE_OP,
  FEATURE_SIZE,
  isDeviceState,
  opensSession,
  PRECOPY_INFO_SIZE,
  type PrecopyInfo,
  readMigDataFd,
  readMigDeviceState,
  readPrecopyInfo,
  readStopCopyLength,
  type SessionSide,
  sessionSide,
  VFIO_IOCTL,
  writeMigDeviceState,
  writePrecopyInfo,
} from "../../vfio/mod.ts";
import type { DataSize, Device } from "../device.ts";
import { bringBack } from "./bring_back.ts";
import { callFeature, createFeatureMemory, PAYLOAD } from "./feature_call.ts";

const { GET, SET } = FEATURE_OP;
const { STOP_COPY, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;

/** How long one poll(2) waits before it is looked whether the wait is still wanted. */
const POLL_SLICE_MS = 100;

/** A kernel device as plain data, from thread to thread. Its fds are the process's. */
export interface KernelHandover {
  readonly kind: "kernel";
  readonly options: KernelDeviceOptions;
  readonly session: KernelSession;
}

/** The data transfer session that a device is in. */
interface KernelSession {
  /** -1 where there is none. */
  readonly dataFd: number;
  readonly side: SessionSide | null;
  /** Whether there has been one: its end is another answer than its absence. */
  readonly had: boolean;
}

export interface KernelDeviceOptions {
  readonly id: string;
  /** An open device, which this one owns from here on. */
  readonly deviceFd: number;
  /** Every fd of it, in the order in which they are closed. */
  readonly fds: readonly number[];
  /** Bits of `MIGRATION` that it says, or fewer: what is left out is not used. */
  readonly migrationFlags: number;
  /** How long a read may wait for a driver that has nothing ready yet. */
  readonly waitMs: number;
  /** One word: not 0 once nobody wants to wait any more. */
  readonly cancel: SharedArrayBuffer | null;
}

const NO_SESSION: KernelSession = { dataFd: -1, side: null, had: false };

/**
 * A device of the kernel. Reads and writes go straight between the data_fd and the caller's memory.
 *
 * A read cannot be called off, so a driver is not let block in one: the read end is put into O_NONBLOCK, and
 * what is not ready yet is waited for with poll(2), no longer than `waitMs`. A driver that ignores O_NONBLOCK
 * still blocks for as long as it likes, and so does every ioctl: a change of state ends when the firmware is done.
 *
 * `image` is null: nobody but the driver knows what is in a device. It verifies at RESUMING -> STOP.
 */
export class KernelDevice implements Device {
  readonly id: string;
  readonly migrationFlags: number;
  #options: KernelDeviceOptions;
  #session: KernelSession = NO_SESSION;
  #closed = false;
  #feature: Region = createFeatureMemory();
  #info: Region = regionOf(new ArrayBuffer(PRECOPY_INFO_SIZE));
  #iovecs: Iovecs = createIovecs(1);
  #cancel: Int32Array | null;

  constructor(options: KernelDeviceOptions) {
    this.id = options.id;
    this.migrationFlags = options.migrationFlags;
    this.#options = options;
    this.#cancel = options.cancel === null ? null : new Int32Array(options.cancel);
  }

  /** The device that another thread handed over (see `MovableDevice`). */
  static takeOver(handover: KernelHandover): KernelDevice {
    const device = new KernelDevice(handover.options);
    device.takeBack(handover);
    return device;
  }

  handOver(): KernelHandover {
    return { kind: "kernel", options: this.#options, session: this.#session };
  }

  takeBack(handover: KernelHandover): void {
    this.#session = handover.session;
  }

  /** GET MIG_DEVICE_STATE; ERROR too where the device does not answer, which `setState` gives the errno of. */
  getState(): DeviceState {
    const state = this.#askState();
    return isDeviceState(state) ? state : DEVICE_STATE.ERROR;
  }

  setState(state: DeviceState): number {
    const from = this.#askState();
    if (from < 0) return from;
    if (!isDeviceState(from)) return -ERRNO.EPROTO;
    if (from === state) return 0;
    if (isBlocked(from, state)) return -ERRNO.EINVAL;
    writeMigDeviceState(this.#feature.view, PAYLOAD, state, -1);
    const result = this.#callFeature(FEATURE.MIG_DEVICE_STATE | SET, FEATURE_SIZE.MIG_DEVICE_STATE);
    if (result < 0) {
      this.#afterFailure();
      return result;
    }
    return this.#arrived(from, state, readMigDataFd(this.#feature.view, PAYLOAD));
  }

  setPrecopyInfoV2(): number {
    return this.#callFeature(FEATURE.MIG_PRECOPY_INFOv2 | SET, FEATURE_SIZE.MIG_PRECOPY_INFOv2);
  }

  getDataSize(out: DataSize): number {
    const result = this.#callFeature(FEATURE.MIG_DATA_SIZE | GET, FEATURE_SIZE.MIG_DATA_SIZE);
    if (result < 0) return result;
    out.stopCopyLength = readStopCopyLength(this.#feature.view, PAYLOAD);
    return 0;
  }

  getPrecopyInfo(out: PrecopyInfo): number {
    const { dataFd } = this.#session;
    if (dataFd < 0) return this.#noSession();
    writePrecopyInfo(this.#info.view, 0, out);
    const result = ioctl(dataFd, VFIO_IOCTL.MIG_GET_PRECOPY_INFO, this.#info.pointer);
    if (result < 0) return result;
    readPrecopyInfo(this.#info.view, 0, out);
    return 0;
  }

  read(region: Region | null, length: number): number {
    const { dataFd, side } = this.#session;
    if (dataFd < 0) return this.#noSession();
    if (side !== "saving") return -ERRNO.EBADF;
    if (region === null) return -ERRNO.EFAULT;
    for (;;) {
      const n = read(dataFd, region.pointer, length);
      if (n === -ERRNO.EAGAIN) {
        const waited = this.#awaitData(dataFd);
        if (waited < 0) return waited;
      } else if (n !== -ERRNO.EINTR) return n;
    }
  }

  write(region: Region | null, offset: number, length: number): number {
    const { dataFd, side } = this.#session;
    if (dataFd < 0) return this.#noSession();
    if (side !== "resuming") return -ERRNO.EBADF;
    if (region === null) return -ERRNO.EFAULT;
    if (offset === 0) return write(dataFd, region.pointer, length);
    setIovec(this.#iovecs, 0, region.address + offset, length);
    return writev(dataFd, this.#iovecs.pointer, 1);
  }

  reset(): number {
    if (this.#closed) return -ERRNO.EBADF;
    const result = ioctl(this.#options.deviceFd, VFIO_IOCTL.DEVICE_RESET, null);
    if (result < 0) return result;
    this.#endSession();
    return 0;
  }

  bringBack(): string | null {
    return bringBack(this);
  }

  image(): null {
    return null;
  }

  close(): void {
    if (this.#closed) return;
    this.#endSession();
    this.#closed = true;
    for (const fd of this.#options.fds) close(fd);
  }

  #callFeature(flags: number, size: number): number {
    if (this.#closed) return -ERRNO.EBADF;
    return callFeature(this.#options.deviceFd, this.#feature, flags, size);
  }

  /** The number of the state, or a negative errno. */
  #askState(): number {
    writeMigDeviceState(this.#feature.view, PAYLOAD, DEVICE_STATE.ERROR, -1);
    const result = this.#callFeature(FEATURE.MIG_DEVICE_STATE | GET, FEATURE_SIZE.MIG_DEVICE_STATE);
    return result < 0 ? result : readMigDeviceState(this.#feature.view, PAYLOAD);
  }

  /** Takes in that the device is in a state now, and the data_fd that came with it. */
  #arrived(from: DeviceState, state: DeviceState, dataFd: number): number {
    const side = opensSession(from, state);
    if (side === null) {
      if (dataFd >= 0) close(dataFd); // a driver's mistake, but the fd is ours
      if (sessionSide(state) === null) this.#endSession();
      return 0;
    }
    this.#endSession();
    if (dataFd < 0) return -ERRNO.EPROTO;
    this.#session = { dataFd: noteFd(dataFd), side, had: true };
    if (side === "saving") setNonBlocking(dataFd, true);
    return 0;
  }

  /** A change of state that failed may have got part of the way, and out of the session. */
  #afterFailure(): void {
    const state = this.#askState();
    const left = isDeviceState(state) ? sessionSide(state) : null;
    if (left !== this.#session.side) this.#endSession();
  }

  #endSession(): void {
    const { dataFd, had } = this.#session;
    if (dataFd >= 0) close(dataFd);
    this.#session = { dataFd: -1, side: null, had };
  }

  /** The kernel's answer to a data_fd whose session is over, or that there never was. */
  #noSession(): number {
    return this.#closed || !this.#session.had ? -ERRNO.EBADF : -ERRNO.ENODEV;
  }

  /** Waits until the driver has something to read, or for as long as is allowed. */
  #awaitData(dataFd: number): number {
    const { waitMs } = this.#options;
    for (let waited_ms = 0; waited_ms < waitMs; waited_ms += POLL_SLICE_MS) {
      const events = poll(dataFd, POLL.POLLIN, Math.min(POLL_SLICE_MS, waitMs - waited_ms));
      if (events > 0) return 0;
      if (events < 0 && events !== -ERRNO.EINTR) return events;
      if (this.#cancel !== null && Atomics.load(this.#cancel, 0) !== 0) return -ERRNO.ECANCELED;
    }
    return -ERRNO.ETIMEDOUT;
  }
}

/** The requests that no way leads to: some kernels never return from them, so they are answered here. */
function isBlocked(from: DeviceState, state: DeviceState): boolean {
  return from === STOP_COPY && (state === PRE_COPY || state === PRE_COPY_P2P);
}
