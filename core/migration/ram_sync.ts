import type { RamDirtyState } from "./expected_downtime.ts";
import type { SourceRun } from "./source_run.ts";
import { trace } from "./trace.ts";

/** A dirty rate is measured over at least this long (facts: QEMU's dirty_pages_rate, once a second). */
const RATE_PERIOD_NS = 1e9;
const PAGE_SIZE = 4096;

/** What RAM's dirty tracking knows, as of the last bitmap sync. */
export interface RamSync {
  dirtyBytesLastSync: number;
  /** Pages per second; 0 until it was measured over a whole period. */
  dirtyPagesRate: number;
  periodStartNs: number;
  periodBytes: number;
}

export function createRamSync(nowNs: number): RamSync & RamDirtyState {
  return { dirtyBytesLastSync: 0, dirtyPagesRate: 0, periodStartNs: nowNs, periodBytes: 0 };
}

/** The bitmap sync: what the guest has dirtied since the last one becomes known. */
export function syncRam(run: SourceRun): void {
  const { ram, ramSync } = run;
  if (ram === null) return;
  const before = ram.pendingBytes();
  ram.sync();
  ramSync.dirtyBytesLastSync = ram.pendingBytes();
  noteSync(run);
  ramSync.periodBytes += ramSync.dirtyBytesLastSync - before;
  const nowNs = run.clock.nowNs();
  const period_ns = nowNs - ramSync.periodStartNs;
  if (period_ns <= RATE_PERIOD_NS) return;
  ramSync.dirtyPagesRate = Math.trunc(ramSync.periodBytes / PAGE_SIZE / period_ns * 1e9);
  ramSync.periodStartNs = nowNs;
  ramSync.periodBytes = 0;
}

function noteSync(run: SourceRun): void {
  if (run.onTrace) trace(run, { step: "ram-synced", dirtyBytes: run.ramSync.dirtyBytesLastSync });
}
