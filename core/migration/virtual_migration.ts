import {
  createFaultyVirtualSender,
  createVirtualChannel,
  type Receiver,
  type Sender,
  type VirtualLink,
} from "../channel/mod.ts";
import { createVirtualClock, type Lane, type VirtualClock } from "../clock/mod.ts";
import type { Device, GuestRam, GuestRamLoader } from "../device/mod.ts";
import { isRegionDevice, type RegionDevice } from "../device/region/mod.ts";
import { channelStrikes, type FaultPlan, type Struck } from "../fault/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import {
  createDestinationRun,
  type DestinationReport,
  loadMessage,
  reportDestination,
  sayShut,
  setUpLoad,
  startGuest,
} from "./destination.ts";
import { type Failure, MigrationError, mustOnChannel, reasonFailure } from "./migration_error.ts";
import type { HostCosts, MigrationOptions } from "./options.ts";
import { HalfDeath, phaseOf, placeSink } from "./places.ts";
import type { Policy } from "./policy/mod.ts";
import { deadSourceReport, runSource, type SourceReport } from "./source.ts";
import type { SourcePlan } from "./source_run.ts";
import type { TraceSink } from "./trace.ts";
import {
  createVirtualMultifd,
  type VirtualDevice,
  type VirtualMultifd,
} from "./virtual_multifd.ts";

/** A device of either protocol, and the clock that it goes by. */
export interface VirtualPart {
  readonly device: Device | RegionDevice;
  readonly lane: Lane;
}

/** The devices of both sides of a migration on simulated time, without bytes. */
export interface VirtualParts {
  readonly sources: readonly VirtualPart[];
  readonly destinations: readonly VirtualPart[];
  readonly ram: GuestRam | null;
  readonly ramLoader: GuestRamLoader | null;
}

export interface VirtualPlan {
  readonly policy: Policy;
  readonly options: MigrationOptions;
  /** The destination's, which may be another QEMU. The source's unless given. */
  readonly destinationPolicy?: Policy;
  readonly destinationOptions?: MigrationOptions;
  readonly costs: HostCosts;
  readonly link: VirtualLink;
  /** Whether many buffers may go in one step. Yes unless given: slower and hardly different without. */
  readonly bulk?: boolean;
  /** Device state over so many channels of its own; absent or null: over the main one. */
  readonly multifd?: { readonly channels: number; readonly maxQueuedBytes: number } | null;
  /** Every step of either side; nobody listens unless given. Then no step stands for many buffers. */
  readonly onTrace?: { readonly source: TraceSink; readonly destination: TraceSink };
  /** What goes wrong with channels, Workers, hosts and the user. Then no step stands for many buffers. */
  readonly faults?: VirtualFaults;
  /** Makes the devices, each on a lane of its side's clock. */
  readonly build: (sourceClock: VirtualClock, destinationClock: VirtualClock) => VirtualParts;
}

/** A plan as simulated time has it. */
export interface VirtualFaults {
  readonly plan: FaultPlan;
  readonly struck: Struck;
  /** When somebody breaks a channel that stalls for ever, in milliseconds after the start. */
  readonly limitMs: number;
}

/** What both sides have to tell, on one time axis. */
export interface VirtualReport {
  readonly source: SourceReport;
  readonly destination: DestinationReport;
  /** Of which device (its number; 0: RAM) a byte arrived as another one. Once damaged it stays so. */
  readonly damaged: readonly number[];
}

/**
 * Plays a migration on simulated time: the same source and the same destination as on the wall clock, the
 * same decisions, and the same answer every time.
 */
export function runVirtualMigration(plan: VirtualPlan): VirtualReport {
  const { policy, options, costs, link, faults } = plan;
  const sourceClock = createVirtualClock();
  const destinationClock = createVirtualClock();
  const parts = plan.build(sourceClock, destinationClock);
  const damaged: number[] = [];
  const multifd = createMultifd(plan, parts, (device) => damaged.push(device));
  let failure: Failure | null = null;
  let isOver = false;
  let isCancelled = false;

  /** Does a step of the destination; a failure ends its half and breaks the channel. */
  const attempt = (step: () => void) => {
    if (isOver) return;
    try {
      step();
    } catch (error) {
      failure = failureOf(error);
      isOver = true;
      channel.fail(ERRNO.EPIPE);
    }
  };
  /** The destination finds the stream over, or unreadable: what multifd's threads found first is the reason. */
  const endStream = (errno: number) =>
    attempt(() => {
      destinationClock.advanceTo(sourceClock.nowNs() + link.latency_ns);
      const began = multifd?.load.abort?.() ?? null;
      if (began !== null) throw new MigrationError(began);
      mustOnChannel(receiver, errno, "receive", "load");
    });
  const channel = createVirtualChannel(
    link,
    options.bufferSize,
    sourceClock,
    destinationClock,
    (message) =>
      attempt(() => {
        const isLast = loadMessage(run, message);
        if (!isLast) return;
        startGuest(run);
        sayShut(run);
        isOver = true;
      }),
  );
  const receiver: Receiver = {
    receive: () => 0,
    release() {},
    reply(kind, value) {
      channel.reply(kind, value);
      return 0;
    },
    fail: channel.fail,
    close() {},
  };
  const run = createDestinationRun({
    devices: parts.destinations.map(({ device }) => device),
    multifd: multifd?.load ?? null,
    ram: parts.ramLoader,
    policy: plan.destinationPolicy ?? policy,
    options: plan.destinationOptions ?? options,
    clock: destinationClock,
    costs,
    receiver,
    onWrite: null,
    onTrace: plan.onTrace?.destination,
    onPlace: faults === undefined ? undefined : placeSink(faults.plan, "destination", {
      struck: faults.struck,
      nowNs: destinationClock.nowNs,
      cancel() {},
    }),
  });
  attempt(() => setUpLoad(run));
  const isBulk = plan.bulk !== false && plan.onTrace === undefined && faults === undefined;
  const strikes = faults === undefined ? null : channelStrikes(faults.plan, 0, faults.struck);
  let { sender }: { sender: Sender } = channel;
  if (faults !== undefined && strikes !== null) {
    sender = createFaultyVirtualSender(channel, strikes, sourceClock, faults.limitMs * 1e6, {
      end: endStream,
      damage: (device) => damaged.push(device),
    });
  }
  // The source starts once the destination is there.
  sourceClock.advanceTo(destinationClock.nowNs());
  const source = runOrDie({
    devices: parts.sources.map(({ device }) => device),
    multifd: multifd?.save ?? null,
    ram: parts.ram,
    policy,
    options,
    clock: sourceClock,
    costs,
    sender: isBulk ? sender : { ...sender, bulk: null },
    isCancelled: () => isCancelled,
    onRead: null,
    onTrace: plan.onTrace?.source,
    onPlace: faults === undefined ? undefined : placeSink(faults.plan, "source", {
      struck: faults.struck,
      nowNs: sourceClock.nowNs,
      cancel: () => isCancelled = true,
    }),
  });
  // A destination that is not done by then learns that its peer is gone.
  if (faults !== undefined && source.failure !== null) endStream(-ERRNO.ECONNRESET);
  return { source, destination: reportDestination(run, failure), damaged };
}

/** What a side fails with; whatever is no failure of a migration is thrown on. */
function failureOf(error: unknown): Failure {
  if (error instanceof MigrationError) return error.failure;
  if (!(error instanceof HalfDeath)) throw error;
  const { message, side, place } = error;
  return { ...reasonFailure(message, phaseOf(side, place)), died: true };
}

/** Runs the source; of one that dies there is nothing but its death. */
function runOrDie(plan: SourcePlan): SourceReport {
  try {
    return runSource(plan);
  } catch (error) {
    return deadSourceReport(failureOf(error), plan.clock.nowNs());
  }
}

function createMultifd(
  plan: VirtualPlan,
  parts: VirtualParts,
  damage: (device: number) => void,
): VirtualMultifd | null {
  if (!plan.multifd) return null;
  const { link, options, faults, multifd: { channels, maxQueuedBytes } } = plan;
  return createVirtualMultifd({
    sources: parts.sources.map(v2Only),
    destinations: parts.destinations.map(v2Only),
    link,
    channels,
    bufferSize: options.bufferSize,
    maxQueuedBytes,
    ...(faults === undefined ? {} : {
      faults: {
        strikes: Array.from(
          { length: channels },
          (_, i) => channelStrikes(faults.plan, i + 1, faults.struck),
        ),
        limitNs: faults.limitMs * 1e6,
        damage,
      },
    }),
  });
}

function v2Only({ device, lane }: VirtualPart): VirtualDevice {
  if (!isRegionDevice(device)) return { device, lane };
  throw new TypeError(`Cannot move ${device.id} over multifd: it is a device of protocol v1`);
}
