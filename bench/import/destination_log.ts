import { CutOffError, deviceOf, numberAfter, wordAfter } from "./arguments.ts";
import { BufferLog, StateLog } from "./device_log.ts";
import type { Moment } from "./migration.ts";
import { createRecorder, type DurationHistogram } from "../measure/mod.ts";
import { SectionTimes } from "./section_times.ts";
import { SideThreads } from "./side_threads.ts";
import type { TraceEvent } from "./trace_event.ts";

const SECTION_START = 1, SECTION_END = 3, SECTION_FULL = 4;
const RP_SHUT = 1, RP_PONG = 2, RP_SWITCHOVER_ACK = 7;
/** The record tag of device data: it is followed by the data, which is loaded then and there. */
const DATA_STATE = "0xffffffffef100004";

/** What the destination's log tells of one device. Moments are absolute, in us of its own clock. */
export class LoadingDevice {
  section: string | null = null;
  readonly states = new StateLog();
  readonly precopy: BufferLog;
  readonly stopCopy: BufferLog;
  readonly approved: Moment[] = [];
  multifd = false;
  refused = false;
  loadUs: number | null = null;
  configLoadUs: number | null = null;
  began: Moment = null;

  constructor(readonly id: string, durations: DurationHistogram) {
    this.precopy = new BufferLog(durations);
    this.stopCopy = new BufferLog(durations);
  }
}

/** What one incoming migration left in its log. */
export interface Incoming {
  readonly devices: LoadingDevice[];
  readonly vmstates: { idstr: string; instanceId: number; type: string; us: number }[];
  /** Sections but those of setup, which a source does not log. */
  readonly sections: SectionTimes;
  readonly commands: Map<string, number[]>;
  readonly replies: Map<string, number[]>;
  readonly durations: DurationHistogram;
  /** Packets of device state that came over multifd's channels. */
  devicePackets: number;
  switchedOver: boolean;
  loadedUs: Moment;
  runningUs: Moment;
}

function createIncoming(): Incoming {
  return {
    devices: [],
    vmstates: [],
    sections: new SectionTimes(),
    commands: new Map(),
    replies: new Map(),
    durations: createRecorder(),
    devicePackets: 0,
    switchedOver: false,
    loadedUs: null,
    runningUs: null,
  };
}

/** The destination's log: its last incoming migration. */
export class DestinationLog {
  incoming: Incoming | null = null;
  unreadable = 0;
  #current = createIncoming();
  #section = "";
  readonly #threads = new SideThreads("destination");

  take(event: TraceEvent): void {
    if (this.#threads.isOther(event)) return;
    try {
      this.#take(event);
    } catch (error) {
      if (!(error instanceof CutOffError)) throw error;
      this.unreadable++;
    }
  }

  #take({ us, name, args }: TraceEvent): void {
    const now = this.#current;
    switch (name) {
      case "migrate_set_state":
        // A source in the same file has its own; a destination begins with the load.
        return;
      case "loadvm_state_setup":
        if (this.incoming !== null) this.#current = createIncoming();
        this.incoming = this.#current;
        return;
      case "qemu_loadvm_state_section":
        return this.#sectionRead(numberAfter(args, ""), us);
      case "qemu_loadvm_state_section_startfull":
        // ID(IDSTR) INSTANCE VERSION
        this.#section = /^\s*\d+\((.*)\) \d+ \d+\s*$/.exec(args)?.[1] ?? "";
        return;
      case "loadvm_process_command":
        return this.#command(wordAfter(args, "com="), us);
      case "loadvm_process_command_ping":
        return add(now.commands, "ping", us);
      case "migrate_send_rp_message":
        return this.#reply(numberAfter(args, ""), us);
      case "vmstate_downtime_checkpoint":
        if (args.includes("dst-precopy-loadvm-completed")) now.loadedUs = us;
        if (args.includes("dst-precopy-bh-vm-started")) now.runningUs = us;
        return;
      case "vmstate_downtime_load":
        return this.#loaded(args);
      case "loadvm_approve_switchover":
        return this.#approve(args, us);
      default:
        if (name.startsWith("vfio_")) this.#takeDevice(name, args, us);
    }
  }

  #sectionRead(type: number, us: Moment): void {
    const now = this.#current;
    if (type === SECTION_END) now.switchedOver = true;
    if (type > SECTION_START && type <= SECTION_FULL) now.sections.add(us);
  }

  #command(command: string, us: Moment): void {
    const now = this.#current;
    if (command === "OPEN_RETURN_PATH") add(now.commands, "open_return_path", us);
    if (command !== "SWITCHOVER_START") return;
    now.switchedOver = true;
    add(now.commands, "switchover_start", us);
  }

  #reply(type: number, us: Moment): void {
    const { replies } = this.#current;
    if (type === RP_SHUT) add(replies, "shut", us);
    if (type === RP_PONG) add(replies, "pong", us);
    if (type === RP_SWITCHOVER_ACK) add(replies, "ack", us);
  }

  #loaded(args: string): void {
    const type = wordAfter(args, "type=");
    const idstr = wordAfter(args, "idstr=");
    const took = numberAfter(args, "downtime=");
    const instanceId = numberAfter(args, "instance_id=");
    this.#current.vmstates.push({ idstr, instanceId, type, us: took });
    const device = this.#current.devices.find((one) => one.section === idstr);
    if (device === undefined) return;
    if (type === "iterable") device.loadUs = took;
    else device.configLoadUs = took;
  }

  #approve(args: string, us: Moment): void {
    // 11.1 names the approver; up to 11.0 there is only how many are still awaited.
    const id = /^\s*Approver (\S+)/.exec(args)?.[1];
    const { devices } = this.#current;
    const device = id === undefined
      ? devices.length === 1 ? devices[0] : undefined
      : this.#device(id);
    device?.approved.push(us);
  }

  #device(id: string): LoadingDevice {
    const { devices, durations } = this.#current;
    let device = devices.find((one) => one.id === id);
    if (device === undefined) {
      device = new LoadingDevice(id, durations);
      devices.push(device);
    }
    return device;
  }

  #takeDevice(name: string, args: string, us: Moment): void {
    if (this.incoming === null) return;
    const now = this.#current;
    switch (name) {
      case "vfio_migration_set_state":
        if (args.includes("new state")) {
          return this.#device(deviceOf(args)).states.attempt(wordAfter(args, "new state"), us);
        }
        return this.#reached(args, us);
      case "vfio_migration_set_device_state":
        return this.#reached(args, us);
      case "vfio_load_state": {
        const device = this.#device(deviceOf(args));
        device.section ??= this.#section;
        if (args.includes(DATA_STATE)) device.began = us;
        return;
      }
      case "vfio_load_state_device_data": {
        const device = this.#device(deviceOf(args));
        const buffers = now.switchedOver ? device.stopCopy : device.precopy;
        buffers.add(numberAfter(args, ") size"), device.began, us);
        return;
      }
      case "vfio_load_state_device_buffer_incoming":
        now.devicePackets++;
        return;
      case "vfio_load_state_device_buffer_load_start":
        this.#device(deviceOf(args)).began = us;
        return;
      case "vfio_load_state_device_buffer_load_end": {
        const device = this.#device(deviceOf(args));
        device.multifd = true;
        device.stopCopy.add(0, device.began, us);
      }
    }
  }

  #reached(args: string, us: Moment): void {
    const device = this.#device(deviceOf(args));
    const state = wordAfter(args, ") state");
    // A device that refuses its data at RESUMING -> STOP is reset, which leaves it RUNNING: QEMU goes on.
    if (state === "RUNNING" && device.states.attempting === "RUNNING_P2P") device.refused = true;
    // What comes after the guest runs is the guest's own, and its shutdown's.
    if (this.#current.runningUs === null) device.states.reached(state, us);
  }
}

function add(times: Map<string, number[]>, key: string, us: Moment): void {
  if (us === null) return;
  const list = times.get(key);
  if (list === undefined) times.set(key, [us]);
  else list.push(us);
}
