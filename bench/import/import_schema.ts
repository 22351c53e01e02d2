import * as z from "zod";
import type { EstimateEntry } from "../../core/migration/mod.ts";
import { IMPORT_FIELDS } from "./import_document.ts";
import { IMPORT_SCHEMA, type Imported } from "./imported.ts";
import type { ImportedMigration, TracedDestinationDevice, TracedDevice } from "./migration.ts";

/** An import keeps 16384 of a device, and all that say REINIT. */
const MOST_QUERIES = 65_536;

const Count = z.int().min(0);
const Moment = z.number().nullable();
const Bytes = z.number().nullable();
const Duration = z.number().nullable();

const LogSchema = z.object({ name: z.string(), lines: Count, used: Count, unreadable: Count });

const StateSchema = z.object({ at_us: Moment, state: z.string(), took_us: Moment });

const QuerySchema = z.object({
  at_us: Moment,
  when: z.enum(["setup", "exact", "stop"]),
  stop_copy_length: z.number().nullable().exactOptional(),
  initial_bytes: z.number().nullable().exactOptional(),
  dirty_bytes: z.number().nullable().exactOptional(),
  reinit: z.boolean(),
  position_bytes: z.number(),
});

const BuffersSchema = z.object({
  count: Count,
  bytes: z.number(),
  empty: Count,
  busy_us: Moment,
  begin_us: Moment,
  end_us: Moment,
});

const StopCopySchema = BuffersSchema.extend({ count: Count.nullable(), bytes: Bytes });

const EstimateSchema: z.ZodType<EstimateEntry> = z.discriminatedUnion("entry", [
  z.object({
    entry: z.literal("estimate"),
    atNs: z.number(),
    kind: z.enum(["precopy", "stop_copy"]),
    bytes: z.number().nullable(),
    position: z.number(),
    times: Count,
  }),
  z.object({
    entry: z.enum(["empty", "stopped", "decided", "end"]),
    atNs: z.number(),
    position: z.number(),
  }),
]);

const DestinationDeviceSchema: z.ZodType<TracedDestinationDevice> = z.object({
  states: z.array(StateSchema),
  precopy: BuffersSchema,
  stop_copy: StopCopySchema,
  load_us: Duration,
  config_load_us: Duration,
  resume_us: Duration,
  refused: z.boolean(),
  approved_us: z.array(Moment),
});

const DeviceSchema: z.ZodType<TracedDevice> = z.object({
  id: z.string(),
  destination_id: z.string().nullable(),
  section: z.string().nullable(),
  buffer_size_bytes: z.number().nullable(),
  supports_precopy: z.boolean(),
  supports_p2p: z.boolean(),
  precopy_info_v2: z.boolean().nullable(),
  states: z.array(StateSchema),
  queries: z.array(QuerySchema).max(MOST_QUERIES),
  precopy: BuffersSchema,
  stop_copy: StopCopySchema,
  init_data_sent_us: z.array(Moment),
  reinits_us: z.array(Moment),
  estimates: z.array(EstimateSchema),
  save_us: Duration,
  config_save_us: Duration,
  stop_us: Duration,
  destination: DestinationDeviceSchema.nullable(),
});

const MigrationSchema: z.ZodType<ImportedMigration> = z.object({
  outcome: z.enum(["completed", "failed", "cancelled"]),
  error: z.string().nullable(),
  policy: z.enum(["qemu-8.1", "qemu-9.2", "qemu-11.1"]),
  started_at_ms: z.number().nullable(),
  transport: z.enum(["socket", "file", "other"]).nullable(),
  multifd_channels: Count.nullable(),
  switchover_ack: z.boolean(),
  return_path: z.boolean(),
  downtime_limit_ms: z.number().nullable(),
  expected_downtime_ms: z.number().nullable(),
  total_us: Moment,
  setup_us: Moment,
  qemu_setup_us: Moment,
  phases: z.array(z.object({
    phase: z.enum(["setup", "precopy", "stop-copy"]),
    begin_us: Moment,
    end_us: Moment,
    bytes: Bytes,
    bytes_per_s: z.number().nullable(),
  })),
  checkpoints: z.object({
    decided_us: Moment,
    stopped_us: Moment,
    ram_saved_us: Moment,
    devices_saved_us: Moment,
    config_saved_us: Moment,
    source_end_us: Moment,
    loaded_us: Moment,
    running_us: Moment,
  }),
  decided_pending_bytes: Bytes,
  passes: Count,
  exact_queries: Count,
  dirty_sync_count: z.number(),
  bytes_total: Bytes,
  vfio_transferred_bytes: Bytes,
  ram: z.object({ first_pending_bytes: Bytes, dirtied_bytes: z.number() }),
  windows_closed: Count,
  threshold_bytes: Bytes,
  windows: z.array(z.object({
    at_us: Moment,
    transferred_bytes: z.number(),
    time_spent_ms: z.number(),
    threshold_bytes: z.number(),
    pending_bytes: Bytes,
  })),
  acks: z.array(z.object({ at_us: Moment, pending: z.number().nullable() })),
  devices: z.array(DeviceSchema),
  vmstates: z.array(z.object({
    idstr: z.string(),
    instance_id: z.number(),
    type: z.enum(["iterable", "non-iterable"]),
    save_us: Duration,
    load_us: Duration,
  })),
  clock: IMPORT_FIELDS.clock_offset,
  decisions: IMPORT_FIELDS.decisions,
});

/** `import.json`. Only the import writes it, and anybody may have changed it since. */
export const ImportedSchema: z.ZodType<Imported> = z.object({
  schema: z.literal(IMPORT_SCHEMA),
  source: LogSchema,
  destination: LogSchema.nullable(),
  qmp: z.object({
    name: z.string(),
    parameters: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])),
    checks: IMPORT_FIELDS.qmp_checks,
  }).nullable(),
  migrations: z.array(MigrationSchema).min(1),
});
