import type { ImportedMigration } from "../import/mod.ts";

/** A metric that a scenario of ours has too, as the log has it. */
export interface RecordedMetric {
  readonly metric: string;
  readonly value: number;
  /** Whether unknown numbers of the scenario are chosen so that this one comes out; the others come out by themselves. */
  readonly fitted: boolean;
}

/** Fewer bytes are hardly more than the records they come in. */
const ENOUGH_BYTES = 64 * 1024;

/** What a virtual run of the same scenario is held against. */
export function recordedMetrics(migration: ImportedMigration): RecordedMetric[] {
  const { checkpoints: at, devices } = migration;
  const metrics: RecordedMetric[] = [];
  const add = (metric: string, value: number | null, fitted: boolean) => {
    if (value !== null && value > 0) metrics.push({ metric, value, fitted });
  };
  const since_ms = (from: number | null, to: number | null) =>
    from === null || to === null ? null : (to - from) / 1e3;
  const sum = (values: readonly (number | null)[]) => {
    const total = values.reduce<number>((a, b) => a + (b ?? 0), 0);
    return total < ENOUGH_BYTES ? null : total;
  };
  add("downtime_ms", since_ms(at.decided_us, at.running_us), false);
  add("downtime_source_ms", since_ms(at.decided_us, at.source_end_us), false);
  add("total_time_ms", since_ms(0, at.source_end_us), true);
  add("bytes_total", migration.bytes_total, true);
  add("bytes_precopy", sum(devices.map((d) => d.precopy.bytes)), true);
  add("bytes_stopcopy", sum(devices.map((d) => d.stop_copy.bytes)), true);
  return metrics;
}
