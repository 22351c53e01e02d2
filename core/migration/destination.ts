import { MESSAGE, type Message, type Receiver, REPLY } from "../channel/mod.ts";
import type { Clock } from "../clock/mod.ts";
import type { Device, GuestRamLoader } from "../device/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { DEVICE_STATE, MIGRATION } from "../vfio/mod.ts";
import { type Failure, MigrationError, must, reasonFailure } from "./migration_error.ts";
import type { DurationSink } from "./observation.ts";
import type { HostCosts, MigrationOptions } from "./options.ts";
import type { Policy } from "./policy/mod.ts";
import { setState } from "./set_state.ts";
import {
  acksAtReturnPath,
  approveSwitchover,
  awaitInitData,
  createDestinationAck,
  type DestinationAck,
} from "./switchover_ack.ts";

const { ERROR, RUNNING, RUNNING_P2P, RESUMING } = DEVICE_STATE;

export interface DestinationPlan {
  readonly devices: readonly Device[];
  readonly ram: GuestRamLoader | null;
  readonly policy: Policy;
  readonly options: MigrationOptions;
  readonly clock: Clock;
  readonly costs: HostCosts;
  readonly receiver: Receiver;
  /** Durations of write(2) on the data_fds. */
  readonly onWrite: DurationSink;
}

/** What one device did, as the destination saw it. */
export interface DestinationDeviceReport {
  readonly id: string;
  readonly loadedBytes: number;
  /** How long its data took to load after the guest was stopped. */
  readonly loadNs: number;
  readonly resumeNs: number;
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
  readonly device: Device;
  loadedBytes: number;
  loadNs: number;
  resumeNs: number;
}

/** The state of one migration at the destination. */
export interface DestinationRun extends DestinationPlan {
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
    for (;;) {
      const got = must(receiver.receive(message), "receive", null, "load", "read");
      if (got === 0) throw new MigrationError(reasonFailure("The stream ended too early", "load"));
      const isLast = loadMessage(run, message);
      receiver.release();
      if (isLast) break;
    }
    startGuest(run);
    receiver.reply(REPLY.SHUT, 0);
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    failure = error.failure;
    receiver.fail(ERRNO.EIO);
  }
  return reportDestination(run, failure);
}

export function createDestinationRun(plan: DestinationPlan): DestinationRun {
  const { policy, options } = plan;
  return {
    ...plan,
    destinationDevices: plan.devices.map((device) => ({
      device,
      loadedBytes: 0,
      loadNs: 0,
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
  for (const { device } of run.destinationDevices) {
    const failure = setState(device, RESUMING, ERROR, "load");
    if (failure !== null) throw new MigrationError(failure);
    awaitInitData(run.ack, (device.migrationFlags & MIGRATION.PRE_COPY) !== 0);
  }
  if (!run.options.returnPath) return;
  for (let i = acksAtReturnPath(run.ack); i > 0; i--) run.receiver.reply(REPLY.SWITCHOVER_ACK, 0);
}

/** Takes one message in; whether it was the last. */
export function loadMessage(run: DestinationRun, message: Message): boolean {
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
      return false;
    case MESSAGE.SETUP:
    case MESSAGE.END_OF_STATE:
    case MESSAGE.CONFIG:
      deviceOf(run, message);
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
  run.loadedNs = clock.nowNs();
  if (ram !== null && !ram.isWhole()) {
    throw new MigrationError(reasonFailure("Cannot start the guest: RAM is not complete", "load"));
  }
  for (const d of run.destinationDevices) {
    if ((d.device.migrationFlags & MIGRATION.P2P) !== 0) moveOn(run, d, RUNNING_P2P);
  }
  for (const d of run.destinationDevices) moveOn(run, d, RUNNING);
  clock.sleepNs(run.costs.startNs);
  run.runningNs = clock.nowNs();
}

export function reportDestination(run: DestinationRun, failure: Failure | null): DestinationReport {
  return {
    failure,
    refusals: run.refusals,
    switchoverStartNs: run.switchoverStartNs,
    loadedNs: run.loadedNs,
    runningNs: failure === null ? run.runningNs : null,
    devices: run.destinationDevices.map((d) => ({
      id: d.device.id,
      loadedBytes: d.loadedBytes,
      loadNs: d.loadNs,
      resumeNs: d.resumeNs,
    })),
  };
}

function loadDevice(run: DestinationRun, message: Message): void {
  const { clock, onWrite } = run;
  const d = deviceOf(run, message);
  const began_ns = clock.nowNs();
  let done = 0;
  while (done < message.length) {
    const n = d.device.write(message.region, message.offset + done, message.length - done);
    if (n === -ERRNO.EINTR) continue;
    must(n, "write", d.device.id, "load", "write");
    if (n === 0) {
      throw new MigrationError(
        reasonFailure(
          `Cannot write to ${d.device.id}: it takes no more bytes`,
          "load",
          d.device.id,
        ),
      );
    }
    done += n;
  }
  const took_ns = clock.nowNs() - began_ns;
  d.loadedBytes += message.length;
  if (run.switchoverStartNs !== null) d.loadNs += took_ns;
  if (onWrite !== null) onWrite(took_ns);
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
  const acks = approveSwitchover(run.ack, (d.device.migrationFlags & MIGRATION.PRE_COPY) !== 0);
  must(acks, "take INIT_DATA_SENT", d.device.id, "load", "INIT_DATA_SENT");
  if (acks > 0) run.receiver.reply(REPLY.SWITCHOVER_ACK, 0);
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
  state: typeof RUNNING | typeof RUNNING_P2P,
): void {
  const began_ns = run.clock.nowNs();
  const failure = setState(d.device, state, ERROR, "resume");
  if (failure !== null) run.refusals.push(failure);
  d.resumeNs += run.clock.nowNs() - began_ns;
}
