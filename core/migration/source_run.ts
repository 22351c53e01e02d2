import type { Sender } from "../channel/mod.ts";
import type { Clock } from "../clock/mod.ts";
import type { Device, GuestRam } from "../device/mod.ts";
import { isRegionDevice, type RegionDevice } from "../device/region/region_device.ts";
import { createDeviceSave } from "./device_save.ts";
import { MigrationError, type Phase, reasonFailure } from "./migration_error.ts";
import type { PlaceSink } from "./places.ts";
import { createRegionSaveHandlers } from "./region_save.ts";
import type { MultifdSave } from "./multifd_transfer.ts";
import type { SaveHandlers } from "./save_handlers.ts";
import { REGION_SAVE_DEFAULTS } from "./v1/mod.ts";
import type { PrecopyInfo } from "../vfio/mod.ts";
import type { DataSize } from "../device/mod.ts";
import {
  type BandwidthWindow,
  createBandwidthWindow,
  type ThresholdOptions,
} from "./bandwidth_window.ts";
import { createExpectedDowntime, type ExpectedDowntime } from "./expected_downtime.ts";
import type { DurationSink, EstimateEntry, MigrationEvent } from "./observation.ts";
import type { HostCosts, MigrationOptions } from "./options.ts";
import {
  type AckOptions,
  createPending,
  createPendingCache,
  type Pending,
  type PendingCache,
  type Policy,
} from "./policy/mod.ts";
import { createStride, type Stride } from "./bulk.ts";
import { createRamSync, type RamSync } from "./ram_sync.ts";
import { quotaPerWindow } from "./rate_limit.ts";
import { createSourceAck, type SourceAck } from "./switchover_ack.ts";
import type { TraceSink } from "./trace.ts";
import { createInterruptions, type Interruptions } from "./uninterrupted.ts";

/** A device as the source sees it during one migration. */
export interface SourceDevice {
  readonly id: string;
  readonly handlers: SaveHandlers;
  /** Its number on the channel; 0 is RAM. */
  readonly index: number;
  cache: PendingCache;
  /** Bytes read so far, in PRE_COPY and in STOP_COPY. */
  precopyBytes: number;
  stopCopyBytes: number;
  /** How long its save took inside the downtime, and its two stop arcs. */
  saveNs: number;
  stopNs: number;
  readonly estimates: EstimateEntry[];
  /** How many entries there were when an empty read was last kept. */
  emptyNoted: number;
}

/** What the engine is given: one migration's parts, made by whoever runs it. */
export interface SourcePlan {
  /** Of protocol v2, or of v1. */
  readonly devices: readonly (Device | RegionDevice)[];
  readonly ram: GuestRam | null;
  readonly policy: Policy;
  readonly options: MigrationOptions;
  readonly clock: Clock;
  readonly costs: HostCosts;
  readonly sender: Sender;
  /** Device state over channels of its own; absent or null: over the main one. */
  readonly multifd?: MultifdSave | null;
  /** Whether the user wants it stopped; looked at once a pass. */
  readonly isCancelled: () => boolean;
  /** Durations of read(2) on the data_fds. */
  readonly onRead: DurationSink;
  /** Every step; nobody listens unless given. */
  readonly onTrace?: TraceSink;
  /** Where it is, each time; nobody is told unless given. */
  readonly onPlace?: PlaceSink;
}

/** The state of one migration at the source. */
export interface SourceRun extends SourcePlan {
  readonly sourceDevices: readonly SourceDevice[];
  readonly caches: PendingCache[];
  readonly pending: Pending;
  readonly window: BandwidthWindow;
  readonly expected: ExpectedDowntime;
  readonly ack: SourceAck;
  readonly ackOptions: AckOptions;
  readonly ramSync: RamSync;
  readonly events: MigrationEvent[];
  readonly info: PrecopyInfo;
  readonly size: DataSize;
  readonly startNs: number;
  /** What sending a buffer of RAM, and a pass, took lately. */
  readonly ramStride: Stride;
  readonly passStride: Stride;
  /** What a message that cannot be sent fails in. */
  phase: Phase;
  readonly interruptions: Interruptions;
  quota: number;
  /** What sections without data came to, in bytes. See {@linkcode sentBytes}. */
  emptySectionBytes: number;
  passes: number;
  exactQueries: number;
  iterations: number;
  ramBytes: number;
  finalRamBytes: number;
  /** Taken at the decision. */
  expectedDowntimeMs: number;
  /** The exact or estimated total that the decision was made on. */
  decidedPendingBytes: number;
}

export function createSourceRun(plan: SourcePlan): SourceRun {
  const { policy, options, clock } = plan;
  const ackOptions = { capability: options.switchoverAck, legacy: options.switchoverAckLegacy };
  const sourceDevices = plan.devices.map((device, i): SourceDevice => {
    const handlers = isRegionDevice(device)
      ? createRegionSaveHandlers(device, REGION_SAVE_DEFAULTS)
      : createDeviceSave(device);
    const { id, supportsPrecopy } = handlers;
    return {
      id,
      handlers,
      index: i + 1,
      cache: createPendingCache({ supportsPrecopy, precopyInfoV2: false }),
      precopyBytes: 0,
      stopCopyBytes: 0,
      saveNs: 0,
      stopNs: 0,
      estimates: [],
      emptyNoted: 0,
    };
  });
  const startNs = clock.nowNs();
  return {
    ...plan,
    sourceDevices,
    caches: sourceDevices.map((d) => d.cache),
    pending: createPending(),
    window: createBandwidthWindow(startNs),
    expected: createExpectedDowntime(options.downtimeLimitMs),
    ack: createSourceAck(policy, ackOptions),
    ackOptions,
    ramSync: createRamSync(startNs),
    events: [],
    info: { flags: 0, initialBytes: 0, dirtyBytes: 0 },
    size: { stopCopyLength: 0 },
    startNs,
    ramStride: createStride(),
    passStride: createStride(),
    phase: "setup",
    interruptions: createInterruptions(),
    quota: quotaPerWindow(options.maxBandwidth),
    emptySectionBytes: 0,
    passes: 0,
    exactQueries: 0,
    iterations: policy.iterationCounter.start,
    ramBytes: 0,
    finalRamBytes: 0,
    expectedDowntimeMs: options.downtimeLimitMs,
    decidedPendingBytes: 0,
  };
}

/**
 * What QEMU would have counted as sent on the main channel: it writes a section for RAM and for every device in each
 * pass, data or not (facts: 18 bytes without). Here nothing is sent that says nothing. But what it measures of an idle
 * link, and with it the threshold, is these bytes: where they were not counted, a source that has sent all and
 * waits, as for an ack, would see no bandwidth at all, and never switch over.
 */
export function sentBytes(run: SourceRun): number {
  return run.sender.transferred() + run.emptySectionBytes;
}

/** Whether the migration is to be stopped: by the user, or at the moment that the options name. */
export function isCancelled(run: SourceRun): boolean {
  return run.isCancelled() || isPast(run, run.options.cancelAtMs);
}

/** What a migration fails with that was to be stopped. */
export function cancelled(phase: "precopy" | "switchover"): MigrationError {
  const failure = reasonFailure(`The migration was cancelled in ${phase}`, phase);
  return new MigrationError({ ...failure, cancelled: true });
}

/** What the threshold is made of now: somebody may have set another downtime limit meanwhile. */
export function thresholdOptions(run: SourceRun): ThresholdOptions {
  const { options } = run;
  const { availSwitchoverBandwidth, laterDowntimeLimit: later } = options;
  if (later === undefined || !isPast(run, later.atMs)) return options;
  return { availSwitchoverBandwidth, downtimeLimitMs: later.limitMs };
}

/** Whether so many milliseconds of the migration are over. */
export function isPast(run: SourceRun, ms: number): boolean {
  return ms !== Infinity && run.clock.nowNs() >= run.startNs + ms * 1e6;
}

export function note(
  run: SourceRun,
  event: string,
  device?: SourceDevice,
  fields?: Record<string, number | string | boolean>,
): void {
  const atNs = run.clock.nowNs();
  run.events.push(
    device === undefined
      ? { atNs, event, ...fields }
      : { atNs, event, device: device.id, ...fields },
  );
}
