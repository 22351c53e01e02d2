import type { Clock } from "../../clock/mod.ts";
import {
  createStrike,
  type DeviceFaults,
  deviceInjections,
  type FaultCall,
  type Injection,
  type Lying,
  noteHit,
  noteMoved,
  noteSizeQuery,
  strike,
  tellRead,
  tellSize,
} from "../../fault/mod.ts";
import { ERRNO, type Region } from "../../libc/mod.ts";
import { readU64, writeU64 } from "../../vfio/mod.ts";
import { type MmapArea, REGION_REGISTER, REGION_STATE } from "../../vfio/region/mod.ts";
import type { DeviceImage } from "../device.ts";
import type { DataWindow, RegionDevice } from "../region/region_device.ts";

const { DEVICE_STATE, PENDING_BYTES, DATA_SIZE } = REGION_REGISTER;

/**
 * A device of protocol v1 to which faults happen, as `FaultyDevice` is one of v2. What is mapped is out of its reach:
 * no call moves it.
 */
export class FaultyRegionDevice implements RegionDevice {
  readonly id: string;
  readonly regionSize: number;
  readonly mmapAreas: readonly MmapArea[];
  readonly canTrackDirtyPages: boolean;
  /** What it is about. */
  readonly inner: RegionDevice;
  #faults: DeviceFaults;
  #clock: Clock;
  #strike = createStrike();
  /** device_state as it was last written. */
  #state: number = REGION_STATE.RUNNING;

  constructor(inner: RegionDevice, faults: DeviceFaults, clock: Clock) {
    this.id = inner.id;
    this.regionSize = inner.regionSize;
    this.mmapAreas = inner.mmapAreas;
    this.canTrackDirtyPages = inner.canTrackDirtyPages;
    this.inner = inner;
    this.#faults = faults;
    this.#clock = clock;
  }

  get dataWindows(): readonly DataWindow[] {
    return this.inner.dataWindows;
  }

  /** What has struck so far. */
  injections(): Injection[] {
    return deviceInjections(this.#faults);
  }

  readRegion(view: DataView, offset: number, length: number): number {
    if (this.#strikes("readRegion", length)) return -this.#strike.errno;
    const n = this.inner.readRegion(view, offset, length);
    if (n < 0) return n;
    const told = this.#tellRegister(view, offset);
    if (told < 0) return told;
    return this.#moved("readRegion", Math.min(n, this.#strike.limit));
  }

  writeRegion(view: DataView, offset: number, length: number): number {
    if (this.#strikes("writeRegion", length)) return -this.#strike.errno;
    // A register is written whole or not at all.
    if (this.#strike.limit < length) return this.#moved("writeRegion", this.#strike.limit);
    if (offset === DEVICE_STATE) {
      const lying = this.#faults.lies.find(({ fault }) => fault.lie === "state-unchanged");
      if (lying !== undefined) {
        this.#told(lying);
        return length;
      }
    }
    const n = this.inner.writeRegion(view, offset, length);
    if (n >= 0 && offset === DEVICE_STATE) this.#state = view.getUint32(0, true);
    return this.#moved("writeRegion", n);
  }

  readData(region: Region | null, at: number, offset: number, length: number): number {
    if (this.#strikes("readData", length)) return -this.#strike.errno;
    const wanted = Math.min(length, this.#strike.limit);
    return this.#moved("readData", this.inner.readData(region, at, offset, wanted));
  }

  writeData(region: Region | null, at: number, offset: number, length: number): number {
    if (this.#strikes("writeData", length)) return -this.#strike.errno;
    const wanted = Math.min(length, this.#strike.limit);
    return this.#moved("writeData", this.inner.writeData(region, at, offset, wanted));
  }

  map(): number {
    if (this.#strikes("map")) return -this.#strike.errno;
    return this.inner.map();
  }

  unmap(): void {
    this.inner.unmap();
  }

  dirtyPages(flags: number): number {
    if (this.#strikes("dirtyPages")) return -this.#strike.errno;
    return this.inner.dirtyPages(flags);
  }

  reset(): number {
    if (this.#strikes("reset")) return -this.#strike.errno;
    const result = this.inner.reset();
    if (result >= 0) this.#state = REGION_STATE.RUNNING;
    return result;
  }

  image(): DeviceImage | null {
    return this.inner.image();
  }

  close(): void {
    this.inner.close();
  }

  #strikes(call: FaultCall, length = 0): boolean {
    strike(this.#faults, call, null, length, this.#clock.nowNs(), this.#strike);
    this.#clock.sleepNs(this.#strike.delayNs);
    return this.#strike.errno !== 0;
  }

  #moved(call: FaultCall, n: number): number {
    noteMoved(this.#faults, call, n);
    return n;
  }

  /** Changes what a lying device says in a register that was read; 0 or a negative errno. */
  #tellRegister(view: DataView, offset: number): number {
    const { lies, memory } = this.#faults;
    if (lies.length === 0) return 0;
    if (offset === DATA_SIZE) return this.#tellDataSize(view);
    if (offset !== PENDING_BYTES) return 0;
    const truth = readU64(view, 0);
    let size = truth;
    for (const lying of lies) {
      const told = tellSize(lying.fault.lie, memory, size);
      if (told === null || told !== size) this.#told(lying);
      if (told === null) return -ERRNO.EIO;
      size = told;
    }
    noteSizeQuery(memory, truth);
    writeU64(view, 0, size);
    return 0;
  }

  /** After the stop each reading of data_size is a buffer; one of nothing is the end. */
  #tellDataSize(view: DataView): number {
    const { lies, memory } = this.#faults;
    const isStopped = this.#state === REGION_STATE.SAVING;
    if (!isStopped) return 0;
    const lying = lies.find(({ fault }) => tellRead(fault.lie, memory, true) === "end");
    if (lying !== undefined) {
      this.#told(lying);
      writeU64(view, 0, 0);
    }
    memory.stoppedReads++;
    return 0;
  }

  #told({ hits }: Lying): void {
    noteHit(hits, this.#clock.nowNs(), 0, 0);
  }
}
