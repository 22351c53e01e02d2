import {
  close,
  createIovecs,
  ERRNO,
  type Iovecs,
  lseek,
  OPEN,
  open,
  read,
  type Region,
  SEEK,
  setIovec,
  writev,
} from "../../libc/mod.ts";
import {
  DEVICE_STATE,
  type DeviceState,
  endsSession,
  inSavingGroup,
  opensSession,
  PRECOPY_INFO,
  type PrecopyInfo,
  transitionPath,
} from "../../vfio/mod.ts";
import { createStateMemory } from "../simulated/state_memory.ts";
import type { DataSize, Device, DeviceImage } from "../device.ts";
import { isEmptyRead, type RecordedCall, type Recording } from "./recording.ts";

const { PRE_COPY, PRE_COPY_P2P, STOP_COPY, RESUMING, RUNNING } = DEVICE_STATE;

/** A replayed device as plain data, from thread to thread. */
export interface ReplayedHandover {
  readonly kind: "replayed";
  readonly id: string;
  readonly recording: Recording;
  readonly fd: number;
  readonly state: DeviceState;
  readonly hadSession: boolean;
  readonly optedIn: boolean;
  readonly position: number;
  readonly nextRead: number;
  readonly nextInfo: number;
  readonly nextSize: number;
  readonly readLeft: number;
  readonly reinitMissed: boolean;
  readonly initialBytes: number;
  readonly dirtyBytes: number;
  readonly stopCopyLength: number;
}

/**
 * A recorded device. As a source it gives the recorded bytes in the recorded pieces and the recorded
 * answers; as a destination it takes the stream and refuses one that is too short or too long.
 *
 * The user of a replay need not ask exactly what was asked when it was recorded. A read passes over the
 * queries before it; a query is answered with the next recorded answer up to the next read, else with the
 * last one (that of a precopy info less what was read since). Whatever the order, the bytes come whole and in order: what was
 * precopied in the recording and is not yet read when the device is stopped comes first in STOP_COPY.
 */
export class ReplayedDevice implements Device {
  readonly id: string;
  readonly migrationFlags: number;
  #recording: Recording;
  #state: DeviceState = RUNNING;
  #hadSession = false;
  #optedIn = false;
  #fd: number;
  #iovecs: Iovecs = createIovecs(1);
  /** The file's bytes given or taken so far. */
  #position = 0;
  /** The next recorded call of each kind that has not been used. */
  #nextRead = 0;
  #nextInfo = 0;
  #nextSize = 0;
  /** What is left of a recorded read larger than the buffer it was read into. */
  #readLeft = 0;
  #reinitMissed = false;
  #initialBytes = 0;
  #dirtyBytes = 0;
  #stopCopyLength: number;

  private constructor(id: string, recording: Recording, fd: number) {
    this.id = id;
    this.migrationFlags = recording.migrationFlags;
    this.#recording = recording;
    this.#stopCopyLength = recording.length;
    this.#fd = fd;
  }

  /** The device to migrate from, or a negative errno. */
  static source(id: string, recording: Recording): ReplayedDevice | number {
    const fd = open(recording.dataPath, OPEN.O_RDONLY | OPEN.O_CLOEXEC, 0);
    return fd < 0 ? fd : new ReplayedDevice(id, recording, fd);
  }

  /** A device to migrate to, or a negative errno. */
  static destination(id: string, recording: Recording): ReplayedDevice | number {
    const memory = createStateMemory(id, recording.length);
    return typeof memory === "number" ? memory : new ReplayedDevice(id, recording, memory.fd);
  }

  /** The device that another thread handed over (see `MovableDevice`). */
  static takeOver(handover: ReplayedHandover): ReplayedDevice {
    const device = new ReplayedDevice(handover.id, handover.recording, handover.fd);
    device.takeBack(handover);
    return device;
  }

  handOver(): ReplayedHandover {
    return {
      kind: "replayed",
      id: this.id,
      recording: this.#recording,
      fd: this.#fd,
      state: this.#state,
      hadSession: this.#hadSession,
      optedIn: this.#optedIn,
      position: this.#position,
      nextRead: this.#nextRead,
      nextInfo: this.#nextInfo,
      nextSize: this.#nextSize,
      readLeft: this.#readLeft,
      reinitMissed: this.#reinitMissed,
      initialBytes: this.#initialBytes,
      dirtyBytes: this.#dirtyBytes,
      stopCopyLength: this.#stopCopyLength,
    };
  }

  takeBack(handover: ReplayedHandover): void {
    this.#state = handover.state;
    this.#hadSession = handover.hadSession;
    this.#optedIn = handover.optedIn;
    this.#position = handover.position;
    this.#nextRead = handover.nextRead;
    this.#nextInfo = handover.nextInfo;
    this.#nextSize = handover.nextSize;
    this.#readLeft = handover.readLeft;
    this.#reinitMissed = handover.reinitMissed;
    this.#initialBytes = handover.initialBytes;
    this.#dirtyBytes = handover.dirtyBytes;
    this.#stopCopyLength = handover.stopCopyLength;
  }

  getState(): DeviceState {
    return this.#state;
  }

  setState(state: DeviceState): number {
    if (this.#fd < 0) return -ERRNO.EBADF;
    const path = transitionPath(this.migrationFlags, this.#state, state);
    if (path === null) return -ERRNO.EINVAL;
    for (const next of path) {
      const from = this.#state;
      if (from === RESUMING && this.#position !== this.#recording.length) return -ERRNO.EINVAL;
      if (endsSession(from, next)) this.#endSession();
      if (opensSession(from, next) !== null) this.#rewind();
      this.#state = next;
    }
    return 0;
  }

  setPrecopyInfoV2(): number {
    if (this.#fd < 0) return -ERRNO.EBADF;
    if (!this.#recording.precopyInfoV2) return -ERRNO.ENOTTY;
    this.#optedIn = true;
    return 0;
  }

  getDataSize(out: DataSize): number {
    if (this.#fd < 0) return -ERRNO.EBADF;
    const found = this.#readLeft > 0 ? -1 : this.#find("size", this.#nextSize);
    const call = this.#recording.calls[found];
    if (call?.call === "size") {
      this.#nextSize = found + 1;
      if (call.result < 0) return call.result;
      this.#stopCopyLength = call.stopCopyLength;
    }
    out.stopCopyLength = this.#stopCopyLength;
    return 0;
  }

  getPrecopyInfo(out: PrecopyInfo): number {
    if (!this.#hasSession()) return this.#noSession();
    if (this.#state !== PRE_COPY && this.#state !== PRE_COPY_P2P) return -ERRNO.EINVAL;
    let reinit = this.#reinitMissed;
    const found = this.#readLeft > 0 ? -1 : this.#find("info", this.#nextInfo);
    const call = this.#recording.calls[found];
    if (call?.call === "info") {
      this.#nextInfo = found + 1;
      if (call.result < 0) return call.result;
      this.#initialBytes = call.initialBytes;
      this.#dirtyBytes = call.dirtyBytes;
      reinit ||= (call.flags & PRECOPY_INFO.REINIT) !== 0;
    }
    this.#reinitMissed = false;
    // A recording made with the opt-in says REINIT; who has not opted in must not hear of it.
    if (this.#optedIn) out.flags = reinit ? PRECOPY_INFO.REINIT : 0;
    out.initialBytes = this.#initialBytes;
    out.dirtyBytes = this.#dirtyBytes;
    return 0;
  }

  read(region: Region | null, length: number): number {
    if (!this.#hasSession()) return this.#noSession();
    if (this.#state === RESUMING) return -ERRNO.EBADF;
    if (this.#readLeft === 0) {
      const result = this.#takeRead();
      if (result <= 0) return result;
      this.#readLeft = result;
    }
    const wanted = Math.min(this.#readLeft, length);
    const n = region === null ? wanted : read(this.#fd, region.pointer, wanted);
    if (n === 0 && wanted > 0) return -ERRNO.EIO; // the file has shrunk under us
    if (n > 0) this.#given(n);
    return n;
  }

  write(region: Region | null, offset: number, length: number): number {
    if (!this.#hasSession()) return this.#noSession();
    if (this.#state !== RESUMING) return -ERRNO.EBADF;
    if (this.#position + length > this.#recording.length) return -ERRNO.ENOMEM;
    let n = length;
    if (region !== null) {
      setIovec(this.#iovecs, 0, region.address + offset, length);
      n = writev(this.#fd, this.#iovecs.pointer, 1);
    }
    if (n > 0) this.#position += n;
    return n;
  }

  reset(): number {
    if (this.#fd < 0) return -ERRNO.EBADF;
    if (this.#hasSession()) this.#endSession();
    this.#state = RUNNING;
    // The opt-in stays: the kernel keeps it until the device is opened again.
    return 0;
  }

  image(): DeviceImage | null {
    return this.#fd < 0 ? null : { fd: this.#fd, length: this.#recording.length };
  }

  close(): void {
    if (this.#fd >= 0) close(this.#fd);
    this.#fd = -1;
  }

  /** Goes to the next recorded read and takes it: its size, 0 or a negative errno. */
  #takeRead(): number {
    const { calls, emptyRead } = this.#recording;
    const stopped = this.#state === STOP_COPY;
    for (let i = this.#nextRead; i < calls.length; i++) {
      const call = calls[i];
      if (call === undefined) break;
      // In PRE_COPY what the recording has from STOP_COPY is not there yet.
      if (!stopped && call.call === "state" && call.state === STOP_COPY) break;
      if (call.call !== "read") continue;
      // ENOMSG never comes in STOP_COPY, and a 0 is the end only where no bytes follow.
      const empty = isEmptyRead(call.result);
      if (stopped && empty && !this.#isEnd(i)) continue;
      this.#passQueries(i);
      this.#nextRead = i + 1;
      if (empty) this.#emptied();
      return stopped && empty ? 0 : call.result;
    }
    this.#emptied();
    return stopped ? 0 : emptyRead;
  }

  /** Whether no recorded read after this one gives bytes. */
  #isEnd(index: number): boolean {
    const { calls } = this.#recording;
    for (let i = index + 1; i < calls.length; i++) {
      const call = calls[i];
      if (call?.call === "read" && call.result > 0) return false;
    }
    return true;
  }

  /** Queries recorded before the read at `index` that nobody asked: the last sizes and any REINIT are kept. */
  #passQueries(index: number): void {
    for (let i = Math.min(this.#nextInfo, this.#nextSize); i < index; i++) {
      const call = this.#recording.calls[i];
      if (call?.call === "size" && call.result >= 0 && i >= this.#nextSize) {
        this.#stopCopyLength = call.stopCopyLength;
      }
      if (call?.call !== "info" || call.result < 0 || i < this.#nextInfo) continue;
      this.#initialBytes = call.initialBytes;
      this.#dirtyBytes = call.dirtyBytes;
      if ((call.flags & PRECOPY_INFO.REINIT) !== 0) this.#reinitMissed = true;
    }
    this.#nextInfo = Math.max(this.#nextInfo, index);
    this.#nextSize = Math.max(this.#nextSize, index);
  }

  /** The next recorded query of this kind, not going past a read or a state that is not reached; or -1. */
  #find(kind: RecordedCall["call"], from: number): number {
    const { calls } = this.#recording;
    const start = Math.max(from, this.#nextRead);
    for (let i = start; i < calls.length; i++) {
      const call = calls[i];
      if (call?.call === kind) return i;
      if (call?.call === "read") return -1;
      if (call?.call === "state" && !this.#reached(call.state)) return -1;
    }
    return -1;
  }

  /** Whether the replay has come as far as this recorded change of state. */
  #reached(state: DeviceState): boolean {
    if (state === this.#state || state === PRE_COPY) return true;
    return state === PRE_COPY_P2P && this.#state === STOP_COPY;
  }

  #given(n: number): void {
    this.#position += n;
    this.#readLeft -= n;
    const initial = Math.min(n, this.#initialBytes);
    this.#initialBytes -= initial;
    this.#dirtyBytes -= Math.min(n - initial, this.#dirtyBytes);
  }

  #emptied(): void {
    this.#initialBytes = 0;
    this.#dirtyBytes = 0;
  }

  #endSession(): void {
    this.#hadSession = true;
    // Outside a session the size is again that of the recording's start.
    this.#nextRead = 0;
    this.#nextInfo = 0;
    this.#nextSize = 0;
    this.#readLeft = 0;
    this.#reinitMissed = false;
    this.#emptied();
  }

  #rewind(): void {
    this.#position = 0;
    lseek(this.#fd, 0, SEEK.SEEK_SET);
  }

  #hasSession(): boolean {
    return this.#fd >= 0 && (inSavingGroup(this.#state) || this.#state === RESUMING);
  }

  #noSession(): number {
    return this.#fd < 0 || !this.#hadSession ? -ERRNO.EBADF : -ERRNO.ENODEV;
  }
}
