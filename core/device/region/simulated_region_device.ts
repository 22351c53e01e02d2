import type { Clock } from "../../clock/mod.ts";
import { ERRNO, type Region } from "../../libc/mod.ts";
import { readU64, writeU64 } from "../../vfio/mod.ts";
import {
  DIRTY_PAGES,
  isRegionStateError,
  isValidRegionState,
  type MmapArea,
  REGION_REGISTER,
  REGION_STATE,
  REGION_STATE_ERROR,
  registerAt,
} from "../../vfio/region/mod.ts";
import type { DeviceImage } from "../device.ts";
import type { DeviceProfile } from "../profile.ts";
import type { RecordHeader } from "../simulated/record.ts";
import type { StateLoader } from "../simulated/state_loader.ts";
import { closeStateMemory, stateImage, type StateMemory } from "../simulated/state_memory.ts";
import type { StateStream } from "../simulated/state_stream.ts";
import {
  clearSection,
  createDataSection,
  DATA_SECTION_OFFSET,
  type DataSection,
  readSection,
  writeSection,
} from "./data_section.ts";
import {
  beginResuming,
  commitChunk,
  createLoadingSide,
  isCutShort,
  type LoadingSide,
  openSection,
} from "./loading_side.ts";
import { regionArcCostMs } from "./region_arc_cost.ts";
import type { DataWindow, RegionDevice } from "./region_device.ts";
import type { RegionOptions } from "./region_options.ts";
import {
  beginSaving,
  bringGuestUpToDate,
  createSavingSide,
  type SavingSide,
  stageChunk,
  takePendingBytes,
} from "./saving_side.ts";

const { RUNNING, SAVING, RESUMING } = REGION_STATE;

export interface SimulatedRegionDeviceOptions {
  readonly id: string;
  /**
   * What only version 2 has is of no effect: P2P, what an empty read gives, the answers to MIG_DATA_SIZE and
   * to precopy queries, and how saving runs ahead of reading. Here staging a chunk is saving it.
   */
  readonly profile: DeviceProfile;
  readonly region: RegionOptions;
  readonly clock: Clock;
  /** The state's bytes, which the device owns from here on; null where none move (virtual clock). */
  readonly memory: StateMemory | null;
  /** For a device without memory that will be loaded: the saving device's `stream.headerLog`. */
  readonly headerFeed?: RecordHeader[] | null;
}

/**
 * A device with real state in memory and the manners of protocol version 1:
 *
 *     saving     read pending_bytes: what was staged counts as taken, the rest is counted
 *                read data_offset: the next chunk is staged (once, until pending_bytes is read)
 *                read data_size: how much that is
 *     resuming   read data_offset: the section is free for data
 *                write data_size: so many bytes of it are taken in
 *
 * An access out of this order, unaligned, out of range, or to less than a register is -EINVAL. A load that
 * is cut short by leaving RESUMING shows the error marker; from then on everything but `reset` and reading
 * device_state is -EIO. Its stream of bytes is the one that `SimulatedDevice` gives under version 2.
 *
 * @throws {RangeError} (constructor) where the region has no room for data
 */
export class SimulatedRegionDevice implements RegionDevice {
  readonly id: string;
  readonly regionSize: number;
  readonly mmapAreas: readonly MmapArea[];
  readonly canTrackDirtyPages = true;
  readonly stream: StateStream;
  readonly loader: StateLoader;
  #profile: DeviceProfile;
  #options: RegionOptions;
  #clock: Clock;
  #memory: StateMemory | null;
  #section: DataSection;
  #state: number = RUNNING;
  #mapped = false;
  #tracking = false;
  #closed = false;
  #saving: SavingSide;
  #loading: LoadingSide;

  constructor(options: SimulatedRegionDeviceOptions) {
    const { id, profile, region, clock, memory } = options;
    this.id = id;
    this.regionSize = region.region_size;
    this.#profile = profile;
    this.#options = region;
    this.#clock = clock;
    this.#memory = memory;
    this.#section = createDataSection(region.region_size, region.mapped, memory !== null);
    this.mmapAreas = this.#section.areas;
    const section = this.#section;
    this.#saving = createSavingSide(profile, region.pending_report, clock, memory, section);
    this.#loading = createLoadingSide(profile, clock, memory, section, options.headerFeed ?? null);
    this.stream = this.#saving.stream;
    this.loader = this.#loading.loader;
  }

  get dataWindows(): readonly DataWindow[] {
    return this.#mapped ? this.#section.windows : NO_WINDOWS;
  }

  readRegion(view: DataView, offset: number, length: number): number {
    if (this.#closed) return -ERRNO.EBADF;
    this.#access();
    const register = registerAt(offset, length);
    if (register === undefined) return -ERRNO.EINVAL;
    if (register === REGION_REGISTER.DEVICE_STATE) {
      view.setUint32(0, this.#state, true);
      return length;
    }
    if (register === REGION_REGISTER.RESERVED) {
      view.setUint32(0, 0, true);
      return length;
    }
    if (isRegionStateError(this.#state)) return -ERRNO.EIO;
    const value = register === REGION_REGISTER.PENDING_BYTES
      ? this.#pendingBytes()
      : register === REGION_REGISTER.DATA_OFFSET
      ? this.#dataOffset()
      : this.#dataSize();
    if (value < 0) return value;
    writeU64(view, 0, value);
    return length;
  }

  writeRegion(view: DataView, offset: number, length: number): number {
    if (this.#closed) return -ERRNO.EBADF;
    this.#access();
    const register = registerAt(offset, length);
    if (register === undefined) return -ERRNO.EINVAL;
    if (isRegionStateError(this.#state)) return -ERRNO.EIO;
    let result: number;
    if (register === REGION_REGISTER.DEVICE_STATE) result = this.#setState(view.getUint32(0, true));
    else if (register === REGION_REGISTER.DATA_SIZE) result = this.#commit(readU64(view, 0));
    else result = register === REGION_REGISTER.RESERVED ? 0 : -ERRNO.EINVAL;
    return result < 0 ? result : length;
  }

  readData(region: Region | null, at: number, offset: number, length: number): number {
    if (this.#closed) return -ERRNO.EBADF;
    this.#access();
    if (isRegionStateError(this.#state)) return -ERRNO.EIO;
    return readSection(this.#section, region, at, offset, length);
  }

  writeData(region: Region | null, at: number, offset: number, length: number): number {
    if (this.#closed) return -ERRNO.EBADF;
    this.#access();
    if (isRegionStateError(this.#state)) return -ERRNO.EIO;
    return writeSection(this.#section, region, at, offset, length);
  }

  map(): number {
    if (this.#closed) return -ERRNO.EBADF;
    // A region without the flag for it.
    if (this.mmapAreas.length === 0) return -ERRNO.EINVAL;
    this.#mapped = true;
    return 0;
  }

  unmap(): void {
    this.#mapped = false;
  }

  /** Whether dirty pages are tracked; what the guest's RAM does is another's to simulate. */
  get isTrackingDirtyPages(): boolean {
    return this.#tracking;
  }

  dirtyPages(flags: number): number {
    if (this.#closed) return -ERRNO.EBADF;
    if (flags !== DIRTY_PAGES.START && flags !== DIRTY_PAGES.STOP) return -ERRNO.EINVAL;
    // Starting what has been started, and stopping what has not, is fine with the kernel.
    this.#tracking = flags === DIRTY_PAGES.START;
    return 0;
  }

  reset(): number {
    if (this.#closed) return -ERRNO.EBADF;
    clearSection(this.#section);
    this.#state = RUNNING;
    bringGuestUpToDate(this.#saving, RUNNING);
    return 0;
  }

  image(): DeviceImage | null {
    return stateImage(this.#memory);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#mapped = false;
    if (this.#memory !== null) closeStateMemory(this.#memory);
  }

  #access(): void {
    if (this.#options.access_ms > 0) this.#clock.sleepNs(this.#options.access_ms * 1e6);
  }

  #pendingBytes(): number {
    return this.#isSaving() ? takePendingBytes(this.#saving, this.#state) : -ERRNO.EINVAL;
  }

  #dataOffset(): number {
    if (this.#isSaving()) {
      const staged = stageChunk(this.#saving, this.#state);
      return staged < 0 ? staged : DATA_SECTION_OFFSET;
    }
    if (this.#state !== RESUMING) return -ERRNO.EINVAL;
    openSection(this.#loading);
    return DATA_SECTION_OFFSET;
  }

  #dataSize(): number {
    return this.#isSaving() && this.#section.staged >= 0 ? this.#section.staged : -ERRNO.EINVAL;
  }

  #commit(length: number): number {
    return this.#state === RESUMING
      ? commitChunk(this.#loading, length, this.#mapped)
      : -ERRNO.EINVAL;
  }

  #isSaving(): boolean {
    return (this.#state & SAVING) !== 0;
  }

  #setState(next: number): number {
    const from = this.#state;
    if (!isValidRegionState(next)) return -ERRNO.EINVAL;
    if (next === from) return 0;
    bringGuestUpToDate(this.#saving, from);
    this.#clock.sleepNs(regionArcCostMs(this.#profile, from, next) * 1e6);
    bringGuestUpToDate(this.#saving, from);
    if (from === RESUMING && isCutShort(this.#loading)) {
      this.#state = REGION_STATE_ERROR;
      return -ERRNO.EINVAL;
    }
    if (next === RESUMING) beginResuming(this.#loading);
    else if (next === (SAVING | RUNNING)) beginSaving(this.#saving, next);
    // From precopy the session goes on, and what is staged and not yet taken stays.
    else if (next === SAVING) {
      if ((from & SAVING) === 0) beginSaving(this.#saving, next);
    } else clearSection(this.#section);
    this.#state = next;
    return 0;
  }
}

const NO_WINDOWS: readonly DataWindow[] = [];
