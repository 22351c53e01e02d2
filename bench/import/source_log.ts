import { CutOffError, numberAfter, numberAfterIfAny, wordAfter } from "./arguments.ts";
import type { DeviceLog } from "./device_log.ts";
import { type DeviceFacts, type Progress, SourceDevices } from "./source_devices.ts";
import { TRANSFERRED_EVENT } from "./event_names.ts";
import { ImportError } from "./import_error.ts";
import type { Moment, Outcome, TracedAck } from "./migration.ts";
import { NO_ANSWER, PassLog, type TakePass } from "./pass_log.ts";
import { SectionTimes } from "./section_times.ts";
import { WindowList } from "./window_list.ts";
import type { TraceEvent } from "./trace_event.ts";
import type { PassDevice } from "../../core/migration/mod.ts";

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

/** All that the log of a source tells of one outgoing migration, as it comes. */
export class SourceLog {
  outcome: Outcome | null = null;
  isOutgoing = false;
  transport: "socket" | "file" | "other" | null = null;
  returnPath = false;
  /** 8.1: no switchover_bw; a state is set in one event. */
  hasSwitchoverBandwidth = false;
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
  readonly devices: SourceDevices;
  readonly windows = new WindowList();
  lastThreshold: number | null = null;
  readonly acks: TracedAck[] = [];
  readonly vmstates: SavedVmstate[] = [];
  readonly messages: SourceMessages = {
    sections: new SectionTimes(),
    commands: new Map(),
    replies: new Map(),
  };
  lastUs: Moment = null;
  isActive = false;
  unreadable = 0;
  readonly progress: Progress = { isBegun: false, isDecided: false };
  /** The migration thread; null where the log does not say which wrote what. */
  thread: number | null = null;

  constructor(
    readonly startUs: Moment,
    readonly listener: PassListener,
    factsOf: (id: string) => DeviceFacts | undefined,
  ) {
    this.passes = new PassLog((pass) => listener.pass(pass));
    this.devices = new SourceDevices(this.passes, this.progress, factsOf);
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
        this.devices.section = null;
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
          ? this.devices.take(name, args, at_us)
          : this.#takeQuery(name, args, at_us);
    }
  }

  #begin(thread: number | null): void {
    if (this.isOutgoing) throw twoAtOnce();
    this.thread = thread;
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
    if (this.progress.isDecided) return;
    this.progress.isDecided = true;
    this.at.decidedUs = us;
    this.transferredAtDecision = this.transferred;
    this.decidedPendingBytes = this.passes.pendingBytes;
    for (const device of this.devices.list) device.decided(at_us);
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
        for (const device of this.devices.list) device.stop(at_us);
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
    const device = this.devices.list.find((one) => one.section === idstr);
    if (device === undefined) return;
    if (type === "iterable") {
      device.saveUs = took;
      device.end(at_us);
    } else device.configSaveUs = took;
  }

  #sectionStart(args: string, us: Moment, at_us: Moment): void {
    this.devices.section = wordAfter(args, "").replace(/,$/, "");
    this.devices.sectionBegan = at_us;
    this.messages.sections.add(us);
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
        this.devices.dialect = "11.1";
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
    const sum = this.devices.sizesSum;
    this.devices.sizesSum = 0;
    return sum;
  }

  #estimate(at_us: Moment, query: Parameters<PassLog["estimate"]>[1]): void {
    if (!this.progress.isBegun) {
      this.progress.isBegun = true;
      this.isOutgoing = true;
      const answers = this.passes.takeAnswers();
      this.listener.begin(this.devices.list.map((device, place) => ({
        supportsPrecopy: device.supportsPrecopy,
        inPrecopy: device.supportsPrecopy && isInPrecopy(device),
        precopyInfoV2: device.precopyInfoV2 ?? this.devices.dialect === "11.1",
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

/** What is said of a log in which the events of two migrations cannot be told apart. */
export function twoAtOnce(): ImportError {
  return new ImportError(
    "two migrations run in it at the same time: split it, one file for each QEMU",
  );
}

function addTo(times: Map<string, number[]>, key: string, us: Moment): void {
  if (us === null) return;
  const list = times.get(key);
  if (list === undefined) times.set(key, [us]);
  else list.push(us);
}
