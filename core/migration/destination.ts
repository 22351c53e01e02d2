import { MESSAGE, type Message, type Receiver, REPLY } from "../channel/message.ts";
import type { Clock } from "../clock/mod.ts";
import type { Device, GuestRamLoader } from "../device/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { isRegionDevice, type RegionDevice } from "../device/region/region_device.ts";
import { createDeviceLoad } from "./device_load.ts";
import type { MultifdLoad } from "./multifd_transfer.ts";
import type { LoadHandlers } from "./load_handlers.ts";
import {
  createLoadTime,
  isTimedAlone,
  type LoadTime,
  loadTimeNs,
  noteTimed,
  noteUntimed,
} from "./load_time.ts";
import { createRegionLoadHandlers } from "./region_load.ts";
import {
  callFailure,
  type Failure,
  MigrationError,
  must,
  mustOnChannel,
  reasonFailure,
} from "./migration_error.ts";
import {
  createDurationRecorder,
  type DurationRecorder,
  type DurationSink,
  isDue,
  oneIn,
} from "./observation.ts";
import type { HostCosts, MigrationOptions } from "./options.ts";
import type { Policy } from "./policy/mod.ts";
import {
  acksAtReturnPath,
  approveSwitchover,
  awaitInitData,
  createDestinationAck,
  type DestinationAck,
} from "./switchover_ack.ts";
import type { PlaceSink } from "./places.ts";
import { trace, type TraceSink } from "./trace.ts";

export interface DestinationPlan {
  /** Of protocol v2, or of v1. */
  readonly devices: readonly (Device | RegionDevice)[];
  readonly ram: GuestRamLoader | null;
  readonly policy: Policy;
  readonly options: MigrationOptions;
  readonly clock: Clock;
  readonly costs: HostCosts;
  readonly receiver: Receiver;
  /** Device state over channels of its own; absent or null: over the main one. */
  readonly multifd?: MultifdLoad | null;
  /** Durations of write(2) on the data_fds. */
  readonly onWrite: DurationSink;
  /** Every step; nobody listens unless given. */
  readonly onTrace?: TraceSink;
  /** Where it is, each time; nobody is told unless given. */
  readonly onPlace?: PlaceSink;
}

/** What one device did, as the destination saw it. */
export interface DestinationDeviceReport {
  readonly id: string;
  readonly loadedBytes: number;
  /** How long its data took to load after the guest was stopped. */
  readonly loadNs: number;
  readonly resumeNs: number;
  /** The state it was left in, by name. */
  readonly leftIn: string;
  /** Where its state came over multifd channels. */
  readonly multifd?: MultifdDeviceReport;
}

/** What multifd has to tell of a device at the destination. Times are nanoseconds of the run's clock. */
export interface MultifdDeviceReport {
  /** The most bytes that had come and were not written to it. */
  readonly queuedPeakBytes: number;
  /** The first write's begin and the last one's end; null where it did not come to that. */
  readonly loadBeganNs: number | null;
  readonly loadEndedNs: number | null;
}

/** What the destination has to tell. Times are nanoseconds of the run's clock; null where it did not come to that. */
export interface DestinationReport {
  readonly failure: Failure | null;
  /**
   * Devices that refused their data at RESUMING -> STOP. They were reset and run on; QEMU calls such a
   * migration completed on both sides.
   */
  readonly refusals: readonly Failure[];
  readonly switchoverStartNs: number | null;
  /** Everything was loaded. */
  readonly loadedNs: number | null;
  readonly runningNs: number | null;
  readonly devices: readonly DestinationDeviceReport[];
}

interface DestinationDevice {
  readonly handlers: LoadHandlers;
  loadedBytes: number;
  /** How long its data took to load after the guest was stopped. */
  readonly load: LoadTime;
  resumeNs: number;
  multifd?: MultifdDeviceReport;
}

/** The state of one migration at the destination. */
export interface DestinationRun extends DestinationPlan {
  /** Says which writes are looked at, recorded or not. */
  readonly writes: DurationRecorder;
  readonly destinationDevices: readonly DestinationDevice[];
  readonly ack: DestinationAck;
  readonly refusals: Failure[];
  switchoverStartNs: number | null;
  loadedNs: number | null;
  runningNs: number | null;
}

/**
 * Runs the destination of a migration: RESUMING, load what comes, RUNNING. Like `runSource` it does not
 * throw for what can go wrong in a migration.
 */
export function runDestination(plan: DestinationPlan): DestinationReport {
  const run = createDestinationRun(plan);
  const { receiver } = run;
  const message: Message = { kind: 0, device: 0, region: null, offset: 0, length: 0 };
  let failure: Failure | null = null;
  try {
    setUpLoad(run);
    while (takeMessage(run, message));
    startGuest(run);
    sayShut(run);
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    failure = run.multifd?.abort?.() ?? error.failure;
    receiver.fail(ERRNO.EIO);
  }
  return reportDestination(run, failure);
}

/** Receives a message and takes it in; `false` after the last one. A function of its own as `moveBuffer` is. */
function takeMessage(run: DestinationRun, message: Message): boolean {
  const { receiver } = run;
  const got = mustOnChannel(receiver, receiver.receive(message), "receive", "load");
  if (got === 0) throw new MigrationError(endedEarly());
  const isLast = loadMessage(run, message);
  receiver.release();
  return !isLast;
}

/** The source has finished, and never said that it was done. */
function endedEarly(): Failure {
  const failure = callFailure("receive", null, "load", "read", -ERRNO.ECONNRESET);
  return { ...failure, message: `${failure.message}: the stream ended too early` };
}

export function createDestinationRun(plan: DestinationPlan): DestinationRun {
  const { policy, options, onWrite } = plan;
  return {
    ...plan,
    writes: onWrite ?? createDurationRecorder(oneIn(options.bufferSize), () => {}),
    destinationDevices: plan.devices.map((device) => ({
      handlers: isRegionDevice(device)
        ? createRegionLoadHandlers(device)
        : createDeviceLoad(device),
      loadedBytes: 0,
      load: createLoadTime(),
      resumeNs: 0,
    })),
    ack: createDestinationAck(policy, {
      capability: options.switchoverAck,
      legacy: options.switchoverAckLegacy,
    }),
    refusals: [],
    switchoverStartNs: null,
    loadedNs: null,
    runningNs: null,
  };
}

/** Every device to RESUMING, for the whole time of the migration; then the return path is opened. */
export function setUpLoad(run: DestinationRun): void {
  run.onPlace?.("setup");
  for (const { handlers } of run.destinationDevices) {
    const failure = handlers.setUp(run);
    if (failure !== null) throw new MigrationError(failure);
    awaitInitData(run.ack, handlers.supportsPrecopy);
  }
  if (run.onTrace) trace(run, { step: "load-set-up", awaitedAcks: run.ack.awaited });
  if (!run.options.returnPath) return;
  for (let i = acksAtReturnPath(run.ack); i > 0; i--) sendAck(run);
}

/** Takes one message in; whether it was the last. */
export function loadMessage(run: DestinationRun, message: Message): boolean {
  if (run.onPlace) run.onPlace(placeOf(run, message));
  switch (message.kind) {
    case MESSAGE.DATA:
      loadDevice(run, message);
      return false;
    case MESSAGE.RAM:
      loadRam(run, message);
      return false;
    case MESSAGE.INIT_DATA_SENT:
      approve(run, message);
      return false;
    case MESSAGE.SWITCHOVER_START:
      run.switchoverStartNs = run.clock.nowNs();
      if (run.onTrace) trace(run, { step: "switchover-start" });
      run.multifd?.start(run);
      return false;
    case MESSAGE.SETUP:
    case MESSAGE.END_OF_STATE:
    case MESSAGE.CONFIG:
      noteSection(run, message);
      return false;
    case MESSAGE.EOF:
      return true;
    default:
      throw new MigrationError(
        reasonFailure(`Cannot load a message as any known kind: received ${message.kind}`, "load"),
      );
  }
}

/**
 * Everything is loaded: P2P-capable devices go to RUNNING_P2P first, then all to RUNNING. A device that
 * refuses is reset, and the guest runs on (facts: QEMU tells nobody).
 */
export function startGuest(run: DestinationRun): void {
  const { ram, clock } = run;
  run.onPlace?.("load");
  run.multifd?.join(run);
  run.loadedNs = clock.nowNs();
  run.onTrace?.(run.loadedNs, { step: "checkpoint", checkpoint: "destination-loaded" });
  if (ram !== null && !ram.isWhole()) {
    throw new MigrationError(reasonFailure("Cannot start the guest: RAM is not complete", "load"));
  }
  for (const d of run.destinationDevices) moveOn(run, d, d.handlers.prepareRun);
  for (const d of run.destinationDevices) moveOn(run, d, d.handlers.run);
  clock.sleepNs(run.costs.startNs);
  run.runningNs = clock.nowNs();
  run.onTrace?.(run.runningNs, { step: "checkpoint", checkpoint: "destination-running" });
}

/** The destination's last word: it runs, and is done with the stream. */
export function sayShut(run: DestinationRun): void {
  if (run.onTrace) {
    trace(run, { step: "status", status: "completed" });
    for (const { handlers } of run.destinationDevices) {
      trace(run, { step: "cleaned-up", device: handlers.id });
    }
    trace(run, { step: "reply", kind: "shut" });
  }
  run.receiver.reply(REPLY.SHUT, 0);
}

function sendAck(run: DestinationRun): void {
  if (run.onTrace) trace(run, { step: "reply", kind: "ack" });
  run.receiver.reply(REPLY.SWITCHOVER_ACK, 0);
}

/** Where in the migration a message comes. */
function placeOf(run: DestinationRun, { kind }: Message): "precopy" | "switchover" | "load" {
  if (kind === MESSAGE.SWITCHOVER_START) return "switchover";
  return run.switchoverStartNs === null ? "precopy" : "load";
}

/** A section that carries no bytes here. */
function noteSection(run: DestinationRun, message: Message): void {
  const d = deviceOf(run, message);
  if (!run.onTrace) return;
  const device = d.handlers.id;
  if (message.kind === MESSAGE.END_OF_STATE) {
    if (run.switchoverStartNs === null) return;
    trace(run, { step: "downtime-load", device, tookNs: loadTimeNs(d.load) });
  } else {
    const what = message.kind === MESSAGE.SETUP ? "setup" : "config";
    trace(run, { step: "load", device, what });
  }
}

export function reportDestination(run: DestinationRun, failure: Failure | null): DestinationReport {
  return {
    failure,
    refusals: run.refusals,
    switchoverStartNs: run.switchoverStartNs,
    loadedNs: run.loadedNs,
    runningNs: failure === null ? run.runningNs : null,
    devices: run.destinationDevices.map((d) => ({
      id: d.handlers.id,
      loadedBytes: d.loadedBytes,
      loadNs: loadTimeNs(d.load),
      resumeNs: d.resumeNs,
      leftIn: d.handlers.leftIn(),
      ...(d.multifd === undefined ? {} : { multifd: d.multifd }),
    })),
  };
}

function loadDevice(run: DestinationRun, message: Message): void {
  const { clock, writes } = run;
  const { region, length } = message;
  const d = deviceOf(run, message);
  if (run.onTrace) trace(run, { step: "load", device: d.handlers.id, what: "data" });
  const isRecorded = isDue(writes);
  // Before the switchover nobody wants to know how long all of it took.
  const isStopped = run.switchoverStartNs !== null;
  // Where no bytes move the clock costs nothing, and is exact.
  const isTimed = isRecorded || (isStopped && (region === null || isTimedAlone(d.load, length)));
  const began_ns = isTimed ? clock.nowNs() : 0;
  d.handlers.load(run, message);
  const took_ns = isTimed ? clock.nowNs() - began_ns : 0;
  d.loadedBytes += length;
  if (run.onTrace) trace(run, { step: "loaded", device: d.handlers.id, bytes: length });
  if (isRecorded) writes.take(took_ns);
  if (!isStopped) return;
  if (!isTimed) noteUntimed(d.load, length);
  else if (region === null) d.load.ownNs += took_ns;
  else noteTimed(d.load, length, took_ns);
}

function loadRam(run: DestinationRun, message: Message): void {
  if (run.ram === null) {
    throw new MigrationError(reasonFailure("Cannot load RAM: this guest has none", "load"));
  }
  let done = 0;
  while (done < message.length) {
    done += must(
      run.ram.write(message.region, message.offset + done, message.length - done),
      "load",
      "RAM",
      "load",
      "write",
    );
  }
}

function approve(run: DestinationRun, message: Message): void {
  const d = deviceOf(run, message);
  const acks = approveSwitchover(run.ack, d.handlers.supportsPrecopy);
  must(acks, "take INIT_DATA_SENT", d.handlers.id, "load", "INIT_DATA_SENT");
  if (run.onTrace) {
    trace(run, { step: "approved", device: d.handlers.id, awaitedAcks: run.ack.awaited });
  }
  if (acks > 0) sendAck(run);
}

function deviceOf(run: DestinationRun, message: Message): DestinationDevice {
  const d = run.destinationDevices[message.device - 1];
  if (d !== undefined) return d;
  throw new MigrationError(
    reasonFailure(
      `Cannot load a message for device ${message.device}: there are ${run.destinationDevices.length}`,
      "load",
    ),
  );
}

function moveOn(
  run: DestinationRun,
  d: DestinationDevice,
  move: (run: DestinationRun) => Failure | null,
): void {
  const began_ns = run.clock.nowNs();
  const failure = move(run);
  if (failure !== null) run.refusals.push(failure);
  d.resumeNs += run.clock.nowNs() - began_ns;
}
