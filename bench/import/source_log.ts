import { CutOffError, deviceOf, numberAfter, numberAfterIfAny, wordAfter } from "./arguments.ts";
import { DeviceLog, STAND_IN_BYTES } from "./device_log.ts";
import { TRANSFERRED_EVENT } from "./event_names.ts";
import { ImportError } from "./import_error.ts";
import type { Moment, Outcome, TracedAck } from "./migration.ts";
import { NO_ANSWER, PassLog, type TakePass } from "./pass_log.ts";
import { SectionTimes } from "./section_times.ts";
import { WindowList } from "./window_list.ts";
import type { TraceEvent } from "./trace_event.ts";
import { createRecorder } from "../measure/mod.ts";
import type { PassDevice } from "../../core/migration/mod.ts";

/** Which event names the source wrote: those of 8.1 to 11.0, or those of 11.1. */
export type Dialect = "8.1" | "11.1";

/** Moments and totals of a source that its events give one by one. Moments are absolute, in us. */
export interface SourceMoments {
  headerUs: Moment;
  setupUs: Moment;
  decidedUs: Moment;
  stoppedUs: Moment;
  ramSavedUs: Moment;
  devicesSavedUs: Moment;
  configSavedUs: Moment;
  downtimeEndUs: Moment;
  endUs: Moment;
}

/** A vmstate section's cost. */
export interface SavedVmstate {
  readonly idstr: string;
  readonly instanceId: number;
  readonly type: "iterable" | "non-iterable";
  readonly us: number;
}

/** When messages went out and came in, in order, for the clocks. */
export interface SourceMessages {
  readonly sections: SectionTimes;
  readonly commands: Map<string, number[]>;
  readonly replies: Map<string, number[]>;
}

/** Hears of the passes of a migration: how they begin, and each when it is over. */
export interface PassListener {
  begin(devices: readonly PassDevice[]): void;
  pass: TakePass;
}

/** What a device said of itself when the VM was made; only 11.1 logs it. */
export interface DeviceFacts {
  readonly supportsPrecopy: boolean;
  readonly supportsP2p: boolean;
  readonly precopyInfoV2: boolean;
}

/** All that the log of a source tells of one outgoing migration, as it comes. */
export class SourceLog {
  dialect: Dialect | null = null;
  outcome: Outcome | null = null;
  isOutgoing = false;
  transport: "socket" | "file" | "other" | null = null;
  returnPath = false;
  /** 8.1: no switchover_bw; a state is set in one event. */
  hasSwitchoverBandwidth = false;
  hasSetDeviceState = false;
  channels = 0;
  multifdFills = 0;
  multifdRamBytes = 0;
  /** What all channels had transferred: now, at the end of setup, at the decision. */
  transferred: number | null = null;
  transferredMultifd = 0;
  transferredAtSetup: number | null = null;
  transferredAtDecision: number | null = null;
  decidedPendingBytes: number | null = null;
  readonly at: SourceMoments = {
    headerUs: null,
    setupUs: null,
    decidedUs: null,
    stoppedUs: null,
    ramSavedUs: null,
    devicesSavedUs: null,
    configSavedUs: null,
    downtimeEndUs: null,
    endUs: null,
  };
  readonly passes: PassLog;
  readonly devices: DeviceLog[] = [];
  readonly windows = new WindowList();
  lastThreshold: number | null = null;
  readonly acks: TracedAck[] = [];
  readonly vmstates: SavedVmstate[] = [];
  readonly messages: SourceMessages = {
    sections: new SectionTimes(),
    commands: new Map(),
    replies: new Map(),
  };
  readonly durations = createRecorder();
  lastUs: Moment = null;
  isActive = false;
  isDecided = false;
  unreadable = 0;
  #begun = false;
  #thread: number | null = null;
  /** 10.0's running sum and the sizes of the devices in it. */
  #sizesSum = 0;
  #section: string | null = null;
  #sectionBegan: Moment = null;

  constructor(
    readonly startUs: Moment,
    readonly listener: PassListener,
    readonly factsOf: (id: string) => DeviceFacts | undefined,
  ) {
    this.passes = new PassLog((pass) => listener.pass(pass));
  }

  /** Microseconds since the migration began. */
  since(us: Moment): Moment {
    return us === null || this.startUs === null ? null : us - this.startUs;
  }

  take(event: TraceEvent): void {
    this.lastUs = event.us;
    try {
      this.#take(event, this.since(event.us));
    } catch (error) {
      if (!(error instanceof CutOffError)) throw error;
      this.unreadable++;
    }
  }
  /** The log, or the migration, is over. */
  end(): void {
    this.passes.flush();
  }

  #take({ us, thread, name, args }: TraceEvent, at_us: Moment): void {
    const { passes, at, messages } = this;
    switch (name) {
      case TRANSFERRED_EVENT:
        this.transferredMultifd = numberAfter(args, "multifd");
        this.transferred = numberAfter(args, "qemu_file") + this.transferredMultifd +
          (numberAfterIfAny(args, "RDMA") ?? 0);
        return;
      case "migrate_set_state":
        return this.#setState(wordAfter(args, "new state"), us);
      case "migration_socket_outgoing_connected":
        this.transport = "socket";
        return;
      case "migration_file_outgoing":
        this.transport = "file";
        return;
      case "open_return_path_on_source":
        this.returnPath = true;
        return;
      case "savevm_state_header":
        at.headerUs = us;
        return;
      case "savevm_state_setup":
        this.#begin(thread);
        return;
      case "migration_thread_setup_complete":
        at.setupUs = us;
        this.transferredAtSetup = this.transferred;
        return;
      case "migration_bitmap_sync_start":
        return passes.dirty.syncStart(us);
      case "migration_bitmap_sync_end":
        return passes.dirty.syncEnd(us, numberAfter(args, "dirty_pages"));
      case "migrate_transferred":
        return this.#window(args, at_us);
      case "savevm_state_iterate":
        return passes.decided("iterate");
      case "migration_thread_low_pending":
        passes.decided("complete");
        return this.#decide(us, at_us);
      case "vmstate_downtime_checkpoint":
        return this.#checkpoint(args, us, at_us);
      case "vmstate_downtime_save":
        return this.#saved(args, us, at_us);
      case "savevm_section_start":
        return this.#sectionStart(args, us, at_us);
      case "savevm_section_end":
        this.#section = null;
        return;
      case "savevm_send_ping":
      case "savevm_send_open_return_path":
      case "savevm_send_switchover_start":
        return addTo(messages.commands, name.slice("savevm_send_".length), us);
      case "source_return_path_thread_pong":
        return addTo(messages.replies, "pong", us);
      case "source_return_path_thread_shut":
        return addTo(messages.replies, "shut", us);
      case "source_return_path_thread_switchover_acked":
        addTo(messages.replies, "ack", us);
        this.acks.push({ at_us, pending: numberAfterIfAny(args, "ack_pending_num") ?? null });
        return passes.ack();
      case "multifd_send_thread_start":
        this.channels++;
        return;
      case "multifd_send_fill":
        this.multifdFills++;
        this.multifdRamBytes += numberAfter(args, "next packet size");
        return;
      default:
        return name.startsWith("vfio_")
          ? this.#takeDevice(name, args, at_us)
          : this.#takeQuery(name, args, at_us);
    }
  }

  #begin(thread: number | null): void {
    if (this.#thread !== null && thread !== null && this.#thread !== thread && this.isActive) {
      throw new ImportError(
        `two migrations run at the same time in it (threads ${this.#thread} and ${thread}): split the log by process`,
      );
    }
    this.#thread = thread;
    this.isOutgoing = true;
  }

  #setState(state: string, us: Moment): void {
    this.isActive = state === "setup" || state === "active" || state === "device";
    if (state === "active") this.at.setupUs ??= us;
    const outcome = OUTCOMES.get(state);
    if (outcome === undefined) return;
    this.outcome = outcome;
    this.at.endUs = us;
    this.passes.flush();
  }

  #window(args: string, at_us: Moment): void {
    const { passes } = this;
    const window = passes.window(args);
    if (window.switchoverBandwidth !== undefined) this.hasSwitchoverBandwidth = true;
    this.lastThreshold = window.threshold;
    this.windows.add({
      at_us,
      transferred_bytes: window.transferred,
      time_spent_ms: window.timeSpentMs,
      threshold_bytes: window.threshold,
      pending_bytes: passes.pendingBytes,
    });
  }

  #decide(us: Moment, at_us: Moment): void {
    if (this.isDecided) return;
    this.isDecided = true;
    this.at.decidedUs = us;
    this.transferredAtDecision = this.transferred;
    this.decidedPendingBytes = this.passes.pendingBytes;
    for (const device of this.devices) device.decided(at_us);
    this.passes.flush();
  }

  #checkpoint(args: string, us: Moment, at_us: Moment): void {
    const { at } = this;
    switch (args.trim()) {
      case "src-downtime-start":
        this.passes.decided("complete");
        this.#decide(us, at_us);
        // The decision was some microseconds earlier: the downtime begins here.
        at.decidedUs = us;
        return;
      case "src-vm-stopped":
        at.stoppedUs = us;
        for (const device of this.devices) device.stop(at_us);
        return;
      case "src-iterable-saved":
        at.devicesSavedUs = us;
        return;
      case "src-non-iterable-saved":
        at.configSavedUs = us;
        return;
      case "src-downtime-end":
        at.downtimeEndUs = us;
    }
  }

  #saved(args: string, us: Moment, at_us: Moment): void {
    const type = wordAfter(args, "type=") === "iterable" ? "iterable" : "non-iterable";
    const idstr = wordAfter(args, "idstr=");
    const took = numberAfter(args, "downtime=");
    this.vmstates.push({ idstr, instanceId: numberAfter(args, "instance_id="), type, us: took });
    if (idstr === "ram" && type === "iterable") this.at.ramSavedUs = us;
    const device = this.devices.find((one) => one.section === idstr);
    if (device === undefined) return;
    if (type === "iterable") {
      device.saveUs = took;
      device.end(at_us);
    } else device.configSaveUs = took;
  }

  #sectionStart(args: string, us: Moment, at_us: Moment): void {
    this.#section = wordAfter(args, "").replace(/,$/, "");
    this.#sectionBegan = at_us;
    this.messages.sections.add(us);
  }

  #device(args: string): DeviceLog {
    const id = deviceOf(args);
    let device = this.devices.find((one) => one.id === id);
    if (device === undefined) {
      device = new DeviceLog(id, this.durations);
      Object.assign(device, this.factsOf(id));
      this.devices.push(device);
    }
    return device;
  }

  #takeDevice(name: string, args: string, at_us: Moment): void {
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
      case "vfio_save_complete_precopy_start":
        this.#device(args).began = at_us;
        return;
      case "vfio_save_complete_precopy":
        return this.#device(args).end(at_us);
      case "vfio_save_complete_precopy_thread_start": {
        const device = this.#device(args);
        device.multifd = true;
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
    if (!this.isDecided && reason !== "finish-migrate") this.passes.guestRunning = running;
    if (!running) this.#device(args).stop(at_us);
  }

  /** 11.1: a query ioctl with its answer. MIG_DATA_SIZE comes first; the two of one moment are one query. */
  #query(name: string, args: string, at_us: Moment): void {
    this.dialect = "11.1";
    const device = this.#device(args);
    const place = this.devices.indexOf(device);
    const failed = numberAfter(args, "ret") !== 0;
    const when = this.isDecided ? "stop" : this.#begun ? "exact" : "setup";
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
    const place = this.devices.indexOf(device);
    const initial = numberAfter(args, "initial size");
    const dirty = numberAfter(args, "dirty size");
    this.#sizesSum += initial + dirty;
    if (name === "vfio_state_pending_estimate") {
      // Devices that are not in precopy do not report here.
      device.supportsPrecopy = true;
      this.passes.cache(place, { initial, dirty, stop: undefined });
      if (!this.#begun) {
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
    const place = this.devices.indexOf(this.#device(args));
    const initial = numberAfter(args, "initial size");
    const dirty = numberAfter(args, "dirty size");
    this.#sizesSum += initial + dirty;
    this.passes.cache(place, { initial, dirty, stop: numberAfter(args, "stopcopy size") });
  }

  #turn(name: string, args: string, at_us: Moment): void {
    const device = this.#device(args);
    device.section ??= this.#section;
    if (name === "vfio_save_block") {
      if (!device.stopped && this.#section !== null) device.began ??= this.#sectionBegan;
      device.block(numberAfter(args, "data_size"), at_us);
    } else if (name === "vfio_send_init_data_flag") device.initDataSent.push(at_us);
    else if (name === "vfio_save_iterate_start") device.began = at_us;
    else this.passes.read(this.devices.indexOf(device), device.endTurn(at_us));
  }

  #takeQuery(name: string, args: string, at_us: Moment): void {
    const { passes } = this;
    switch (name) {
      case "migrate_pending_estimate": {
        const total = numberAfter(args, "pending size");
        const ram = total - this.#takeSizes();
        return this.#estimate(at_us, { ram, total, requests: undefined, owed: undefined });
      }
      case "migrate_pending_exact":
        this.#takeSizes();
        return passes.exact(at_us, {
          total: numberAfter(args, "pending size"),
          requests: undefined,
          owed: undefined,
        });
      case "qemu_savevm_query_pending": {
        this.dialect = "11.1";
        const query = {
          total: numberAfter(args, " total="),
          requests: numberAfter(args, "collected switchover ack pending"),
          owed: numberAfter(args, "total switchover ack pending"),
        };
        const ram = numberAfter(args, " precopy=") - this.#takeSizes();
        if (numberAfter(args, "exact") === 0) return this.#estimate(at_us, { ram, ...query });
        if (numberAfter(args, "final") === 0) return passes.exact(at_us, query);
      }
    }
  }

  #takeSizes(): number {
    const sum = this.#sizesSum;
    this.#sizesSum = 0;
    return sum;
  }

  #estimate(at_us: Moment, query: Parameters<PassLog["estimate"]>[1]): void {
    if (!this.#begun) {
      this.#begun = true;
      this.isOutgoing = true;
      const answers = this.passes.takeAnswers();
      this.listener.begin(this.devices.map((device, place) => ({
        supportsPrecopy: device.supportsPrecopy,
        inPrecopy: device.supportsPrecopy && isInPrecopy(device),
        precopyInfoV2: device.precopyInfoV2 ?? this.dialect === "11.1",
        answer: answers[place] ?? NO_ANSWER,
      })));
    }
    this.passes.estimate(at_us, query);
  }
}

/** A device of a VM that was paused at setup stays where it is. Without states in the log it is taken to be moved. */
function isInPrecopy({ states: { states } }: DeviceLog): boolean {
  return states.length === 0 || states.some(({ state }) => state === "PRE_COPY");
}

const OUTCOMES: ReadonlyMap<string, Outcome> = new Map([
  ["completed", "completed"],
  ["failed", "failed"],
  ["failing", "failed"],
  ["cancelled", "cancelled"],
  ["cancelling", "cancelled"],
]);

function addTo(times: Map<string, number[]>, key: string, us: Moment): void {
  if (us === null) return;
  const list = times.get(key);
  if (list === undefined) times.set(key, [us]);
  else list.push(us);
}
