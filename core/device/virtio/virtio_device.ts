import type { Clock } from "../../clock/mod.ts";
import { ERRNO, type Region } from "../../libc/mod.ts";
import {
  DEVICE_STATE,
  type DeviceState,
  endsSession,
  kernelPrecopyFlags,
  MIGRATION,
  opensSession,
  type PrecopyInfo,
  type SessionSide,
  sessionSide,
  transitionPath,
} from "../../vfio/mod.ts";
import type { DataSize, Device, DeviceImage } from "../device.ts";
import { closeStateMemory, stateImage, type StateMemory } from "../simulated/state_memory.ts";
import {
  type AdminCommands,
  borrowObject,
  createAdminCommands,
  createObject,
  destroyObject,
  hasObject,
  spendCommands,
} from "./admin_commands.ts";
import { createGuest, type Guest, runGuest } from "./guest.ts";
import type { MigrationHeader } from "./migration_header.ts";
import { createPartsObjects, PARTS_OBJECT, type PartsObjects } from "./parts_objects.ts";
import {
  beginGathering,
  createPartsLoader,
  endGathering,
  gatherParts,
  type PartsLoader,
  setParts,
} from "./parts_loader.ts";
import {
  appendParts,
  beginParts,
  createPartsStream,
  endParts,
  initialLeft,
  type PartsStream,
  readParts,
  unreadParts,
} from "./parts_stream.ts";
import { allow, createRateLimiter, type RateLimiter, resetRateLimiter } from "./rate_limiter.ts";
import type { VirtioProfile } from "./virtio_profile.ts";

const { RUNNING, STOP_COPY, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;
const MIB = 1024 * 1024;

export interface VirtioDeviceOptions {
  readonly id: string;
  readonly profile: VirtioProfile;
  readonly clock: Clock;
  /** The state's bytes, `state_size` of them, which the device owns from here on; null where none move (virtual clock). */
  readonly memory: StateMemory | null;
  /** For a device without memory that will be loaded: the saving device's `stream.headerLog`. */
  readonly headerFeed?: MigrationHeader[] | null;
  /** The device-parts objects of the owner, shared by all of its devices; by default an owner of this device alone. */
  readonly objects?: PartsObjects;
}

/**
 * A virtio-net VF behind the kernel's vfio-virtio driver. The device knows no precopy: it can be asked how
 * large its parts are, give all of them, take all of them, stop and start, each by an admin command of its
 * owner. What the driver makes of that (facts):
 *
 * - PRE_COPY reads all parts at its begin, and once a second again, where a query finds everything read. So
 *   dirty_bytes comes back in full, idle device or not, and moving them only warms the destination up.
 * - STOP_COPY reads all parts again: MIG_DATA_SIZE is the full size at any time.
 * - A P2P state stops the device already; between RUNNING_P2P and STOP nothing is left to do.
 * - read(2) and write(2) only move bytes of the driver's buffers: they take no time of the device's but for
 *   the write that completes a record. Time goes by in arcs and queries.
 *
 * As in the driver, RESUMING -> STOP looks at nothing: whoever wants to know whether all of the state
 * came asks `gatheredWhole(device.loader)`, or compares images.
 */
export class VirtioDevice implements Device {
  readonly id: string;
  readonly migrationFlags: number;
  readonly stream: PartsStream;
  readonly loader: PartsLoader;
  #profile: VirtioProfile;
  #clock: Clock;
  #memory: StateMemory | null;
  #admin: AdminCommands;
  #guest: Guest | null;
  /** When the guest was last brought up to date, and when PRE_COPY was entered. */
  #guestNs: number;
  #precopyNs = 0;
  #limiter: RateLimiter;
  #refreshErrorsSeen = 0;
  #state: DeviceState = RUNNING;
  /** What the data_fd in the user's hands is for, alive or not; null before the first. */
  #fdSide: SessionSide | null = null;
  /** The data_fd failed for good: its session goes on and moves nothing. */
  #fdBroken = false;
  #optedIn = false;
  #closed = false;

  constructor(options: VirtioDeviceOptions) {
    const { id, profile, clock, memory } = options;
    this.id = id;
    this.migrationFlags = MIGRATION.STOP_COPY |
      (profile.p2p ? MIGRATION.P2P : 0) | (profile.precopy ? MIGRATION.PRE_COPY : 0);
    this.#profile = profile;
    this.#clock = clock;
    this.#memory = memory;
    const objects = options.objects ?? createPartsObjects();
    this.#admin = createAdminCommands(clock, profile.admin_command_ms, objects);
    this.#guest = createGuest(memory, profile.dirty_rate);
    this.#guestNs = clock.nowNs();
    this.#limiter = createRateLimiter(profile.refresh_period_ms * 1e6);
    this.stream = createPartsStream(memory, profile.state_size);
    this.loader = createPartsLoader(
      memory,
      profile.state_size,
      profile.record_limit,
      options.headerFeed ?? null,
    );
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
      this.#state = next;
      this.#guestNs = this.#clock.nowNs();
    }
    return 0;
  }

  setPrecopyInfoV2(): number {
    if (this.#closed) return -ERRNO.EBADF;
    if (!this.#profile.precopy) return -ERRNO.EINVAL;
    this.#optedIn = true;
    return 0;
  }

  getDataSize(out: DataSize): number {
    if (this.#closed) return -ERRNO.EBADF;
    const began_ns = this.#clock.nowNs();
    const isSaving = sessionSide(this.#state) === "saving";
    if (!isSaving) {
      // The question needs an object, and one that stayed would outlive a migration that never comes.
      const borrowed = borrowObject(this.#admin);
      if (borrowed < 0) return borrowed;
    }
    spendCommands(this.#admin, began_ns, isSaving ? 1 : 3, 0);
    out.stopCopyLength = this.#profile.state_size;
    return 0;
  }

  getPrecopyInfo(out: PrecopyInfo): number {
    if (this.#closed || this.#fdSide === null) return -ERRNO.EBADF;
    if (this.#fdSide === "resuming") return -ERRNO.ENOTTY;
    if (this.#state !== PRE_COPY && this.#state !== PRE_COPY_P2P) return -ERRNO.EINVAL;
    this.#runGuest();
    const began_ns = this.#clock.nowNs();
    // The driver asks its limiter before it knows whether it has any use for an answer.
    const size = allow(this.#limiter, began_ns) ? this.#profile.state_size : 0;
    if (size > 0) spendCommands(this.#admin, began_ns, 1, 0);
    if (this.#fdBroken) return -ERRNO.ENODEV;
    const initialBytes = initialLeft(this.stream);
    const unread = unreadParts(this.stream);
    if (size > 0 && unread === 0) {
      const result = this.#refresh();
      if (result < 0) return result;
    }
    out.flags = kernelPrecopyFlags({
      optedIn: this.#optedIn,
      reinit: false,
      callerFlags: out.flags,
    });
    out.initialBytes = initialBytes;
    // The full size comes on top of what is unread, and the new record's header is left out.
    out.dirtyBytes = initialBytes > 0 ? 0 : unread + size;
    return 0;
  }

  read(region: Region | null, length: number, calls = 1): number {
    if (this.#closed || this.#fdSide !== "saving") return -ERRNO.EBADF;
    if (sessionSide(this.#state) !== "saving" || this.#fdBroken) return -ERRNO.ENODEV;
    const n = readParts(this.stream, region, length * calls);
    return n === 0 && length > 0 && this.#state !== STOP_COPY ? -ERRNO.ENOMSG : n;
  }

  write(region: Region | null, offset: number, length: number): number {
    if (this.#closed || this.#fdSide !== "resuming") return -ERRNO.EBADF;
    if (sessionSide(this.#state) !== "resuming" || this.#fdBroken) return -ERRNO.ENODEV;
    for (let done = 0; done < length;) {
      const n = gatherParts(this.loader, region, offset + done, length - done);
      const result = n < 0 ? n : this.loader.ready ? this.#load() : 0;
      if (result < 0) {
        // Unlike write(2) elsewhere, the driver does not say what it had taken before it failed.
        this.#fdBroken = true;
        return result;
      }
      done += n;
    }
    return length;
  }

  reset(): number {
    if (this.#closed) return -ERRNO.EBADF;
    if (hasObject(this.#admin)) this.#endSession();
    this.loader.records = 0;
    this.#state = RUNNING;
    this.#guestNs = this.#clock.nowNs();
    return 0;
  }

  image(): DeviceImage | null {
    return stateImage(this.#memory);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (hasObject(this.#admin)) this.#endSession();
    if (this.#memory !== null) closeStateMemory(this.#memory);
  }

  /** All that an arc does but for the change of the state. */
  #takeArc(next: DeviceState): number {
    const from = this.#state;
    const { suspend_ms, resume_ms } = this.#profile;
    if (runsIn(from) !== runsIn(next)) {
      spendCommands(this.#admin, this.#clock.nowNs(), 1, runsIn(from) ? suspend_ms : resume_ms);
    }
    // A guest's device runs until it is stopped, and what it does then is in the state that follows.
    this.#runGuest();
    if (endsSession(from, next)) this.#endSession();
    const side = opensSession(from, next);
    if (side === "saving") return this.#beginSaving(next === STOP_COPY ? 1 : 2);
    if (side === "resuming") return this.#beginResuming();
    return next === STOP_COPY ? this.#saveFinal() : 0;
  }

  #beginSaving(images: 1 | 2): number {
    const began_ns = this.#clock.nowNs();
    const created = createObject(this.#admin, PARTS_OBJECT.GET);
    if (created < 0) return created;
    const result = this.#profile.state_size === 0 ? -ERRNO.EINVAL : beginParts(this.stream, images);
    const appended = result < 0 ? result : appendParts(this.stream);
    // Created, asked for the size, read.
    spendCommands(this.#admin, began_ns, 3, this.#saveMs());
    if (appended < 0) {
      this.#endSession();
      return appended;
    }
    this.#openFd("saving");
    this.#precopyNs = this.#clock.nowNs();
    this.#refreshErrorsSeen = 0;
    resetRateLimiter(this.#limiter);
    return 0;
  }

  #beginResuming(): number {
    const began_ns = this.#clock.nowNs();
    const created = createObject(this.#admin, PARTS_OBJECT.SET);
    if (created < 0) return created;
    spendCommands(this.#admin, began_ns, 1, 0);
    const result = beginGathering(this.loader);
    if (result < 0) this.#endSession();
    else this.#openFd("resuming");
    return result;
  }

  /** The state of the stopped device, after whatever of PRE_COPY is not read yet. */
  #saveFinal(): number {
    if (this.#fdBroken) return -ERRNO.ENODEV;
    const began_ns = this.#clock.nowNs();
    const result = appendParts(this.stream);
    spendCommands(this.#admin, began_ns, 2, this.#saveMs());
    if (result < 0) this.#fdBroken = true;
    return result;
  }

  /** Everything is read: all of the state comes into the stream anew. A failure changes nothing. */
  #refresh(): number {
    const began_ns = this.#clock.nowNs();
    const failed = this.#takeRefreshErrors(began_ns);
    const result = failed ? -ERRNO.EINVAL : appendParts(this.stream);
    spendCommands(this.#admin, began_ns, 1, failed ? 0 : this.#saveMs());
    return result;
  }

  /** Whether the profile has an error for a refresh at this moment. */
  #takeRefreshErrors(now_ns: number): boolean {
    const { refresh_error_at_ms } = this.#profile;
    const before = this.#refreshErrorsSeen;
    const ran_ms = (now_ns - this.#precopyNs) / 1e6;
    while ((refresh_error_at_ms[this.#refreshErrorsSeen] ?? Infinity) <= ran_ms) {
      this.#refreshErrorsSeen++;
    }
    return this.#refreshErrorsSeen > before;
  }

  /** Gives the device the record that is gathered. */
  #load(): number {
    const { load_rate, prepare_ms, prepare_ms_per_mib } = this.#profile;
    const began_ns = this.#clock.nowNs();
    const { recordSize, records } = this.loader;
    const result = setParts(this.loader);
    if (result < 0) {
      spendCommands(this.#admin, began_ns, 1, 0);
      return result;
    }
    const prepareMs = records > 0 ? 0 : prepare_ms + prepare_ms_per_mib * recordSize / MIB;
    spendCommands(this.#admin, began_ns, 1, transferMs(recordSize, load_rate) + prepareMs);
    return 0;
  }

  #openFd(side: SessionSide): void {
    this.#fdSide = side;
    this.#fdBroken = false;
  }

  /** Frees whatever a session holds. Its data_fd answers ENODEV from the change of the state on. */
  #endSession(): void {
    destroyObject(this.#admin);
    endParts(this.stream);
    endGathering(this.loader);
    if (!this.#closed) spendCommands(this.#admin, this.#clock.nowNs(), 1, 0);
  }

  #saveMs(): number {
    return transferMs(this.#profile.state_size, this.#profile.save_rate);
  }

  /** Lets the guest do what it did since it was last looked at. */
  #runGuest(): void {
    const now_ns = this.#clock.nowNs();
    if (this.#state === PRE_COPY) runGuest(this.#guest, now_ns - this.#guestNs);
    this.#guestNs = now_ns;
  }
}

/** Whether the device itself runs: it knows nothing between running and stopped. */
function runsIn(state: DeviceState): boolean {
  return state === RUNNING || state === PRE_COPY;
}

function transferMs(size: number, rate: number): number {
  return rate > 0 ? size / rate * 1000 : 0;
}
