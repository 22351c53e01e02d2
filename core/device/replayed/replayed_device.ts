import { close, ERRNO, type Region } from "../../libc/mod.ts";
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
import type { Clock } from "../../clock/mod.ts";
import type { DataSize, Device, DeviceImage } from "../device.ts";
import {
  attachCallReader,
  CALL,
  callField,
  type CallKind,
  type CallReader,
  closeCallReader,
  FIELD,
  openCallReader,
  seekCall,
} from "./call_index.ts";
import {
  attachRecordedBytes,
  giveBytes,
  openRecordedBytes,
  type RecordedBytes,
  rewindBytes,
} from "./recorded_bytes.ts";
import { arcIndex, isEmptyRead, type Recording } from "./recording.ts";
import {
  beginCall,
  createPace,
  type ReplayPace,
  type ReplayTiming,
  takeAsLong,
} from "./replay_pace.ts";
import { checkStream, createStreamCheck, type StreamCheck } from "./stream_check.ts";
import { createVerdict, resetVerdict, type StreamVerdict } from "./stream_verdict.ts";

const { PRE_COPY, PRE_COPY_P2P, STOP_COPY, RESUMING, RUNNING } = DEVICE_STATE;

/** A replayed device as plain data, from thread to thread. */
export interface ReplayedHandover {
  readonly kind: "replayed";
  readonly id: string;
  readonly recording: Recording;
  /** The stream's bytes, and the calls. */
  readonly fd: number;
  readonly callsFd: number;
  readonly verdict: StreamVerdict | null;
  readonly speed: number | null;
  readonly owedNs: number;
  readonly state: DeviceState;
  readonly hadSession: boolean;
  readonly optedIn: boolean;
  readonly position: number;
  readonly nextRead: number;
  readonly nextInfo: number;
  readonly nextSize: number;
  readonly readLeft: number;
  readonly readNsPerByte: number;
  readonly reinitMissed: boolean;
  readonly initialBytes: number;
  readonly dirtyBytes: number;
  readonly stopCopyLength: number;
}

/**
 * A recorded device. As a source it gives the recorded bytes in the recorded pieces and the recorded
 * answers; as a destination it takes the stream, refuses one that is too short or too long, and compares it with
 * the recorded one as it comes. It keeps none of it: a state of any size costs no memory.
 *
 * The user of a replay need not ask exactly what was asked when it was recorded. A read passes over the
 * queries before it; a query is answered with the next recorded answer up to the next read, else with the
 * last one (that of a precopy info less what was read since). Whatever the order, the bytes come whole and in order: what was
 * precopied in the recording and is not yet read when the device is stopped comes first in STOP_COPY.
 *
 * With a timing each call takes as long as it did when it was recorded; a read of a part of a recorded one takes
 * that part of its time, an arc in more or fewer steps than the recorded ones the time of those it has in common.
 */
export class ReplayedDevice implements Device {
  readonly id: string;
  readonly migrationFlags: number;
  #recording: Recording;
  #state: DeviceState = RUNNING;
  #hadSession = false;
  #optedIn = false;
  #closed = false;
  #bytes: RecordedBytes;
  #calls: CallReader;
  /** Of a destination. */
  #check: StreamCheck | null;
  #pace: ReplayPace;
  /** The next recorded call of each kind that has not been used. */
  #nextRead = 0;
  #nextInfo = 0;
  #nextSize = 0;
  /** What is left of a recorded read larger than the buffer it was read into, and what a byte of it took. */
  #readLeft = 0;
  #readNsPerByte = 0;
  #reinitMissed = false;
  #initialBytes = 0;
  #dirtyBytes = 0;
  #stopCopyLength: number;

  private constructor(
    id: string,
    recording: Recording,
    parts: { bytes: RecordedBytes; calls: CallReader; verdict: StreamVerdict | null },
    timing: ReplayTiming | null,
  ) {
    this.id = id;
    this.migrationFlags = recording.migrationFlags;
    this.#recording = recording;
    this.#bytes = parts.bytes;
    this.#calls = parts.calls;
    this.#check = parts.verdict && createStreamCheck(parts.bytes, parts.verdict);
    this.#pace = createPace(timing);
    this.#stopCopyLength = recording.length;
  }

  /** The device to migrate from, or a negative errno. Without a timing its calls take what they take. */
  static source(
    id: string,
    recording: Recording,
    timing: ReplayTiming | null = null,
  ): ReplayedDevice | number {
    return ReplayedDevice.#open(id, recording, null, timing);
  }

  /** A device to migrate to, or a negative errno. */
  static destination(
    id: string,
    recording: Recording,
    timing: ReplayTiming | null = null,
  ): ReplayedDevice | number {
    return ReplayedDevice.#open(id, recording, createVerdict(), timing);
  }

  static #open(
    id: string,
    recording: Recording,
    verdict: StreamVerdict | null,
    timing: ReplayTiming | null,
  ): ReplayedDevice | number {
    const bytes = openRecordedBytes(recording);
    if (typeof bytes === "number") return bytes;
    const calls = openCallReader(recording.calls);
    if (typeof calls !== "number") {
      return new ReplayedDevice(id, recording, { bytes, calls, verdict }, timing);
    }
    close(bytes.fd);
    return calls;
  }

  /** The device that another thread handed over (see `MovableDevice`). */
  static takeOver(handover: ReplayedHandover, clock: Clock): ReplayedDevice {
    const { id, recording, verdict, speed } = handover;
    const bytes = attachRecordedBytes(handover.fd, recording, handover.position);
    const calls = attachCallReader({ fd: handover.callsFd, count: recording.calls.count });
    const timing = speed === null ? null : { clock, speed };
    const device = new ReplayedDevice(id, recording, { bytes, calls, verdict }, timing);
    device.takeBack(handover);
    return device;
  }

  handOver(): ReplayedHandover {
    return {
      kind: "replayed",
      id: this.id,
      recording: this.#recording,
      fd: this.#bytes.fd,
      callsFd: this.#calls.fd,
      verdict: this.#check?.verdict ?? null,
      speed: this.#pace.timing?.speed ?? null,
      owedNs: this.#pace.owedNs,
      state: this.#state,
      hadSession: this.#hadSession,
      optedIn: this.#optedIn,
      position: this.#bytes.position,
      nextRead: this.#nextRead,
      nextInfo: this.#nextInfo,
      nextSize: this.#nextSize,
      readLeft: this.#readLeft,
      readNsPerByte: this.#readNsPerByte,
      reinitMissed: this.#reinitMissed,
      initialBytes: this.#initialBytes,
      dirtyBytes: this.#dirtyBytes,
      stopCopyLength: this.#stopCopyLength,
    };
  }

  takeBack(handover: ReplayedHandover): void {
    this.#pace.owedNs = handover.owedNs;
    this.#state = handover.state;
    this.#hadSession = handover.hadSession;
    this.#optedIn = handover.optedIn;
    this.#bytes.position = handover.position;
    this.#nextRead = handover.nextRead;
    this.#nextInfo = handover.nextInfo;
    this.#nextSize = handover.nextSize;
    this.#readLeft = handover.readLeft;
    this.#readNsPerByte = handover.readNsPerByte;
    this.#reinitMissed = handover.reinitMissed;
    this.#initialBytes = handover.initialBytes;
    this.#dirtyBytes = handover.dirtyBytes;
    this.#stopCopyLength = handover.stopCopyLength;
  }

  getState(): DeviceState {
    return this.#state;
  }

  setState(state: DeviceState): number {
    if (this.#closed) return -ERRNO.EBADF;
    const path = transitionPath(this.migrationFlags, this.#state, state);
    if (path === null) return -ERRNO.EINVAL;
    const { sourceArcsNs, destinationArcsNs, length } = this.#recording;
    const arcsNs = this.#check === null ? sourceArcsNs : destinationArcsNs;
    for (const next of path) {
      const beganNs = beginCall(this.#pace);
      const from = this.#state;
      if (from === RESUMING && this.#bytes.position !== length) return -ERRNO.EINVAL;
      if (endsSession(from, next)) this.#endSession();
      if (opensSession(from, next) !== null) this.#rewind();
      this.#state = next;
      takeAsLong(this.#pace, beganNs, arcsNs[arcIndex(from, next)] ?? 0);
    }
    return 0;
  }

  setPrecopyInfoV2(): number {
    if (this.#closed) return -ERRNO.EBADF;
    if (!this.#recording.precopyInfoV2) return -ERRNO.ENOTTY;
    this.#optedIn = true;
    return 0;
  }

  getDataSize(out: DataSize): number {
    if (this.#closed) return -ERRNO.EBADF;
    const beganNs = beginCall(this.#pace);
    const found = this.#readLeft > 0 ? -1 : this.#find(CALL.SIZE, this.#nextSize);
    const call = seekCall(this.#calls, found);
    if (call >= 0) {
      this.#nextSize = found + 1;
      takeAsLong(this.#pace, beganNs, this.#field(call, FIELD.DURATION_NS));
      const result = this.#field(call, FIELD.RESULT);
      if (result < 0) return result;
      this.#stopCopyLength = this.#field(call, FIELD.FIRST);
    }
    out.stopCopyLength = this.#stopCopyLength;
    return 0;
  }

  getPrecopyInfo(out: PrecopyInfo): number {
    if (!this.#hasSession()) return this.#noSession();
    if (this.#state !== PRE_COPY && this.#state !== PRE_COPY_P2P) return -ERRNO.EINVAL;
    const beganNs = beginCall(this.#pace);
    let reinit = this.#reinitMissed;
    const found = this.#readLeft > 0 ? -1 : this.#find(CALL.INFO, this.#nextInfo);
    const call = seekCall(this.#calls, found);
    if (call >= 0) {
      this.#nextInfo = found + 1;
      takeAsLong(this.#pace, beganNs, this.#field(call, FIELD.DURATION_NS));
      const result = this.#field(call, FIELD.RESULT);
      if (result < 0) return result;
      this.#initialBytes = this.#field(call, FIELD.INITIAL);
      this.#dirtyBytes = this.#field(call, FIELD.DIRTY);
      reinit ||= (this.#field(call, FIELD.FIRST) & PRECOPY_INFO.REINIT) !== 0;
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
    const beganNs = beginCall(this.#pace);
    if (this.#readLeft === 0) {
      const result = this.#takeRead(beganNs);
      if (result <= 0) return result;
      this.#readLeft = result;
    }
    const wanted = Math.min(this.#readLeft, length);
    const n = region === null ? wanted : giveBytes(this.#bytes, region, wanted);
    if (region === null) this.#bytes.position += n;
    if (n <= 0) return n;
    this.#given(n);
    takeAsLong(this.#pace, beganNs, n * this.#readNsPerByte);
    return n;
  }

  write(region: Region | null, offset: number, length: number): number {
    if (!this.#hasSession()) return this.#noSession();
    if (this.#state !== RESUMING || this.#check === null) return -ERRNO.EBADF;
    if (this.#bytes.position + length > this.#recording.length) return -ERRNO.ENOMEM;
    const beganNs = beginCall(this.#pace);
    const n = region === null ? length : checkStream(this.#check, region, offset, length);
    if (region === null) this.#bytes.position += n;
    if (n > 0) takeAsLong(this.#pace, beganNs, n * this.#recording.writeNsPerByte);
    return n;
  }

  reset(): number {
    if (this.#closed) return -ERRNO.EBADF;
    if (this.#hasSession()) this.#endSession();
    this.#state = RUNNING;
    // The opt-in stays: the kernel keeps it until the device is opened again.
    return 0;
  }

  image(): DeviceImage | null {
    if (this.#closed) return null;
    const image = { fd: this.#bytes.fd, length: this.#recording.length };
    return this.#check === null ? image : { ...image, checked: this.#check.verdict };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    close(this.#bytes.fd);
    closeCallReader(this.#calls);
  }

  #field(at: number, field: number): number {
    return callField(this.#calls, at, field);
  }

  /** Goes to the next recorded read and takes it: its size, 0 or a negative errno. */
  #takeRead(beganNs: number): number {
    const { emptyRead } = this.#recording;
    const stopped = this.#state === STOP_COPY;
    for (let i = this.#nextRead;; i++) {
      const call = seekCall(this.#calls, i);
      if (call < 0) break;
      const kind = this.#field(call, FIELD.KIND);
      // In PRE_COPY what the recording has from STOP_COPY is not there yet.
      const isState = kind === CALL.STATE;
      if (!stopped && isState && this.#field(call, FIELD.FIRST) === STOP_COPY) break;
      if (kind !== CALL.READ) continue;
      const result = this.#field(call, FIELD.RESULT);
      const durationNs = this.#field(call, FIELD.DURATION_NS);
      // ENOMSG never comes in STOP_COPY, and a 0 is the end only where no bytes follow.
      const empty = isEmptyRead(result);
      if (stopped && empty && i < this.#recording.lastData) continue;
      this.#passQueries(i);
      this.#nextRead = i + 1;
      if (empty) this.#emptied();
      if (result > 0) this.#readNsPerByte = durationNs / result;
      else takeAsLong(this.#pace, beganNs, durationNs);
      return stopped && empty ? 0 : result;
    }
    this.#emptied();
    return stopped ? 0 : emptyRead;
  }

  /** Queries recorded before the read at `index` that nobody asked: the last sizes and any REINIT are kept. */
  #passQueries(index: number): void {
    for (let i = Math.min(this.#nextInfo, this.#nextSize); i < index; i++) {
      const call = seekCall(this.#calls, i);
      if (call < 0 || this.#field(call, FIELD.RESULT) < 0) continue;
      const kind = this.#field(call, FIELD.KIND);
      const first = this.#field(call, FIELD.FIRST);
      if (kind === CALL.SIZE && i >= this.#nextSize) this.#stopCopyLength = first;
      if (kind !== CALL.INFO || i < this.#nextInfo) continue;
      this.#initialBytes = this.#field(call, FIELD.INITIAL);
      this.#dirtyBytes = this.#field(call, FIELD.DIRTY);
      if ((first & PRECOPY_INFO.REINIT) !== 0) this.#reinitMissed = true;
    }
    this.#nextInfo = Math.max(this.#nextInfo, index);
    this.#nextSize = Math.max(this.#nextSize, index);
  }

  /** The next recorded query of this kind, not going past a read or a state that is not reached; or -1. */
  #find(wanted: CallKind, from: number): number {
    for (let i = Math.max(from, this.#nextRead);; i++) {
      const call = seekCall(this.#calls, i);
      if (call < 0) return -1;
      const kind = this.#field(call, FIELD.KIND);
      if (kind === wanted) return i;
      if (kind === CALL.READ) return -1;
      const isState = kind === CALL.STATE;
      if (isState && !this.#reached(this.#field(call, FIELD.FIRST) as DeviceState)) return -1;
    }
  }

  /** Whether the replay has come as far as this recorded change of state. */
  #reached(state: DeviceState): boolean {
    if (state === this.#state || state === PRE_COPY) return true;
    return state === PRE_COPY_P2P && this.#state === STOP_COPY;
  }

  #given(n: number): void {
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
    rewindBytes(this.#bytes);
    if (this.#check !== null) resetVerdict(this.#check.verdict);
  }

  #hasSession(): boolean {
    return !this.#closed && (inSavingGroup(this.#state) || this.#state === RESUMING);
  }

  #noSession(): number {
    return this.#closed || !this.#hadSession ? -ERRNO.EBADF : -ERRNO.ENODEV;
  }
}
