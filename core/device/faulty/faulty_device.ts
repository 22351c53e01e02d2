import type { Clock } from "../../clock/mod.ts";
import {
  createStrike,
  type DeviceFaults,
  deviceInjections,
  type FaultCall,
  type Injection,
  type LieName,
  type Lying,
  noteHit,
  noteMoved,
  notePrecopyInfoQuery,
  noteSizeQuery,
  strike,
  SURPLUS_BYTES,
  tellPrecopyInfo,
  tellRead,
  tellSize,
} from "../../fault/mod.ts";
import { ERRNO, type Region } from "../../libc/mod.ts";
import { DEVICE_STATE, type DeviceState, type PrecopyInfo } from "../../vfio/mod.ts";
import type { DataSize, Device, DeviceImage } from "../device.ts";
import type { DeviceHandover, MovableDevice } from "../hand_over.ts";

const { ERROR, STOP_COPY, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;

/** A faulty device as plain data, from thread to thread: with the device go its faults, as far as they have come. */
export interface FaultyHandover {
  readonly kind: "faulty";
  readonly inner: DeviceHandover;
  readonly faults: DeviceFaults;
}

/**
 * A device to which faults happen: calls that fail are not made, and what a lying device says is changed on its way
 * out. Everything else is the device's own.
 *
 *     user --call--> FaultyDevice --(unless a fault strikes)--> device
 *                        |  counts, delays
 *                        +-- injections()
 *
 * A device that a fault took away (ENODEV) shows ERROR, and answers ENODEV to every call, its reset included. It is
 * closed all the same.
 */
export class FaultyDevice implements Device {
  readonly id: string;
  readonly migrationFlags: number;
  /** What it is about. */
  readonly inner: Device;
  #faults: DeviceFaults;
  #clock: Clock;
  #strike = createStrike();

  constructor(inner: Device, faults: DeviceFaults, clock: Clock) {
    this.id = inner.id;
    this.migrationFlags = inner.migrationFlags;
    this.inner = inner;
    this.#faults = faults;
    this.#clock = clock;
  }

  /** The device that another thread handed over. `inner` is what `takeOverDevice` made of its own part. */
  static takeOver({ faults }: FaultyHandover, inner: MovableDevice, clock: Clock): FaultyDevice {
    return new FaultyDevice(inner, faults, clock);
  }

  /** See `MovableDevice`; only where `isMovable` says so, which is where the inner device is. */
  handOver(): FaultyHandover {
    return { kind: "faulty", inner: movable(this.inner).handOver(), faults: this.#faults };
  }

  takeBack(handover: DeviceHandover): void {
    if (handover.kind !== "faulty") throw new TypeError(`Cannot take back a ${handover.kind}`);
    movable(this.inner).takeBack(handover.inner);
    this.#faults = handover.faults;
  }

  /** What has struck so far. */
  injections(): Injection[] {
    return deviceInjections(this.#faults);
  }

  getState(): DeviceState {
    return this.#faults.gone ? ERROR : this.inner.getState();
  }

  setState(state: DeviceState): number {
    if (this.#strikes("setState", 0, state)) return -this.#strike.errno;
    for (const lying of this.#faults.lies) {
      if (lying.fault.lie !== "state-unchanged") continue;
      if (lying.state !== null && lying.state !== state) continue;
      this.#told(lying);
      return 0;
    }
    return this.inner.setState(state);
  }

  setPrecopyInfoV2(): number {
    if (this.#strikes("setPrecopyInfoV2")) return -this.#strike.errno;
    const result = this.inner.setPrecopyInfoV2();
    if (result >= 0) this.#faults.memory.optedIn = true;
    return result;
  }

  getDataSize(out: DataSize): number {
    if (this.#strikes("getDataSize")) return -this.#strike.errno;
    const result = this.inner.getDataSize(out);
    const { lies, memory } = this.#faults;
    if (result < 0 || lies.length === 0) return result;
    const truth = out.stopCopyLength;
    for (const lying of lies) {
      const told = tellSize(lying.fault.lie, memory, out.stopCopyLength);
      if (told === null) {
        this.#told(lying);
        return -ERRNO.EIO;
      }
      if (told !== out.stopCopyLength) this.#told(lying);
      out.stopCopyLength = told;
    }
    noteSizeQuery(memory, truth);
    return result;
  }

  getPrecopyInfo(out: PrecopyInfo): number {
    if (this.#strikes("getPrecopyInfo")) return -this.#strike.errno;
    const result = this.inner.getPrecopyInfo(out);
    const { lies, memory } = this.#faults;
    if (result < 0 || lies.length === 0) return result;
    const truth = { ...out };
    for (const lying of lies) {
      const { flags, initialBytes, dirtyBytes } = out;
      const told = tellPrecopyInfo(lying.fault.lie, memory, out);
      const isLie = told < 0 || out.flags !== flags || out.initialBytes !== initialBytes ||
        out.dirtyBytes !== dirtyBytes;
      if (isLie) this.#told(lying);
      if (told < 0) return told;
    }
    notePrecopyInfoQuery(memory, truth);
    return result;
  }

  /** Never stands for several calls: each of them may be the one that fails. */
  read(region: Region | null, length: number): number {
    if (this.#strikes("read", length)) return -this.#strike.errno;
    const wanted = Math.min(length, this.#strike.limit);
    const n = this.#faults.lies.length === 0
      ? this.inner.read(region, wanted)
      : this.#readOfLiar(region, wanted);
    noteMoved(this.#faults, "read", n);
    return n;
  }

  write(region: Region | null, offset: number, length: number): number {
    if (this.#strikes("write", length)) return -this.#strike.errno;
    const wanted = Math.min(length, this.#strike.limit);
    const lying = this.#lieOf("bytes-changed");
    if (lying !== null && region !== null && this.#changeByte(region, offset, wanted)) {
      this.#told(lying);
    }
    const n = this.inner.write(region, offset, wanted);
    noteMoved(this.#faults, "write", n);
    return n;
  }

  reset(): number {
    if (this.#strikes("reset")) return -this.#strike.errno;
    return this.inner.reset();
  }

  /** No fault stands in the way of that. */
  bringBack(): string | null {
    return this.inner.bringBack?.() ?? null;
  }

  image(): DeviceImage | null {
    return this.inner.image();
  }

  close(): void {
    this.inner.close();
  }

  /** Whether the call fails, with `#strike.errno`; what it takes longer has passed then. */
  #strikes(call: FaultCall, length = 0, state: DeviceState | null = null): boolean {
    strike(this.#faults, call, state, length, this.#clock.nowNs(), this.#strike);
    this.#clock.sleepNs(this.#strike.delayNs);
    return this.#strike.errno !== 0;
  }

  #readOfLiar(region: Region | null, length: number): number {
    const { lies, memory } = this.#faults;
    const state = this.inner.getState();
    const isStopped = state === STOP_COPY;
    const isSaving = isStopped || state === PRE_COPY || state === PRE_COPY_P2P;
    for (const lying of lies) {
      const instead = isSaving ? tellRead(lying.fault.lie, memory, isStopped) : null;
      if (instead === null) continue;
      this.#told(lying);
      return instead === "end" ? 0 : -ERRNO.ENOMSG;
    }
    const n = this.inner.read(region, length);
    if (n > 0 && isStopped) memory.stoppedReads++;
    if (n === 0 && isStopped) return this.#surplus(length);
    const lying = this.#lieOf("bytes-changed");
    if (lying !== null && region !== null && this.#changeByte(region, 0, n)) this.#told(lying);
    return n;
  }

  /** What comes after the end, where something does: whatever is in the region. */
  #surplus(length: number): number {
    const lying = this.#lieOf("surplus-at-end");
    if (lying === null) return 0;
    const { memory } = this.#faults;
    const n = Math.min(length, SURPLUS_BYTES - memory.surplusBytes);
    memory.surplusBytes += n;
    if (n > 0) this.#told(lying);
    return n;
  }

  #changeByte(region: Region, offset: number, length: number): boolean {
    if (length <= 0) return false;
    const at = offset + (length >> 1);
    const byte = region.bytes[at] ?? 0;
    region.bytes[at] = byte ^ 1;
    return true;
  }

  #lieOf(lie: LieName): Lying | null {
    return this.#faults.lies.find(({ fault }) => fault.lie === lie) ?? null;
  }

  #told({ hits }: Lying): void {
    noteHit(hits, this.#clock.nowNs(), 0, 0);
  }
}

/** A faulty device is handed over only where its device can be: whoever hands it over has asked `isMovable`. */
function movable(device: Device): MovableDevice {
  if (isHandedOver(device)) return device;
  throw new TypeError(
    `Cannot hand over ${device.id}: received a device that no other thread can use`,
  );
}

function isHandedOver(device: Device): device is MovableDevice {
  return "handOver" in device && "takeBack" in device;
}
