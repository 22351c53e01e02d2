import { createVirtualChannel, type Receiver, type VirtualLink } from "../channel/mod.ts";
import { createVirtualClock, type Lane, type VirtualClock } from "../clock/mod.ts";
import type { Device, GuestRam, GuestRamLoader } from "../device/mod.ts";
import { isRegionDevice, type RegionDevice } from "../device/region/mod.ts";
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
import { type Failure, MigrationError } from "./migration_error.ts";
import type { HostCosts, MigrationOptions } from "./options.ts";
import type { Policy } from "./policy/mod.ts";
import { runSource, type SourceReport } from "./source.ts";
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
  /** Makes the devices, each on a lane of its side's clock. */
  readonly build: (sourceClock: VirtualClock, destinationClock: VirtualClock) => VirtualParts;
}

/** What both sides have to tell, on one time axis. */
export interface VirtualReport {
  readonly source: SourceReport;
  readonly destination: DestinationReport;
}

/**
 * Plays a migration on simulated time: the same source and the same destination as on the wall clock, the
 * same decisions, and the same answer every time.
 */
export function runVirtualMigration(plan: VirtualPlan): VirtualReport {
  const { policy, options, costs, link } = plan;
  const sourceClock = createVirtualClock();
  const destinationClock = createVirtualClock();
  const parts = plan.build(sourceClock, destinationClock);
  const multifd = createMultifd(plan, parts);
  let failure: Failure | null = null;

  /** Does a step of the destination; a failure ends its half and breaks the channel. */
  const attempt = (step: () => void) => {
    try {
      step();
    } catch (error) {
      if (!(error instanceof MigrationError)) throw error;
      failure = error.failure;
      channel.fail(ERRNO.EPIPE);
    }
  };
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
  });
  attempt(() => setUpLoad(run));
  const isBulk = plan.bulk !== false && plan.onTrace === undefined;
  // The source starts once the destination is there.
  sourceClock.advanceTo(destinationClock.nowNs());
  const source = runSource({
    devices: parts.sources.map(({ device }) => device),
    multifd: multifd?.save ?? null,
    ram: parts.ram,
    policy,
    options,
    clock: sourceClock,
    costs,
    sender: isBulk ? channel.sender : { ...channel.sender, bulk: null },
    isCancelled: () => false,
    onRead: null,
    onTrace: plan.onTrace?.source,
  });
  return { source, destination: reportDestination(run, failure) };
}

function createMultifd(plan: VirtualPlan, parts: VirtualParts): VirtualMultifd | null {
  if (!plan.multifd) return null;
  const { link, options, multifd: { channels, maxQueuedBytes } } = plan;
  return createVirtualMultifd({
    sources: parts.sources.map(v2Only),
    destinations: parts.destinations.map(v2Only),
    link,
    channels,
    bufferSize: options.bufferSize,
    maxQueuedBytes,
  });
}

function v2Only({ device, lane }: VirtualPart): VirtualDevice {
  if (!isRegionDevice(device)) return { device, lane };
  throw new TypeError(`Cannot move ${device.id} over multifd: it is a device of protocol v1`);
}
