import type { QmpCheck } from "./imported.ts";
import type { ImportedMigration } from "./migration.ts";
import type { QmpLog } from "./qmp_log.ts";

/** QEMU cuts every moment to whole milliseconds, and logs the event a moment before or after it looks at the clock. */
const ROUNDING_MS = 2;

/**
 * Holds what the trace says against what QEMU's monitor said. Counts and bytes must be the same, times within
 * {@linkcode ROUNDING_MS}. What only one of them has is not compared.
 */
export function checkQmp(migration: ImportedMigration, { final }: QmpLog): QmpCheck[] {
  if (final === null) return [];
  const { checkpoints, total_us, setup_us, qemu_setup_us } = migration;
  const { decided_us, source_end_us } = checkpoints;
  const downtimeUs = decided_us === null || source_end_us === null
    ? null
    : source_end_us - decided_us;
  const checks: QmpCheck[] = [];
  const exact = (what: string, trace: number | null, qmp: number | undefined) => {
    if (trace === null || qmp === undefined) return;
    checks.push({ what, trace, qmp, agrees: trace === qmp });
  };
  const within = (what: string, us: number | null, qmp: number | undefined) => {
    if (us === null || qmp === undefined) return;
    const trace = us / 1000;
    checks.push({ what, trace, qmp, agrees: Math.abs(trace - qmp) <= ROUNDING_MS });
  };
  exact("bytes_total", migration.bytes_total, final.transferredBytes);
  exact("dirty_sync_count", migration.dirty_sync_count, final.dirtySyncCount);
  exact("vfio_transferred_bytes", migration.vfio_transferred_bytes, final.vfioTransferredBytes);
  within("total_time_ms", total_us, final.totalTimeMs);
  within("downtime_source_ms", downtimeUs, final.downtimeMs);
  if (final.setupTimeMs !== undefined && setup_us !== null && qemu_setup_us !== null) {
    // When the migration thread began is not logged: before the stream's header, after the migration's start.
    const least = qemu_setup_us / 1000 - ROUNDING_MS, most = setup_us / 1000 + ROUNDING_MS;
    const qmp = final.setupTimeMs;
    const agrees = least <= qmp && qmp <= most;
    checks.push({ what: "setup_time_ms", trace: qemu_setup_us / 1000, qmp, agrees });
  }
  return checks;
}
