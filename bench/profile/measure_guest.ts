import type { PolicyName } from "../../core/migration/mod.ts";
import type { Imported, ImportedMigration, TracedWindow } from "../import/mod.ts";

/** The rest of a scenario beside its devices, as the log tells it. */
export interface MeasuredGuest {
  readonly ram: Readonly<
    Record<"size" | "zero_fraction" | "dirty_rate" | "dirty_span" | "send_rate", number>
  >;
  readonly host: Readonly<
    Record<"setup_ms" | "stop_ms" | "config_ms" | "start_ms" | "finish_ms", number>
  >;
  readonly params: GuestParams;
  readonly assumed: readonly string[];
}

/** What was chosen about the migration, by the scenario's names. */
export interface GuestParams {
  readonly policy: PolicyName;
  readonly buffer_size: number;
  readonly switchover_ack: boolean;
  readonly return_path: boolean;
  readonly downtime_limit_ms: number;
  readonly downtime_limit_changes_at_ms?: number;
  readonly later_downtime_limit_ms?: number;
  readonly max_bandwidth: number;
  readonly avail_switchover_bandwidth: number;
  readonly multifd: boolean;
  readonly channels: number;
  readonly max_time_ms: number;
}

/** QEMU's defaults, for what no log says. */
const QEMU_MAX_BANDWIDTH = 128 * 1024 * 1024;
const QEMU_DOWNTIME_LIMIT_MS = 300;
const QEMU_BUFFER_SIZE = 1024 * 1024;
const PAGE_SIZE = 4096;
const MIN_MAX_TIME_MS = 60_000;

/** What the log tells of the guest, of QEMU itself and of what was chosen. */
export function measureGuest(imported: Imported, migration: ImportedMigration): MeasuredGuest {
  const assumed = [
    "link: what it could carry is not in a log; no limit, and what devices and RAM took of it is theirs",
  ];
  return {
    ram: measureRam(migration),
    host: measureHost(migration),
    params: measureParams(imported, migration, assumed),
    assumed,
  };
}

/** RAM: all of it is pending at first, and most of a small guest's is zero pages. */
function measureRam(migration: ImportedMigration): MeasuredGuest["ram"] {
  const { ram, bytes_total, exact_queries } = migration;
  const size = ram.first_pending_bytes ?? 0;
  if (size === 0) return { size, zero_fraction: 0, dirty_rate: 0, dirty_span: 0, send_rate: 0 };
  const deviceBytes = migration.devices.reduce(
    (sum, d) => sum + d.precopy.bytes + (d.stop_copy.bytes ?? 0),
    0,
  );
  const first = bytes_total === null
    ? size
    : Math.max(0, bytes_total - deviceBytes - ram.dirtied_bytes);
  const onePart = ram.dirtied_bytes / Math.max(1, exact_queries);
  const span = Math.ceil(Math.max(onePart, decidedRamBytes(migration)) / PAGE_SIZE) * PAGE_SIZE;
  const between = syncInterval_ms(migration);
  // What is dirtied must be some of what is sent at all.
  const sent = Math.min(size, Math.max(first, span));
  return {
    size,
    zero_fraction: Number(Math.max(0, 1 - sent / size).toFixed(4)),
    dirty_rate: between === 0 ? 0 : Math.round(span / between * 1000),
    dirty_span: Math.min(span, size),
    send_rate: firstSendRate(migration),
  };
}

/** RAM that was pending at the decision: the total less what the device with the most to say said last. */
function decidedRamBytes(
  { decided_pending_bytes, devices, ram }: ImportedMigration,
): number {
  if (decided_pending_bytes === null || ram.dirtied_bytes === 0) return 0;
  const ofDevices = devices.reduce((sum, { queries }) => {
    const last = queries.findLast(({ when }) => when === "exact");
    const precopy = (last?.initial_bytes ?? 0) + (last?.dirty_bytes ?? 0);
    return sum + Math.max(precopy, last?.stop_copy_length ?? 0);
  }, 0);
  return Math.max(0, decided_pending_bytes - ofDevices);
}

/** The usual time between two bitmap syncs, which come with exact queries. */
function syncInterval_ms({ devices, setup_us, checkpoints }: ImportedMigration): number {
  const at = (devices[0]?.queries ?? []).flatMap(({ at_us }) =>
    at_us === null ? [] : [at_us / 1e3]
  );
  const gaps = at.slice(1).map((one, i) => one - (at[i] ?? 0)).filter((gap) => gap > 0);
  if (gaps.length > 0) return gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  return Math.max(0, ((checkpoints.decided_us ?? 0) - (setup_us ?? 0)) / 1e3);
}

/** How fast the source went through RAM: what was pending less, over the first windows that show it. */
function firstSendRate({ windows, setup_us, ram }: ImportedMigration): number {
  const size = ram.first_pending_bytes ?? 0;
  const seen = windows.filter((w): w is TracedWindow & { at_us: number; pending_bytes: number } =>
    w.at_us !== null && w.pending_bytes !== null
  );
  const [first] = seen;
  const last =
    seen.find(({ pending_bytes }) => pending_bytes < (first?.pending_bytes ?? 0) - size / 2) ??
      seen.at(-1);
  if (first === undefined || last === undefined || last === first || setup_us === null) return 0;
  const gone = first.pending_bytes - last.pending_bytes;
  return gone <= 0 ? 0 : Math.round(gone / (last.at_us - first.at_us) * 1e6);
}

/** What QEMU took beside its devices, between the moments of the downtime. */
function measureHost(migration: ImportedMigration): MeasuredGuest["host"] {
  const { checkpoints: at, devices, setup_us } = migration;
  const took_ms = (of: "source" | "destination", names: readonly string[]) =>
    devices.reduce((sum, d) => {
      const states = of === "source" ? d.states : d.destination?.states ?? [];
      const took = names.map((name) =>
        states.find(({ state, took_us }) => state === name && took_us !== null)?.took_us ?? 0
      );
      return sum + took.reduce((a, b) => a + b, 0) / 1e3;
    }, 0);
  const between_ms = (from: number | null, to: number | null) =>
    from === null || to === null ? 0 : (to - from) / 1e3;
  const rest = (ms: number) => Number(Math.max(0, ms).toFixed(3));
  return {
    setup_ms: rest(between_ms(0, setup_us) - took_ms("source", ["PRE_COPY"])),
    stop_ms: rest(
      between_ms(at.decided_us, at.stopped_us) - took_ms("source", ["PRE_COPY_P2P", "STOP_COPY"]),
    ),
    config_ms: rest(between_ms(at.devices_saved_us, at.config_saved_us) + ramRest_ms(migration)),
    start_ms: rest(
      between_ms(at.config_saved_us, at.running_us) -
        took_ms("destination", ["RUNNING_P2P", "RUNNING"]),
    ),
    finish_ms: rest(
      between_ms(
        migration.return_path ? at.running_us : at.config_saved_us,
        at.source_end_us,
      ),
    ),
  };
}

/** What RAM's last section takes beside its bytes: the last bitmap sync, and what goes with it. */
function ramRest_ms(migration: ImportedMigration): number {
  const { stopped_us, ram_saved_us } = migration.checkpoints;
  const rate = firstSendRate(migration);
  if (stopped_us === null || ram_saved_us === null || rate === 0) return 0;
  const bytes_ms = decidedRamBytes(migration) / rate * 1e3;
  return Math.max(0, (ram_saved_us - stopped_us) / 1e3 - bytes_ms);
}

function measureParams(
  { qmp }: Imported,
  migration: ImportedMigration,
  assumed: string[],
): GuestParams {
  const given = (name: string) => {
    const value = qmp?.parameters[name];
    return typeof value === "number" ? value : undefined;
  };
  const max_bandwidth = given("max-bandwidth");
  if (max_bandwidth === undefined) {
    assumed.push("max_bandwidth: no QMP log says it; QEMU's default of 128 MiB/s");
  }
  const avail = given("avail-switchover-bandwidth") ?? 0;
  const limits = limitsOf(migration, avail, given("downtime-limit"));
  const buffer = Math.max(0, ...migration.devices.map((d) => d.buffer_size_bytes ?? 0));
  return {
    policy: migration.policy,
    buffer_size: buffer >= PAGE_SIZE && buffer % PAGE_SIZE === 0 ? buffer : QEMU_BUFFER_SIZE,
    switchover_ack: migration.switchover_ack,
    // An ack comes back on nothing else.
    return_path: migration.return_path || migration.switchover_ack,
    ...limits,
    max_bandwidth: max_bandwidth ?? QEMU_MAX_BANDWIDTH,
    avail_switchover_bandwidth: avail,
    multifd: migration.multifd_channels !== null,
    channels: migration.multifd_channels ?? 1,
    max_time_ms: Math.max(MIN_MAX_TIME_MS, Math.ceil((migration.total_us ?? 0) / 1e3) * 3),
  };
}

/**
 * The downtime limit that each window's threshold was made with, and the first other one: somebody set it meanwhile.
 */
function limitsOf(
  { windows, downtime_limit_ms }: ImportedMigration,
  avail: number,
  given: number | undefined,
): Pick<
  GuestParams,
  "downtime_limit_ms" | "downtime_limit_changes_at_ms" | "later_downtime_limit_ms"
> {
  const limits = windows.flatMap((w) => {
    const bytesPerMs = avail > 0 ? avail / 1000 : w.transferred_bytes / w.time_spent_ms;
    return bytesPerMs > 0 && w.at_us !== null
      ? [{ at_ms: w.at_us / 1e3, limit_ms: Math.round(w.threshold_bytes / bytesPerMs) }]
      : [];
  });
  const first = limits[0]?.limit_ms ?? downtime_limit_ms ?? given ?? QEMU_DOWNTIME_LIMIT_MS;
  const other = limits.findIndex(({ limit_ms }) => Math.abs(limit_ms / first - 1) > 0.02);
  if (other < 1) return { downtime_limit_ms: first };
  const [before, after] = [limits[other - 1], limits[other]];
  if (before === undefined || after === undefined) return { downtime_limit_ms: first };
  return {
    downtime_limit_ms: first,
    downtime_limit_changes_at_ms: Math.round((before.at_ms + after.at_ms) / 2),
    later_downtime_limit_ms: after.limit_ms,
  };
}
