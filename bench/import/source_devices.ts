import { deviceOf, numberAfter, wordAfter } from "./arguments.ts";
import { DeviceLog } from "./device_log.ts";
import type { Moment } from "./migration.ts";
import type { PassLog } from "./pass_log.ts";
import { createRecorder } from "../measure/mod.ts";
import { STAND_IN_BYTES } from "../../core/migration/mod.ts";

/** Which event names the source wrote: those of 8.1 to 11.0, or those of 11.1. */
export type Dialect = "8.1" | "11.1";

/** What a device said of itself when the VM was made; only 11.1 logs it. */
export interface DeviceFacts {
  readonly supportsPrecopy: boolean;
  readonly supportsP2p: boolean;
  readonly precopyInfoV2: boolean;
}

/** How far a migration has come. */
export interface Progress {
  /** The first pass has begun: setup is over. */
  isBegun: boolean;
  /** The source has decided to switch over. */
  isDecided: boolean;
}

/** The devices of a source: what its `vfio_` events tell of each, and of the passes in which they were asked and read. */
export class SourceDevices {
  readonly list: DeviceLog[] = [];
  readonly durations = createRecorder();
  dialect: Dialect | null = null;
  /** Up to 9.0 a state that was reached has no event of its own. */
  hasSetDeviceState = false;
  /** The section that is being written, and since when. */
  section: string | null = null;
  sectionBegan: Moment = null;
  /** Initial and dirty bytes of the devices that the query in progress has asked so far. */
  sizesSum = 0;

  constructor(
    readonly passes: PassLog,
    readonly progress: Progress,
    readonly factsOf: (id: string) => DeviceFacts | undefined,
  ) {}

  #device(args: string): DeviceLog {
    const id = deviceOf(args);
    let device = this.list.find((one) => one.id === id);
    if (device === undefined) {
      device = new DeviceLog(id, this.durations);
      Object.assign(device, this.factsOf(id));
      this.list.push(device);
    }
    return device;
  }

  take(name: string, args: string, at_us: Moment): void {
    switch (name) {
      case "vfio_save_setup":
        this.#device(args).bufferSize = numberAfter(args, "data buffer size");
        return;
      case "vfio_migration_set_state":
        return this.#attempt(args, at_us);
      case "vfio_migration_set_device_state":
        this.hasSetDeviceState = true;
        return this.#reached(args, at_us);
      case "vfio_vmstate_change":
        return this.#vmstateChange(args, at_us);
      case "vfio_query_stop_copy_size":
      case "vfio_query_precopy_size":
        return this.#query(name, args, at_us);
      case "vfio_state_pending_estimate":
      case "vfio_state_pending_exact":
        return this.#pending10(name, args, at_us);
      case "vfio_state_pending":
        return this.#pending11(args);
      case "vfio_save_iterate_start":
      case "vfio_save_block":
      case "vfio_save_iterate":
      case "vfio_send_init_data_flag":
        return this.#turn(name, args, at_us);
      case "vfio_save_complete_precopy_start": {
        const device = this.#device(args);
        device.section ??= this.section;
        device.began = at_us;
        return;
      }
      case "vfio_save_complete_precopy":
        return this.#device(args).end(at_us);
      case "vfio_save_complete_precopy_thread_start": {
        const device = this.#device(args);
        device.multifd = true;
        device.section ??= wordAfter(args, "idstr");
        device.stopCopy.begin_us = at_us;
        return;
      }
      case "vfio_save_complete_precopy_thread_end": {
        const device = this.#device(args);
        device.stopCopy.end_us = at_us;
        device.stopCopy.busy_us = device.stopCopy.begin_us === null || at_us === null
          ? null
          : at_us - device.stopCopy.begin_us;
        device.end(at_us);
      }
    }
  }

  #attempt(args: string, at_us: Moment): void {
    // 8.1 and 9.0 have this event alone, for a state that was reached.
    if (!args.includes("new state")) return this.#reached(args, at_us);
    const device = this.#device(args);
    const state = wordAfter(args, "new state");
    device.states.attempt(state, at_us);
    if (state === "PRE_COPY_P2P" || state === "RUNNING_P2P" || state === "STOP_COPY") {
      device.stopBegan ??= at_us;
    }
  }

  #reached(args: string, at_us: Moment): void {
    const device = this.#device(args);
    const state = wordAfter(args, ") state");
    device.states.reached(state, at_us);
    if (state === "PRE_COPY") device.supportsPrecopy = true;
    if (state === "PRE_COPY_P2P" || state === "RUNNING_P2P") device.supportsP2p = true;
    if (state === "STOP_COPY" || state === "STOP") device.stop(at_us);
  }

  #vmstateChange(args: string, at_us: Moment): void {
    const running = numberAfter(args, "running") !== 0;
    const reason = wordAfter(args, "reason");
    if (!this.progress.isDecided && reason !== "finish-migrate") this.passes.guestRunning = running;
    if (!running) this.#device(args).stop(at_us);
  }

  /** 11.1: a query ioctl with its answer. MIG_DATA_SIZE comes first; the two of one moment are one query. */
  #query(name: string, args: string, at_us: Moment): void {
    this.dialect = "11.1";
    const device = this.#device(args);
    const place = this.list.indexOf(device);
    const failed = numberAfter(args, "ret") !== 0;
    const when = this.progress.isDecided ? "stop" : this.progress.isBegun ? "exact" : "setup";
    if (name === "vfio_query_stop_copy_size") {
      const stop = failed ? null : numberAfter(args, "stopcopy size");
      device.ask(at_us, { when, stop_copy_length: stop, reinit: false });
      this.passes.answer(place, { stop, initial: undefined, dirty: undefined, reinit: false });
      return;
    }
    const initial = failed ? null : numberAfter(args, ") init");
    const dirty = failed ? null : numberAfter(args, "dirty");
    const reinit = !failed && numberAfter(args, "reinit") !== 0;
    device.supportsPrecopy = true;
    device.ask(at_us, { when, initial_bytes: initial, dirty_bytes: dirty, reinit });
    if (when !== "stop") {
      this.passes.answer(place, { stop: undefined, initial, dirty, reinit });
    }
  }

  /** 10.0: what a query made of the device's cache; an exact one has just asked it. */
  #pending10(name: string, args: string, at_us: Moment): void {
    this.dialect = "8.1";
    const device = this.#device(args);
    const place = this.list.indexOf(device);
    const initial = numberAfter(args, "initial size");
    const dirty = numberAfter(args, "dirty size");
    this.sizesSum += initial + dirty;
    if (name === "vfio_state_pending_estimate") {
      // Devices that are not in precopy do not report here.
      device.supportsPrecopy = true;
      this.passes.cache(place, { initial, dirty, stop: undefined });
      if (!this.progress.isBegun) {
        device.ask(at_us, {
          when: "setup",
          initial_bytes: initial,
          dirty_bytes: dirty,
          reinit: false,
        });
        this.passes.answer(place, { stop: undefined, initial, dirty, reinit: false });
      }
      return;
    }
    const size = numberAfter(args, "stopcopy size");
    const stop = size === STAND_IN_BYTES ? null : size;
    const inPrecopy = device.supportsPrecopy && !device.stopped;
    device.ask(at_us, {
      when: "exact",
      stop_copy_length: stop,
      ...(inPrecopy ? { initial_bytes: initial, dirty_bytes: dirty } : {}),
      reinit: false,
    });
    this.passes.cache(place, { initial, dirty, stop: size });
    this.passes.answer(place, {
      stop,
      initial: inPrecopy ? initial : undefined,
      dirty: inPrecopy ? dirty : undefined,
      reinit: false,
    });
  }

  #pending11(args: string): void {
    const place = this.list.indexOf(this.#device(args));
    const initial = numberAfter(args, "initial size");
    const dirty = numberAfter(args, "dirty size");
    this.sizesSum += initial + dirty;
    this.passes.cache(place, { initial, dirty, stop: numberAfter(args, "stopcopy size") });
  }

  #turn(name: string, args: string, at_us: Moment): void {
    const device = this.#device(args);
    device.section ??= this.section;
    if (name === "vfio_save_block") {
      if (!device.stopped && this.section !== null) device.began ??= this.sectionBegan;
      device.block(numberAfter(args, "data_size"), at_us);
    } else if (name === "vfio_send_init_data_flag") device.initDataSent.push(at_us);
    else if (name === "vfio_save_iterate_start") device.began = at_us;
    else this.passes.read(this.list.indexOf(device), device.endTurn(at_us));
  }
}
