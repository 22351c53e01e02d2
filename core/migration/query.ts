import type { Device } from "../device/mod.ts";
import { deviceStateName, PRECOPY_INFO, u64Add } from "../vfio/mod.ts";
import type { EstimateKind } from "./observation.ts";
import { applyDataSize, applyPrecopyInfo, type PendingQuery, sumPending } from "./policy/mod.ts";
import { syncRam } from "./ram_sync.ts";
import { note, type SourceDevice, type SourceRun } from "./source_run.ts";
import { collectRequests } from "./switchover_ack.ts";
import { precopyInfoStep, trace, type TracedCache } from "./trace.ts";

/** MIG_DATA_SIZE; the answer goes to the device's cache and to its estimates. */
export function queryDataSize(run: SourceRun, d: SourceDevice, device: Device): void {
  const result = device.getDataSize(run.size);
  applyDataSize(run.policy, d.cache, result, run.size.stopCopyLength);
  if (run.onTrace) {
    trace(run, {
      step: "data-size",
      device: d.id,
      result,
      stopCopyLength: d.cache.stopCopyLength,
    });
  }
  keepEstimate(run, d, "stop_copy", result < 0 ? null : run.size.stopCopyLength);
}

/** VFIO_MIG_GET_PRECOPY_INFO; the answer goes to the device's cache and to its estimates. Returns the call's result. */
export function queryPrecopyInfo(
  run: SourceRun,
  d: SourceDevice,
  device: Device,
  apply = applyPrecopyInfo,
): number {
  const { info } = run;
  info.flags = 0;
  const result = device.getPrecopyInfo(info);
  apply(run.policy, d.cache, result, info, run.ackOptions);
  if (run.onTrace) trace(run, precopyInfoStep(d.id, result, info, d.cache));
  const bytes = result < 0 ? null : u64Add(info.initialBytes, info.dirtyBytes);
  keepEstimate(run, d, "precopy", bytes);
  if (result === 0 && (info.flags & PRECOPY_INFO.REINIT) !== 0) {
    note(run, "reinit", d, {
      initial_bytes: info.initialBytes,
      state: deviceStateName(device.getState()),
    });
  }
  return result;
}

/** Asks every device, as an exact query does. */
export function queryExact(run: SourceRun): void {
  run.exactQueries++;
  run.clock.sleepNs(run.costs.queryNs);
  if (run.policy.iterationCounter.exactQuery) run.iterations++;
  syncRam(run);
  for (const d of run.sourceDevices) d.handlers.exact(run, d);
}

const NO_DEVICES: readonly TracedCache[] = [];

/** Sums up what RAM and all devices have, and takes in the acks that they ask for. */
export function sumQuery(run: SourceRun, query: PendingQuery): void {
  const { policy, caches, pending, ack } = run;
  const ramBytes = run.ram === null ? 0 : run.ram.pendingBytes();
  // The sum takes the requests for acks from the caches.
  const devices = run.onTrace ? tracedCaches(run) : NO_DEVICES;
  sumPending(policy, caches, ramBytes, query, pending);
  collectRequests(ack, pending.switchoverAckPending);
  if (!run.onTrace) return;
  trace(run, {
    step: "pending",
    query: query.final ? "final" : query.exact ? "exact" : "estimate",
    ramBytes,
    precopyBytes: pending.precopyBytes,
    stopCopyBytes: pending.stopcopyBytes,
    total: pending.total,
    collectedAcks: pending.switchoverAckPending,
    pendingAcks: ack.pending,
    devices,
  });
}

function tracedCaches(run: SourceRun): TracedCache[] {
  return run.sourceDevices.map(({ id, cache }) => ({
    device: id,
    initialBytes: cache.initialBytes,
    dirtyBytes: cache.dirtyBytes,
    stopCopyLength: cache.stopCopyLength,
    inPrecopy: cache.inPrecopy,
    asksForAck: cache.ackRequested,
  }));
}

/** An estimate joins the device's others; one that only repeats the last of its kind is counted there. */
function keepEstimate(
  run: SourceRun,
  d: SourceDevice,
  kind: EstimateKind,
  bytes: number | null,
): void {
  const position = d.precopyBytes;
  // The last of its kind is a few entries back (size, info, empty reads), or data were read in between. A
  // spin of thousands of passes that learn nothing is kept as one entry this way.
  for (let i = d.estimates.length - 1; i >= Math.max(0, d.estimates.length - 8); i--) {
    const last = d.estimates[i];
    if (last === undefined || last.position !== position) break;
    if (last.entry === "empty") continue;
    if (last.entry !== "estimate") break;
    if (last.kind !== kind) continue;
    if (last.bytes !== bytes) break;
    last.times++;
    return;
  }
  d.estimates.push({ entry: "estimate", atNs: run.clock.nowNs(), kind, bytes, position, times: 1 });
}
