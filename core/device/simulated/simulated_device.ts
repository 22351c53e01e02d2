import type { Clock } from "../../clock/mod.ts";
import { ERRNO, type Region } from "../../libc/mod.ts";
import {
  DEVICE_STATE,
  type DeviceState,
  endsSession,
  inSavingGroup,
  kernelPrecopyFlags,
  MIGRATION,
  opensSession,
  type PrecopyInfo,
  transitionPath,
} from "../../vfio/mod.ts";
import type { DataSize, Device, DeviceImage } from "../device.ts";
import type { DeviceProfile } from "../profile.ts";
import { arcCostMs } from "./arc_cost.ts";
import { createPacer, pace, type Pacer } from "./pacer.ts";
import type { RecordHeader } from "./record.ts";
import {
  awaitSave,
  beginSave,
  createSaveSchedule,
  isSaving,
  paceRead,
  type SaveSchedule,
  takesNoTime,
} from "./save_schedule.ts";
import { reportDataSize } from "./size_report.ts";
import {
  beginLoading,
  belongsToBody,
  checkLoaded,
  createStateLoader,
  loadBody,
  loadStream,
  type StateLoader,
} from "./state_loader.ts";
import {
  attachStateMemory,
  closeStateMemory,
  stateImage,
  type StateMemory,
  type StateMemoryHandover,
} from "./state_memory.ts";
import {
  beginPrecopy,
  beginStopCopy,
  breakPrecopy,
  collectDirty,
  createStateStream,
  dirtyBytes,
  dirtyMore,
  initialBytes,
  isDrained,
  isInBody,
  readBody,
  readStream,
  reinitialize,
  runGuest,
  type StateStream,
  stopCopyBytes,
  unsavedBytes,
} from "./state_stream.ts";

const { RUNNING, STOP_COPY, RESUMING, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;

export interface SimulatedDeviceOptions {
  readonly id: string;
  readonly profile: DeviceProfile;
  readonly clock: Clock;
  /** The state's bytes, which the device owns from here on; null where none move (virtual clock). */
  readonly memory: StateMemory | null;
  /** For a device without memory that will be loaded: the saving device's `headerLog`. */
  readonly headerFeed?: RecordHeader[] | null;
  /** Random numbers in [0, 1), seeded; only noisy reports use them. */
  readonly random?: () => number;
}

/** A simulated device as plain data, from thread to thread. */
export interface SimulatedHandover {
  readonly kind: "simulated";
  readonly id: string;
  readonly profile: DeviceProfile;
  readonly memory: StateMemoryHandover | null;
  readonly stream: Omit<StateStream, "memory">;
  readonly loader: Omit<StateLoader, "memory">;
  readonly state: DeviceState;
  readonly hadSession: boolean;
  readonly optedIn: boolean;
  readonly guestNs: number;
  readonly precopyNs: number;
  readonly precopyReads: number;
  readonly reinitsSeen: number;
  readonly countedReinitsSeen: number;
  readonly saves: SaveSchedule;
  readonly loadPacer: Pacer;
  readonly preparedBytes: number;
}

/**
 * A device with real state in memory, a guest that dirties it, and the kernel's manners: the arcs of its
 * feature set, ENOMSG when nothing is left for now, 0 at the end, EINVAL outside precopy, ENODEV once the
 * session is over. What its calls cost in time is its profile's.
 */
export class SimulatedDevice implements Device {
  readonly id: string;
  readonly migrationFlags: number;
  readonly stream: StateStream;
  readonly loader: StateLoader;
  #profile: DeviceProfile;
  #clock: Clock;
  #memory: StateMemory | null;
  #random: () => number;
  #state: DeviceState = RUNNING;
  /**
   * Whether nothing but the memory is to be asked in a read, or a write, that stays within a record's body: no pace, no
   * guest, no end. Known when a state is entered, so that it is not found out for every buffer.
   */
  #readsMemory = false;
  #writesMemory = false;
  #hadSession = false;
  #optedIn = false;
  #closed = false;
  /**
   * When the guest was last brought up to date, and when PRE_COPY was entered. Numbers from the start: in a field that
   * was undefined first, V8 boxes every moment anew.
   */
  #guestNs = 0;
  #precopyNs = 0;
  /** Reads in PRE_COPY since it was entered, and what has come of them. */
  #precopyReads = 0;
  #reinitsSeen = 0;
  #countedReinitsSeen = 0;
  #saves: SaveSchedule;
  #loadPacer: Pacer;
  #preparedBytes = 0;

  constructor(options: SimulatedDeviceOptions) {
    const { id, profile, clock, memory } = options;
    this.id = id;
    this.migrationFlags = MIGRATION.STOP_COPY |
      (profile.p2p ? MIGRATION.P2P : 0) | (profile.precopy ? MIGRATION.PRE_COPY : 0);
    this.#profile = profile;
    this.#clock = clock;
    this.#memory = memory;
    this.#random = options.random ?? (() => 0.5);
    this.#guestNs = clock.nowNs();
    this.#saves = createSaveSchedule(profile);
    this.#loadPacer = createPacer(profile.load_rate);
    this.stream = createStateStream({
      memory,
      size: profile.state_size,
      precopySize: profile.precopy ? Math.floor(profile.state_size * profile.initial_fraction) : 0,
      chunkSize: profile.chunk_size,
      dirtyRate: profile.dirty_rate,
      dirtySpan: profile.dirty_span,
      sweepOnRead: profile.dirty_collect === "read",
    });
    this.loader = createStateLoader(memory, profile.state_size, options.headerFeed ?? null);
  }

  /**
   * The device that another thread handed over (see `MovableDevice`). Its noisy answers are not noisy here: a
   * source of random numbers cannot be handed over.
   */
  static takeOver(handover: SimulatedHandover, clock: Clock): SimulatedDevice {
    const { id, profile } = handover;
    const memory = handover.memory === null ? null : attachStateMemory(handover.memory);
    const device = new SimulatedDevice({ id, profile, clock, memory });
    device.takeBack(handover);
    return device;
  }

  handOver(): SimulatedHandover {
    const { memory: _saved, ...stream } = this.stream;
    const { memory: _loaded, ...loader } = this.loader;
    const memory = this.#memory;
    return {
      kind: "simulated",
      id: this.id,
      profile: this.#profile,
      memory: memory && { fd: memory.fd, size: memory.size, position: memory.position },
      stream,
      loader,
      state: this.#state,
      hadSession: this.#hadSession,
      optedIn: this.#optedIn,
      guestNs: this.#guestNs,
      precopyNs: this.#precopyNs,
      precopyReads: this.#precopyReads,
      reinitsSeen: this.#reinitsSeen,
      countedReinitsSeen: this.#countedReinitsSeen,
      saves: this.#saves,
      loadPacer: this.#loadPacer,
      preparedBytes: this.#preparedBytes,
    };
  }

  takeBack(handover: SimulatedHandover): void {
    Object.assign(this.stream, handover.stream);
    Object.assign(this.loader, handover.loader);
    if (this.#memory !== null) this.#memory.position = handover.memory?.position ?? 0;
    this.#hadSession = handover.hadSession;
    this.#optedIn = handover.optedIn;
    this.#guestNs = handover.guestNs;
    this.#precopyNs = handover.precopyNs;
    this.#precopyReads = handover.precopyReads;
    this.#reinitsSeen = handover.reinitsSeen;
    this.#countedReinitsSeen = handover.countedReinitsSeen;
    this.#saves = handover.saves;
    this.#loadPacer = handover.loadPacer;
    this.#preparedBytes = handover.preparedBytes;
    this.#enter(handover.state);
  }

  getState(): DeviceState {
    return this.#state;
  }

  setState(state: DeviceState): number {
    if (this.#closed) return -ERRNO.EBADF;
    const path = transitionPath(this.migrationFlags, this.#state, state);
    if (path === null) return -ERRNO.EINVAL;
    for (const next of path) {
      const result = this.#takeArc(next);
      if (result < 0) return result;
    }
    return 0;
  }

  setPrecopyInfoV2(): number {
    if (this.#closed) return -ERRNO.EBADF;
    // A kernel that does not know the feature does not look at the device.
    if (!this.#profile.precopy_info_v2) return -ERRNO.ENOTTY;
    if (!this.#profile.precopy) return -ERRNO.EINVAL;
    this.#optedIn = true;
    return 0;
  }

  getDataSize(out: DataSize): number {
    if (this.#closed) return -ERRNO.EBADF;
    this.#runGuest();
    const isSaving = inSavingGroup(this.#state);
    return reportDataSize(this.#profile, this.stream, isSaving, this.#random, out);
  }

  getPrecopyInfo(out: PrecopyInfo): number {
    if (!this.#hasSession()) return this.#noSession();
    // The file that drivers give out for RESUMING has no ioctl at all.
    if (this.#state === RESUMING) return -ERRNO.ENOTTY;
    if (this.#state !== PRE_COPY && this.#state !== PRE_COPY_P2P) return -ERRNO.EINVAL;
    awaitSave(this.#saves, this.#clock);
    this.#runGuest();
    if (this.#profile.precopy_report === "error") return -ERRNO.EIO;
    const reinit = this.#state === PRE_COPY && this.#optedIn && this.#takeReinits(true);
    out.flags = kernelPrecopyFlags({ optedIn: this.#optedIn, reinit, callerFlags: out.flags });
    if (reinit) beginSave(this.#saves, this.#clock, initialBytes(this.stream), false);
    else this.#collect();
    out.initialBytes = initialBytes(this.stream);
    out.dirtyBytes = this.#reportedDirtyBytes(out.initialBytes);
    return 0;
  }

  read(region: Region | null, length: number, calls = 1): number {
    const { stream } = this;
    if (this.#readsMemory && isInBody(stream, length)) return readBody(stream, region, 0, length);
    if (this.#profile.slowdown_ratio === 0) return this.#read(region, length, calls);
    const beganNs = this.#clock.nowNs();
    const n = this.#read(region, length, calls);
    this.#slowDown(beganNs);
    return n;
  }

  write(region: Region | null, offset: number, length: number): number {
    const { loader } = this;
    if (this.#writesMemory && belongsToBody(loader, length)) {
      return loadBody(loader, region, offset, length);
    }
    if (this.#profile.slowdown_ratio === 0) return this.#write(region, offset, length);
    const beganNs = this.#clock.nowNs();
    const n = this.#write(region, offset, length);
    this.#slowDown(beganNs);
    return n;
  }

  reset(): number {
    if (this.#closed) return -ERRNO.EBADF;
    if (this.#hasSession()) this.#hadSession = true;
    this.#enter(RUNNING);
    // The opt-in stays: the kernel keeps it until the device is opened again.
    this.#guestNs = this.#clock.nowNs();
    return 0;
  }

  image(): DeviceImage | null {
    return stateImage(this.#memory);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#enter(this.#state);
    if (this.#memory !== null) closeStateMemory(this.#memory);
  }

  /** The planted slowdown: of what the call really took, and not of what it should take. */
  #slowDown(beganNs: number): void {
    this.#clock.sleepNs((this.#clock.nowNs() - beganNs) * this.#profile.slowdown_ratio);
  }

  #read(region: Region | null, length: number, calls: number): number {
    if (!this.#hasSession()) return this.#noSession();
    if (this.#state === RESUMING) return -ERRNO.EBADF;
    const stopped = this.#state === STOP_COPY;
    if (!stopped) this.#runGuest();
    if (!stopped && this.#saves.isDirty && isSaving(this.#saves, this.#clock)) {
      if (this.#profile.read_while_saving === "ENOMSG") return -ERRNO.ENOMSG;
    }
    awaitSave(this.#saves, this.#clock);
    const beganNs = this.#saves.nsPerByte > 0 ? this.#clock.nowNs() : 0;
    const { read_limit, empty_read } = this.#profile;
    const limit = read_limit > 0 ? Math.min(read_limit, length) : length;
    const n = readStream(this.stream, region, limit * calls, stopped);
    if (!stopped) this.#countReads(calls);
    if (n === 0 && !stopped && empty_read === "ENOMSG") return -ERRNO.ENOMSG;
    if (n > 0) paceRead(this.#saves, this.#clock, beganNs, n, stopped);
    return n;
  }

  #write(region: Region | null, offset: number, length: number): number {
    if (!this.#hasSession()) return this.#noSession();
    if (this.#state !== RESUMING) return -ERRNO.EBADF;
    const began_ns = this.#loadPacer.nsPerByte > 0 ? this.#clock.nowNs() : 0;
    const n = loadStream(this.loader, region, offset, length);
    if (n < 0) return n;
    if (this.#loadPacer.nsPerByte > 0) pace(this.#loadPacer, this.#clock, began_ns, n);
    this.#prepare();
    return n;
  }

  #takeArc(next: DeviceState): number {
    const from = this.#state;
    this.#runGuest();
    this.#clock.sleepNs(arcCostMs(this.#profile, from, next) * 1e6);
    this.#runGuest();
    // What a stopping device has not told anyone of is there all the same, and moves with the rest.
    if (from === PRE_COPY) this.#takeReinits(false);
    if (from === RESUMING) {
      const result = checkLoaded(this.loader);
      if (result < 0) return result;
    }
    if (endsSession(from, next)) this.#hadSession = true;
    const side = opensSession(from, next);
    if (side === "resuming") {
      beginLoading(this.loader);
      this.#preparedBytes = 0;
    } else if (side === "saving") {
      if (next === STOP_COPY) beginStopCopy(this.stream);
      else beginPrecopy(this.stream);
      if (next !== STOP_COPY) {
        beginSave(this.#saves, this.#clock, initialBytes(this.stream), false);
      }
      this.#precopyNs = this.#clock.nowNs();
      this.#precopyReads = 0;
      this.#reinitsSeen = 0;
      this.#countedReinitsSeen = 0;
    }
    if (next === STOP_COPY && this.#profile.save_mode === "whole") {
      const opened = side === "saving";
      const bytes = opened ? stopCopyBytes(this.stream) : unsavedBytes(this.stream);
      beginSave(this.#saves, this.#clock, bytes, false);
    }
    this.#enter(next);
    return 0;
  }

  #enter(state: DeviceState): void {
    const { slowdown_ratio, read_limit, prealloc_ms_per_mib } = this.#profile;
    const hasMemory = this.#memory !== null && !this.#closed && slowdown_ratio === 0;
    this.#state = state;
    this.#readsMemory = hasMemory && state === STOP_COPY && read_limit === 0 &&
      takesNoTime(this.#saves);
    this.#writesMemory = hasMemory && state === RESUMING && prealloc_ms_per_mib === 0 &&
      this.#loadPacer.nsPerByte === 0;
  }

  /** A query starts the saving of what is dirty, once all that was saved has been read. */
  #collect(): void {
    if (this.#profile.dirty_collect === "read" || !isDrained(this.stream)) return;
    const bytes = collectDirty(this.stream);
    if (bytes > 0) beginSave(this.#saves, this.#clock, bytes, true);
  }

  #reportedDirtyBytes(initial: number): number {
    const { dirty_report } = this.#profile;
    const isHidden = dirty_report === "zero" || (dirty_report === "after-initial" && initial > 0);
    return isHidden ? 0 : dirtyBytes(this.stream);
  }

  /** Lets the guest do what it did since it was last looked at. */
  #runGuest(): void {
    const now = this.#clock.nowNs();
    if (this.#state === PRE_COPY) {
      runGuest(this.stream, now - this.#guestNs);
      // Not for every read: a time that is handed on to a function is an object, unless V8 makes the two one.
      if (this.#profile.precopy_error_at_ms > 0) this.#breakPrecopy(now);
      // To a user who cannot hear of REINIT, new state is dirty state: there whether he asks or not.
      if (!this.#optedIn) this.#takeReinits(false);
    }
    this.#guestNs = now;
  }

  #breakPrecopy(now: number): void {
    const { precopy_error_at_ms } = this.#profile;
    if (this.stream.broken) return;
    if (now - this.#precopyNs >= precopy_error_at_ms * 1e6) breakPrecopy(this.stream);
  }

  /** The guest has done what it does every so many reads. */
  #countReads(calls: number): void {
    const { dirty_every_reads, dirty_read_size } = this.#profile;
    const before = this.#precopyReads;
    this.#precopyReads += calls;
    if (dirty_every_reads === 0) return;
    const due = Math.floor(this.#precopyReads / dirty_every_reads) -
      Math.floor(before / dirty_every_reads);
    for (let i = 0; i < due; i++) dirtyMore(this.stream, dirty_read_size);
  }

  /** Takes the reconfigurations that have happened by now into the stream; whether there was any. */
  #takeReinits(asInitial: boolean): boolean {
    const { reinit_at_ms, reinit_at_reads, reinit_size } = this.#profile;
    const ran_ms = (this.#clock.nowNs() - this.#precopyNs) / 1e6;
    let taken = false;
    while (this.#reinitsSeen < reinit_at_ms.length) {
      const at_ms = reinit_at_ms[this.#reinitsSeen] ?? Infinity;
      if (at_ms > ran_ms) break;
      reinitialize(this.stream, reinit_size, asInitial);
      this.#reinitsSeen++;
      taken = true;
    }
    while ((reinit_at_reads[this.#countedReinitsSeen] ?? Infinity) <= this.#precopyReads) {
      reinitialize(this.stream, reinit_size, asInitial);
      this.#countedReinitsSeen++;
      taken = true;
    }
    return taken;
  }

  /** The destination pays for state nothing had prepared it for as that state arrives. */
  #prepare(): void {
    const { prealloc_ms_per_mib } = this.#profile;
    if (prealloc_ms_per_mib === 0) return;
    const fresh = this.loader.newBytes - this.#preparedBytes;
    if (fresh < PREPARE_STEP && !this.loader.ended) return;
    this.#preparedBytes += fresh;
    this.#clock.sleepNs(fresh / (1024 * 1024) * prealloc_ms_per_mib * 1e6);
  }

  #hasSession(): boolean {
    return !this.#closed && (inSavingGroup(this.#state) || this.#state === RESUMING);
  }

  #noSession(): number {
    return this.#closed || !this.#hadSession ? -ERRNO.EBADF : -ERRNO.ENODEV;
  }
}

/** Preparing is charged in steps of this size, so that small buffers do not mean a sleep each. */
const PREPARE_STEP = 1024 * 1024;
