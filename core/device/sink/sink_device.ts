import {
  close,
  createIovecs,
  ERRNO,
  ftruncate,
  type Iovecs,
  lseek,
  OPEN,
  open,
  type Region,
  rename,
  SEEK,
  setIovec,
  unlink,
  write,
  writev,
} from "../../libc/mod.ts";
import { DEVICE_STATE, type DeviceState, MIGRATION, transitionPath } from "../../vfio/mod.ts";
import type { Device } from "../device.ts";

const { RUNNING, RESUMING } = DEVICE_STATE;

/** A sink as plain data, from thread to thread. Its fd is the process's. */
export interface SinkHandover {
  readonly kind: "sink";
  readonly id: string;
  readonly path: string | null;
  readonly fd: number;
  readonly state: DeviceState;
  readonly hadSession: boolean;
}

/** What a state that is not whole yet has at its file's end. */
const PART = ".part";

/**
 * A destination that is no device: it takes whatever comes and says yes. What comes goes to /dev/null, or to a
 * file, which then holds the bytes of one data_fd from beginning to end. Nothing is verified.
 *
 * A file stands under another name until RESUMING is left, so that one of that name is always whole.
 */
export class SinkDevice implements Device {
  readonly id: string;
  readonly migrationFlags = MIGRATION.STOP_COPY | MIGRATION.P2P | MIGRATION.PRE_COPY;
  #path: string | null;
  #fd: number;
  #state: DeviceState = RUNNING;
  #hadSession = false;
  #iovecs: Iovecs = createIovecs(1);

  private constructor(id: string, path: string | null, fd: number) {
    this.id = id;
    this.#path = path;
    this.#fd = fd;
  }

  /**
   * Opens a sink.
   *
   * @param path The file that gets the state; null: none does
   * @returns The sink, or a negative errno
   */
  static open(id: string, path: string | null): SinkDevice | number {
    const fd = path === null
      ? open("/dev/null", OPEN.O_WRONLY)
      : open(path + PART, OPEN.O_WRONLY | OPEN.O_CREAT | OPEN.O_TRUNC);
    return fd < 0 ? fd : new SinkDevice(id, path, fd);
  }

  /** The device that another thread handed over (see `MovableDevice`). */
  static takeOver(handover: SinkHandover): SinkDevice {
    const device = new SinkDevice(handover.id, handover.path, handover.fd);
    device.takeBack(handover);
    return device;
  }

  handOver(): SinkHandover {
    return {
      kind: "sink",
      id: this.id,
      path: this.#path,
      fd: this.#fd,
      state: this.#state,
      hadSession: this.#hadSession,
    };
  }

  takeBack(handover: SinkHandover): void {
    this.#path = handover.path;
    this.#fd = handover.fd;
    this.#state = handover.state;
    this.#hadSession = handover.hadSession;
  }

  getState(): DeviceState {
    return this.#state;
  }

  setState(state: DeviceState): number {
    if (this.#fd < 0) return -ERRNO.EBADF;
    const path = transitionPath(this.migrationFlags, this.#state, state);
    if (path === null) return -ERRNO.EINVAL;
    for (const next of path) {
      const result = next === RESUMING ? this.#begin() : this.#state === RESUMING ? this.#end() : 0;
      if (result < 0) return result;
      this.#state = next;
    }
    return 0;
  }

  setPrecopyInfoV2(): number {
    return -ERRNO.ENOTTY;
  }

  getDataSize(): number {
    return -ERRNO.ENOTTY;
  }

  getPrecopyInfo(): number {
    return -ERRNO.ENOTTY;
  }

  read(): number {
    return -ERRNO.EBADF;
  }

  write(region: Region | null, offset: number, length: number): number {
    if (this.#fd < 0 || this.#state !== RESUMING) {
      return this.#fd >= 0 && this.#hadSession ? -ERRNO.ENODEV : -ERRNO.EBADF;
    }
    if (region === null) return length;
    if (offset === 0) return write(this.#fd, region.pointer, length);
    setIovec(this.#iovecs, 0, region.address + offset, length);
    return writev(this.#fd, this.#iovecs.pointer, 1);
  }

  reset(): number {
    if (this.#fd < 0) return -ERRNO.EBADF;
    this.#state = RUNNING;
    return 0;
  }

  image(): null {
    return null;
  }

  close(): void {
    if (this.#fd < 0) return;
    close(this.#fd);
    this.#fd = -1;
    // What is there under that name is of a state that did not come to its end.
    if (this.#path !== null) unlink(this.#path + PART);
  }

  #begin(): number {
    this.#hadSession = true;
    if (this.#path === null) return 0;
    const result = ftruncate(this.#fd, 0);
    return result < 0 ? result : lseek(this.#fd, 0, SEEK.SEEK_SET);
  }

  #end(): number {
    return this.#path === null ? 0 : rename(this.#path + PART, this.#path);
  }
}
