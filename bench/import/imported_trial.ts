import { NO_EXPECTED_DOWNTIME_MS } from "../../core/migration/mod.ts";
import { type ClassifiedEstimates, classifyEstimates, joinEstimates } from "../measure/mod.ts";
import type { DeviceRecord, TimelineEvent, TrialRecord } from "../trial/record.ts";
import type { ImportedMigration, Moment, TracedDevice } from "./migration.ts";

/** The scenario that imported migrations are of. */
export const IMPORTED_SCENARIO = "imported";

/**
 * An imported migration as the record of a trial: the same keys, made of the same moments, wherever its log has them.
 * What it does not have is absent. Nobody compared the state: QEMU says that it went well.
 */
export function importedTrial(
  migration: ImportedMigration,
  trial: number,
  histograms: TrialRecord["histograms"],
): TrialRecord {
  const { outcome, error } = migration;
  const good = outcome === "completed" && error === null;
  return {
    scenario: IMPORTED_SCENARIO,
    case: 0,
    trial,
    clock: "wall",
    seed: 0,
    outcome: outcome === "completed" && error !== null ? "failed" : outcome,
    qemu_says: outcome,
    error: error === null ? null : {
      message: error,
      device: migration.devices.find((one) => one.destination?.refused === true)?.id ?? null,
      phase: migration.checkpoints.decided_us === null ? "precopy" : "switchover",
      call: null,
      errno: null,
    },
    state_verified: false,
    verified_by: "qemu",
    metrics: good ? metricsOf(migration) : {},
    downtime_breakdown_ms: good ? breakdownOf(migration) : {},
    devices: Object.fromEntries(migration.devices.map((one) => [one.id, deviceRecord(one)])),
    histograms,
    ...(migration.started_at_ms === null ? {} : { started_at_ms: migration.started_at_ms }),
  };
}

/** Keeps what is known: keys whose value is null are left out. */
function known(values: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => value === null ? [] : [[key, value]]),
  );
}

function metricsOf(migration: ImportedMigration): Record<string, number> {
  const { checkpoints: at, devices, clock } = migration;
  const precopyBytes = devices.reduce((sum, one) => sum + one.precopy.bytes, 0);
  const stopCopyBytes = sumKnown(devices.map((one) => one.stop_copy.bytes));
  const isMultifd = stopCopyBytes === null;
  const stopCopy = migration.phases.find(({ phase }) => phase === "stop-copy");
  const expected = migration.expected_downtime_ms;
  return known({
    downtime_ms: spanMs(at.decided_us, at.running_us),
    downtime_uncertainty_ms: msOrNull(clock?.uncertainty_us ?? null),
    downtime_source_ms: spanMs(at.decided_us, at.source_end_us),
    total_time_ms: spanMs(0, migration.total_us),
    setup_time_ms: spanMs(0, migration.setup_us),
    bytes_total: migration.bytes_total,
    bytes_precopy: precopyBytes,
    bytes_stopcopy: stopCopyBytes,
    vfio_transferred_bytes: migration.vfio_transferred_bytes,
    passes: migration.passes,
    exact_queries: migration.exact_queries,
    dirty_sync_count: migration.dirty_sync_count,
    // Without any bandwidth QEMU promises INT64_MAX, which is no number of milliseconds.
    downtime_expected_ms: expected === null || expected >= NO_EXPECTED_DOWNTIME_MS
      ? null
      : expected,
    bandwidth_assumed_bytes_per_s: assumedBandwidth(migration),
    bandwidth_switchover_bytes_per_s: rate(stopCopy?.bytes ?? null, at.stopped_us, at.loaded_us),
    throughput_stopcopy_bytes_per_s: isMultifd
      ? null
      : rate(stopCopyBytes, at.ram_saved_us, at.loaded_us),
    throughput_precopy_bytes_per_s: rate(precopyBytes, migration.setup_us, at.decided_us),
  });
}

/** What the last threshold was made of: it, over the downtime limit. */
function assumedBandwidth(
  { downtime_limit_ms, threshold_bytes }: ImportedMigration,
): number | null {
  return downtime_limit_ms === null || downtime_limit_ms === 0 || threshold_bytes === null
    ? null
    : Math.round(threshold_bytes / downtime_limit_ms * 1000);
}

/**
 * Where the downtime went, in the words of our own trials. Without the destination's moments its parts end with what
 * the source alone knows: `wait`, from its last byte to its own end of downtime.
 */
function breakdownOf({ checkpoints: at, devices }: ImportedMigration): Record<string, number> {
  const saves: Record<string, number | null> = {};
  if (devices.some((one) => one.stop_copy.bytes === null)) {
    saves["save"] = spanMs(at.ram_saved_us, at.devices_saved_us);
  } else {
    // Between the ends of RAM's section and of the last device's there is nothing but theirs.
    const whole = spanMs(at.ram_saved_us, at.devices_saved_us);
    const own = devices.map((one) => one.save_us === null ? null : ms(one.save_us));
    const sum = sumKnown(own);
    for (const [i, one] of devices.entries()) {
      const mine = own[i] ?? null;
      const isLast = i === devices.length - 1;
      // What the log's own work took between the sections goes to the last, so that the parts add up.
      saves[`save ${one.id}`] = mine === null || whole === null || sum === null
        ? null
        : isLast
        ? ms((mine + whole - sum) * 1000)
        : mine;
    }
  }
  const seen = at.running_us === null || at.loaded_us === null
    ? { wait: spanMs(at.config_saved_us, at.source_end_us) }
    : {
      load: spanMs(at.config_saved_us, at.loaded_us),
      resume: spanMs(at.loaded_us, at.running_us),
    };
  const parts = {
    stop: spanMs(at.decided_us, at.stopped_us),
    ram: spanMs(at.stopped_us, at.ram_saved_us),
    ...saves,
    config: spanMs(at.devices_saved_us, at.config_saved_us),
    ...seen,
  };
  // Parts that do not add up to the whole are none.
  return Object.values(parts).includes(null) ? {} : known(parts);
}

function deviceRecord(device: TracedDevice): DeviceRecord {
  const { stop_us, save_us, destination } = device;
  const resume_us = destination?.resume_us ?? null;
  const part = sumKnown([stop_us, save_us, resume_us ?? 0]);
  return {
    metrics: known({
      bytes_precopy: device.precopy.bytes,
      bytes_stopcopy: device.stop_copy.bytes,
      stop_ms: msOrNull(stop_us),
      save_ms: msOrNull(save_us),
      downtime_part_ms: msOrNull(part),
      load_ms: msOrNull(destination?.load_us ?? null),
      resume_ms: msOrNull(resume_us),
      reinits: device.reinits_us.length,
    }),
    estimates: estimatesOf(device),
  };
}

function estimatesOf({ estimates }: TracedDevice): DeviceRecord["estimates"] {
  const kinds = Object.entries(classifyEstimates(joinEstimates(estimates)));
  const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(6)));
  return Object.fromEntries(kinds.map(([kind, one]): [string, ClassifiedEstimates] => [kind, {
    ...one,
    over_ratio: rounded(one.over_ratio),
    under_ratio: rounded(one.under_ratio),
  }]));
}

/** What happened when, in the words of our own timelines. A log without times has none. */
export function importedTimeline(migration: ImportedMigration, trial: number): TimelineEvent[] {
  const events: TimelineEvent[] = [];
  const add = (at_us: Moment, event: string, fields: Record<string, string | number> = {}) => {
    if (at_us !== null) events.push({ case: 0, trial, t_ms: ms(at_us), event, ...fields });
  };
  const { checkpoints: at } = migration;
  add(migration.setup_us, "precopy");
  for (const { at_us, transferred_bytes, threshold_bytes, pending_bytes } of migration.windows) {
    const pending = pending_bytes === null ? {} : { pending_bytes };
    add(at_us, "window", { transferred_bytes, threshold_bytes, ...pending });
  }
  for (const { at_us, pending } of migration.acks) {
    add(at_us, "switchover_acked", pending === null ? {} : { pending });
  }
  for (const one of migration.devices) addDevice(one, add);
  add(
    at.decided_us,
    "switchover",
    known({
      pending_bytes: migration.decided_pending_bytes,
      threshold_bytes: migration.threshold_bytes,
    }),
  );
  add(at.loaded_us, "loaded");
  add(at.running_us, "running");
  if (migration.outcome === "completed") add(migration.total_us, "completed");
  else add(migration.total_us, "failed", { message: migration.error ?? migration.outcome });
  return events.sort((a, b) => a.t_ms - b.t_ms);
}

function addDevice(
  device: TracedDevice,
  add: (at_us: Moment, event: string, fields?: Record<string, string | number>) => void,
): void {
  const { id } = device;
  for (const { at_us, state } of device.states) {
    add(at_us, "state", { device: id, state, side: "source" });
  }
  for (const { at_us, state } of device.destination?.states ?? []) {
    add(at_us, "state", { device: id, state, side: "destination" });
  }
  for (const query of device.queries) {
    if (!query.reinit) continue;
    const initial = known({ initial_bytes: query.initial_bytes ?? null });
    add(query.at_us, "reinit", { device: id, ...initial, state: "PRE_COPY" });
  }
  for (const at_us of device.init_data_sent_us) add(at_us, "init_data_sent", { device: id });
  const stopped = device.estimates.find(({ entry }) => entry === "stopped");
  if (stopped !== undefined) add(stopped.atNs / 1000, "stopped", { device: id });
  const { end_us, bytes } = device.stop_copy;
  add(end_us, "saved", { device: id, ...(bytes === null ? {} : { stop_copy_bytes: bytes }) });
}

function spanMs(from: Moment, to: Moment): number | null {
  return from === null || to === null ? null : ms(to - from);
}

function msOrNull(us: number | null): number | null {
  return us === null ? null : ms(us);
}

function ms(us: number): number {
  return Number((us / 1000).toFixed(6));
}

function rate(bytes: number | null, from: Moment, to: Moment): number | null {
  if (bytes === null || bytes === 0 || from === null || to === null || to <= from) return null;
  return Math.round(bytes / (to - from) * 1e6);
}

/** The sum; null where one is not known. */
function sumKnown(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>(
    (sum, value) => sum === null || value === null ? null : sum + value,
    0,
  );
}
