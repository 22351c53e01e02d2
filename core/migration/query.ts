import { deviceStateName, PRECOPY_INFO } from "../vfio/mod.ts";
import { applyDataSize, applyPrecopyInfo } from "./policy/mod.ts";
import { note, type SourceDevice, type SourceRun } from "./source_run.ts";

/** MIG_DATA_SIZE; the answer goes to the device's cache and to its estimates. */
export function queryDataSize(run: SourceRun, d: SourceDevice): void {
  const result = d.device.getDataSize(run.size);
  applyDataSize(run.policy, d.cache, result, run.size.stopCopyLength);
  d.estimates.push({
    entry: "estimate",
    atNs: run.clock.nowNs(),
    kind: "stop_copy",
    bytes: result < 0 ? null : run.size.stopCopyLength,
    position: d.precopyBytes,
  });
}

/** VFIO_MIG_GET_PRECOPY_INFO; the answer goes to the device's cache and to its estimates. Returns the call's result. */
export function queryPrecopyInfo(
  run: SourceRun,
  d: SourceDevice,
  apply = applyPrecopyInfo,
): number {
  const { info } = run;
  info.flags = 0;
  const result = d.device.getPrecopyInfo(info);
  apply(run.policy, d.cache, result, info, run.ackOptions);
  d.estimates.push({
    entry: "estimate",
    atNs: run.clock.nowNs(),
    kind: "precopy",
    bytes: result < 0 ? null : info.initialBytes + info.dirtyBytes,
    position: d.precopyBytes,
  });
  if (result === 0 && (info.flags & PRECOPY_INFO.REINIT) !== 0) {
    note(run, "reinit", d, {
      initial_bytes: info.initialBytes,
      state: deviceStateName(d.device.getState()),
    });
  }
  return result;
}

/** Asks every device, as an exact query does (facts: precopy info only in the precopy states). */
export function queryExact(run: SourceRun): void {
  run.exactQueries++;
  run.ram?.sync();
  for (const d of run.sourceDevices) {
    queryDataSize(run, d);
    if (d.cache.inPrecopy) queryPrecopyInfo(run, d);
  }
}
