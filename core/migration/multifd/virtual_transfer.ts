import { MULTIFD_SIZE } from "../../wire/multifd/mod.ts";
import { type Adapter, beginWork, createAdapter } from "./adapter.ts";
import { addEvent, createEventQueue, takeEvent } from "./event_queue.ts";
import { createLoadGate, loadsCancelled, startSwitchover } from "./load_gate.ts";
import { createDeviceLoad, LOAD_STEP, nextLoadStep, receiveBuffer } from "./load_steps.ts";
import { createDeviceSave, nextSaveStep, SAVE_STEP } from "./save_steps.ts";
import { createSendJobs, finishJob, takeChannel } from "./send_jobs.ts";

/** A device's stopped state, and what it costs in time. */
export interface TransferDevice {
  /** What is left to move once it is stopped, in bytes. */
  readonly stopCopyBytes: number;
  readonly configBytes: number;
  /** What SET STOP_COPY takes in the save thread; 0 where the device is there already. */
  readonly enterStopCopy_ns: number;
  readonly save_bytes_per_s: number;
  readonly load_bytes_per_s: number;
  /** What the last write takes beside its bytes. */
  readonly finish_ns: number;
  /** What loading the configuration takes; one device at a time. */
  readonly config_ns: number;
  /** Devices of the same adapter contend with each other, at each side; null = with none. */
  readonly adapter: number | null;
}

/** A transfer of all devices over multifd channels. Rates of 0 are without limit. */
export interface TransferPlan {
  readonly devices: readonly TransferDevice[];
  readonly channels: number;
  /** What one channel can carry. */
  readonly channel_bytes_per_s: number;
  /** What all can carry together. */
  readonly link_bytes_per_s: number;
  /** How long a byte travels, one way. */
  readonly latency_ns: number;
  readonly bufferSize: number;
  /** With k devices of an adapter at work at once each takes 1 + contention * (k - 1) times as long. */
  readonly contention: number;
  /** For each device, in bytes. */
  readonly maxQueuedBytes: number;
  /** When the destination takes SWITCHOVER_START in, in nanoseconds from the start of the saves. */
  readonly switchoverStart_ns: number;
}

/** When what happened with a device, in nanoseconds from the start of the saves; null = it never did. */
export interface TransferDeviceReport {
  /** All is handed to the channels, the configuration too. */
  saveEndNs: number | null;
  /** All data is written. */
  loadEndNs: number | null;
  configLoadedNs: number | null;
  peakQueuedBytes: number;
  /** How often its load had to wait for a buffer. */
  starved: number;
}

/** How a transfer went. */
export interface TransferReport {
  readonly devices: readonly TransferDeviceReport[];
  /** 0, or the negative errno that it failed with. */
  readonly result: number;
  /** When the last thing happened. */
  readonly endNs: number;
}

/**
 * Plays the multifd part of a switchover on simulated time, with the decisions of the real one: all save threads
 * begin at 0, and their buffers share channels and link.
 *
 * ```text
 *   device: enter STOP_COPY, read  ->  idle channel  ->  link  -latency->  queue, write, finish  ->  config turn
 *          (adapter, source)          (one job each)   (first come)       (adapter, destination)     (one)
 * ```
 *
 * A save thread reads on as soon as a channel has its buffer; a channel is idle again when the buffer is on the
 * link. The cost of a buffer does not depend on how many there are.
 *
 * @example Two devices that do not contend take as long as one
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { playTransfer } from "./virtual_transfer.ts";
 *
 * const device = {
 *   stopCopyBytes: 100e6, configBytes: 0, enterStopCopy_ns: 5e6, save_bytes_per_s: 1e9,
 *   load_bytes_per_s: 1e9, finish_ns: 0, config_ns: 0, adapter: null,
 * };
 * const plan = {
 *   channels: 2, channel_bytes_per_s: 0, link_bytes_per_s: 0, latency_ns: 0, bufferSize: 1e6,
 *   contention: 0, maxQueuedBytes: Infinity, switchoverStart_ns: 0,
 * };
 * const one = playTransfer({ ...plan, devices: [device] });
 * assertEquals(one.endNs, 106e6); // the last buffer is loaded 1 ms after it is read
 * assertEquals(playTransfer({ ...plan, devices: [device, device] }).endNs, 106e6);
 * ```
 */
export function playTransfer(plan: TransferPlan): TransferReport {
  const { devices } = plan;
  const queue = createEventQueue();
  const jobs = createSendJobs(plan.channels, devices.length);
  const gate = createLoadGate(devices.map(() => true), false);
  const sources = createAdapters(plan);
  const destinations = createAdapters(plan);
  const saves = devices.map((_, d) => createDeviceSave(d));
  const loads = devices.map((_, d) => createDeviceLoad(d, plan));
  const reports = devices.map((): TransferDeviceReport => ({
    saveEndNs: null,
    loadEndNs: null,
    configLoadedNs: null,
    peakQueuedBytes: 0,
    starved: 0,
  }));
  const waitingForChannel: number[] = [];
  const waitingForTurn: number[] = [];
  let nowNs = 0;
  let linkFreeNs = 0;

  /** Carries out the step that a save is at. */
  const save = (d: number): void => {
    const state = saves[d];
    const device = devices[d];
    const adapter = sources[d];
    const report = reports[d];
    if (!state || !device || !adapter || !report) return;
    const work = (aloneNs: number, result: number) =>
      beginWork(adapter, queue, nowNs, aloneNs, (atNs) => {
        nowNs = atNs;
        nextSaveStep(jobs, state, result);
        save(d);
      });
    switch (state.step) {
      case SAVE_STEP.STOP_COPY:
        return work(device.enterStopCopy_ns, 0);
      case SAVE_STEP.READ: {
        const length = Math.min(plan.bufferSize, device.stopCopyBytes - state.savedBytes);
        if (length > 0) return work(timeNs(length, device.save_bytes_per_s), length);
        nextSaveStep(jobs, state, 0);
        return save(d);
      }
      case SAVE_STEP.SAVE_CONFIG:
        nextSaveStep(jobs, state, device.configBytes);
        return save(d);
      case SAVE_STEP.SEND:
      case SAVE_STEP.SEND_CONFIG: {
        const channel = takeChannel(jobs);
        if (channel < 0) {
          waitingForChannel.push(d);
          return;
        }
        send(channel, d, state.idx, state.step === SAVE_STEP.SEND_CONFIG, state.length);
        nextSaveStep(jobs, state, 0);
        return save(d);
      }
      case SAVE_STEP.DONE:
        report.saveEndNs = nowNs;
    }
  };

  const send = (channel: number, d: number, idx: number, isConfig: boolean, length: number) => {
    const bytes = MULTIFD_SIZE.DEVICE_STATE_HEAD + length;
    linkFreeNs = Math.max(linkFreeNs, nowNs) + timeNs(bytes, plan.link_bytes_per_s);
    const sentNs = Math.max(linkFreeNs, nowNs + timeNs(bytes, plan.channel_bytes_per_s));
    addEvent(queue, sentNs, () => {
      finishJob(jobs, channel);
      const next = waitingForChannel.shift();
      if (next !== undefined) save(next);
    });
    addEvent(queue, sentNs + plan.latency_ns, () => {
      const state = loads[d];
      if (state === undefined) return;
      receiveBuffer(gate, state, idx, isConfig, length, 0);
      if (state.step === LOAD_STEP.STARVED) load(d, 0);
    });
  };

  /** Takes a result of a load's step in, and carries out the next one. */
  const load = (d: number, result: number): void => {
    const state = loads[d];
    const device = devices[d];
    const adapter = destinations[d];
    const report = reports[d];
    if (!state || !device || !adapter || !report) return;
    const before = state.step;
    const step = nextLoadStep(gate, state, result);
    if (step !== LOAD_STEP.STARVED && state.loadedBytes === device.stopCopyBytes) {
      report.loadEndNs ??= nowNs;
    }
    if (before === LOAD_STEP.LOAD_CONFIG) {
      report.configLoadedNs = nowNs;
      const next = waitingForTurn.shift();
      if (next !== undefined) load(next, 0);
      return;
    }
    if (step === LOAD_STEP.WAIT_CONFIG_TURN) waitingForTurn.push(d);
    if (step === LOAD_STEP.LOAD_CONFIG) addEvent(queue, nowNs + device.config_ns, () => load(d, 0));
    if (step !== LOAD_STEP.WRITE) return;
    const { length } = state.buffers;
    const isLast = state.loadedBytes + length === device.stopCopyBytes;
    const aloneNs = timeNs(length, device.load_bytes_per_s) + (isLast ? device.finish_ns : 0);
    beginWork(adapter, queue, nowNs, aloneNs, (atNs) => {
      nowNs = atNs;
      load(d, length);
    });
  };

  for (let d = 0; d < devices.length; d++) save(d);
  addEvent(queue, plan.switchoverStart_ns, () => {
    startSwitchover(gate);
    for (let d = 0; d < devices.length; d++) load(d, 0);
  });
  while (loadsCancelled(gate) === 0) {
    const event = takeEvent(queue);
    if (event === undefined) break;
    nowNs = event.atNs;
    event.happen();
  }
  for (const [d, state] of loads.entries()) {
    const report = reports[d];
    if (report === undefined) continue;
    report.peakQueuedBytes = state.buffers.peakQueuedBytes;
    report.starved = state.starved;
  }
  return { devices: reports, result: loadsCancelled(gate), endNs: lastNs(reports, nowNs) };
}

/** For each device the adapter it is on, one for all that share it. */
function createAdapters({ devices, contention }: TransferPlan): Adapter[] {
  const shared = new Map<number, Adapter>();
  return devices.map(({ adapter }) => {
    const known = adapter === null ? undefined : shared.get(adapter);
    const made = known ?? createAdapter(contention);
    if (adapter !== null) shared.set(adapter, made);
    return made;
  });
}

function timeNs(bytes: number, bytesPerS: number): number {
  return bytesPerS > 0 ? bytes / bytesPerS * 1e9 : 0;
}

/** When the last configuration was loaded; where one never was, the moment of the end. */
function lastNs(reports: readonly TransferDeviceReport[], nowNs: number): number {
  let last = 0;
  for (const { configLoadedNs } of reports) last = Math.max(last, configLoadedNs ?? nowNs);
  return last;
}
