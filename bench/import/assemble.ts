import type { PolicyName } from "../../core/migration/mod.ts";
import type { Incoming, LoadingDevice } from "./destination_log.ts";
import { type BufferLog, type DeviceLog, spanOf } from "./device_log.ts";
import type {
  ClockOffset,
  Decisions,
  ImportedMigration,
  Moment,
  TracedBuffers,
  TracedDestinationDevice,
  TracedDevice,
  TracedPhase,
  TracedState,
  TracedStopCopy,
  TracedVmstate,
} from "./migration.ts";
import type { SourceLog } from "./source_log.ts";
import type { SourcePart } from "./source_logs.ts";

/** What the destination's log tells of the same migration, and how its clock is off. */
export interface DestinationPart {
  readonly incoming: Incoming;
  /** null where the clocks cannot be held against each other: then its moments are not known. */
  readonly clock: ClockOffset | null;
}

/** `multifd`'s first packet of a channel, a RAM packet's header at 4 KiB pages, a device state packet's header. */
const MULTIFD_INIT_BYTES = 64, MULTIFD_RAM_HEADER_BYTES = 1344, MULTIFD_DEVICE_HEADER_BYTES = 276;

/** Puts a migration together out of its two halves, the source's clock being the one that counts. */
export function assembleMigration(
  { log, replays }: SourcePart,
  destination: DestinationPart | null,
  policyForced: boolean,
): ImportedMigration {
  const isOld = log.devices.dialect === "8.1" && !log.hasSwitchoverBandwidth &&
    !log.devices.hasSetDeviceState;
  const ackSeen = log.acks.length > 0 ||
    log.devices.list.some((one) => one.initDataSent.length > 0);
  const replay = replays.choose({ switchoverAck: ackSeen, isOld });
  const policy: PolicyName = replay?.policy.name ??
    (log.devices.dialect === "11.1" ? "qemu-11.1" : "qemu-9.2");
  const since = (us: Moment) => log.since(us);
  const { at } = log;
  const moved = destinationMoment(log, destination);
  const incoming = destination?.incoming ?? null;
  const decisions: Decisions = {
    policy,
    forced: policyForced,
    passes: replay?.passes ?? 0,
    differing: replay?.differing ?? 0,
    sums_differing: replay?.sumsDiffering ?? 0,
    differences: replay?.differences ?? [],
  };
  const devices = log.devices.list.filter(isOurs);
  const checkpoints = {
    decided_us: since(at.decidedUs),
    stopped_us: since(at.stoppedUs),
    ram_saved_us: since(at.ramSavedUs),
    devices_saved_us: since(at.devicesSavedUs),
    config_saved_us: since(at.configSavedUs),
    source_end_us: since(at.downtimeEndUs),
    loaded_us: moved(incoming?.loadedUs ?? null),
    running_us: moved(incoming?.runningUs ?? null),
  };
  const refused = incoming?.devices.find((one) => one.refused);
  return {
    outcome: log.outcome ?? "failed",
    error: log.outcome === "completed"
      ? refused === undefined ? null : refusalText(refused.id)
      : log.outcome === null
      ? "QEMU was gone before it ended: the log goes on with another migration"
      : `QEMU says ${log.outcome}; its trace does not say why`,
    policy,
    started_at_ms: log.startUs === null ? null : Math.floor(log.startUs / 1000),
    transport: log.transport,
    multifd_channels: log.channels === 0 ? null : log.channels,
    switchover_ack: replay?.options.switchoverAck ?? ackSeen,
    return_path: log.returnPath,
    downtime_limit_ms: replay?.downtimeLimitMs ?? null,
    expected_downtime_ms: replay === undefined ? null : replay.expectedDowntimeMs(),
    total_us: since(at.endUs),
    setup_us: since(at.setupUs),
    qemu_setup_us: spanOf(at.headerUs, at.setupUs),
    phases: phasesOf(log),
    checkpoints,
    decided_pending_bytes: log.decidedPendingBytes,
    passes: log.passes.passes,
    exact_queries: log.passes.exactQueries,
    dirty_sync_count: log.devices.dialect === "11.1"
      ? 1 + log.passes.exactQueries
      : log.passes.dirty.syncs,
    bytes_total: log.transferred,
    vfio_transferred_bytes: vfioTransferred(log, devices, incoming),
    ram: {
      first_pending_bytes: log.passes.firstRam,
      dirtied_bytes: log.passes.dirty.totalBytes,
    },
    windows_closed: log.windows.count,
    threshold_bytes: log.lastThreshold,
    windows: log.windows.list(),
    acks: log.acks,
    devices: devices.map((device, place) => {
      const loading = incoming?.devices.find((one) =>
        one.section !== null && one.section === device.section
      ) ?? (devices.length === 1 && incoming?.devices.length === 1
        ? incoming.devices[place]
        : undefined);
      return deviceOf(device, loading, moved);
    }),
    vmstates: vmstatesOf(log, incoming),
    clock: destination?.clock ?? null,
    decisions,
  };
}

/** A device that another process of the same log moved has neither been set up here nor asked. */
function isOurs(device: DeviceLog): boolean {
  return device.bufferSize !== null || device.queries.length > 0 || device.precopy.count > 0 ||
    device.stopCopy.count > 0;
}

/** Moves the destination's moments to the source's clock, and to its beginning. */
function destinationMoment(
  log: SourceLog,
  destination: DestinationPart | null,
): (us: Moment) => Moment {
  const clock = destination?.clock ?? null;
  return (us) => us === null || clock === null ? null : log.since(us - clock.offset_us);
}

function refusalText(id: string): string {
  return `The destination's device ${id} refused its data at RESUMING -> STOP; QEMU reset it and runs on without its state`;
}

function phasesOf(log: SourceLog): TracedPhase[] {
  const { at, transferredAtSetup, transferredAtDecision, transferred } = log;
  const setup = log.since(at.setupUs), decided = log.since(at.decidedUs), end = log.since(at.endUs);
  const phase = (
    name: TracedPhase["phase"],
    [begin_us, end_us]: readonly [Moment, Moment],
    from: number | null,
    to: number | null,
  ): TracedPhase => {
    const bytes = from === null || to === null ? null : to - from;
    const us = spanOf(begin_us, end_us);
    return {
      phase: name,
      begin_us,
      end_us,
      bytes,
      bytes_per_s: bytes === null || us === null || us <= 0 ? null : Math.round(bytes / us * 1e6),
    };
  };
  const phases = [
    phase("setup", [log.since(log.startUs), setup], 0, transferredAtSetup),
    phase(
      "precopy",
      [setup, decided ?? end],
      transferredAtSetup,
      transferredAtDecision ?? transferred,
    ),
  ];
  if (log.progress.isDecided) {
    phases.push(phase("stop-copy", [decided, end], transferredAtDecision, transferred));
  }
  return phases;
}

/**
 * What `query-migrate` calls vfio.transferred: the payload of the main channel; with multifd also its
 * packets of device state, whose sizes are logged by neither side, but are what RAM leaves of all that went over its channels.
 */
function vfioTransferred(
  log: SourceLog,
  devices: readonly DeviceLog[],
  incoming: Incoming | null,
): number | null {
  const bytes = devices.reduce((sum, one) => sum + one.precopy.bytes + one.stopCopy.bytes, 0);
  if (!devices.some((one) => one.multifd)) return bytes;
  if (incoming === null || log.channels === 0 || log.multifdFills === 0) return null;
  const ram = log.channels * MULTIFD_INIT_BYTES + log.multifdFills * MULTIFD_RAM_HEADER_BYTES +
    log.multifdRamBytes;
  const headers = incoming.devicePackets * MULTIFD_DEVICE_HEADER_BYTES;
  return bytes + log.transferredMultifd - ram - headers;
}

function deviceOf(
  device: DeviceLog,
  loading: LoadingDevice | undefined,
  moved: (us: Moment) => Moment,
): TracedDevice {
  const { multifd, stopCopy } = device;
  return {
    id: device.id,
    destination_id: loading?.id ?? null,
    section: device.section,
    buffer_size_bytes: device.bufferSize,
    supports_precopy: device.supportsPrecopy,
    supports_p2p: device.supportsP2p,
    precopy_info_v2: device.precopyInfoV2,
    states: device.states.states,
    queries: device.queries,
    precopy: device.precopy.plain(),
    stop_copy: multifd ? unsized(stopCopy.plain(), null) : stopCopy.plain(),
    init_data_sent_us: device.initDataSent,
    reinits_us: device.reinits,
    estimates: device.estimates,
    save_us: multifd ? stopCopy.busy_us : device.saveUs ?? stopCopy.busy_us,
    config_save_us: device.configSaveUs,
    stop_us: spanOf(device.stopBegan, device.stopEnded),
    destination: loading === undefined ? null : destinationDevice(loading, moved),
  };
}

function unsized(buffers: TracedBuffers, count: number | null): TracedStopCopy {
  return { ...buffers, count, bytes: null };
}

function destinationDevice(
  device: LoadingDevice,
  moved: (us: Moment) => Moment,
): TracedDestinationDevice {
  const { states } = device;
  const movedBuffers = (log: BufferLog): TracedBuffers => {
    const buffers = log.plain();
    return { ...buffers, begin_us: moved(buffers.begin_us), end_us: moved(buffers.end_us) };
  };
  const resumed = states.attempts.get("RUNNING_P2P") ?? states.attempts.get("RUNNING") ?? null;
  const running = states.states.findLast(({ state }) => state === "RUNNING")?.at_us ?? null;
  const stopCopy = movedBuffers(device.stopCopy);
  return {
    states: states.states.map((one): TracedState => ({ ...one, at_us: moved(one.at_us) })),
    precopy: movedBuffers(device.precopy),
    stop_copy: device.multifd ? unsized(stopCopy, stopCopy.count) : stopCopy,
    load_us: device.multifd ? stopCopy.busy_us : device.loadUs ?? stopCopy.busy_us,
    config_load_us: device.configLoadUs,
    resume_us: spanOf(resumed, running),
    refused: device.refused,
    approved_us: device.approved.map(moved),
  };
}

function vmstatesOf(log: SourceLog, incoming: Incoming | null): TracedVmstate[] {
  const loads = new Map(
    (incoming?.vmstates ?? []).map((one) => [`${one.type} ${one.idstr} ${one.instanceId}`, one.us]),
  );
  return log.vmstates.map(({ idstr, instanceId, type, us }) => ({
    idstr,
    instance_id: instanceId,
    type,
    save_us: us,
    load_us: loads.get(`${type} ${idstr} ${instanceId}`) ?? null,
  }));
}
