import { u64Add, u64Less, u64LessEqual, u64ToString } from "../vfio/mod.ts";
import type { SourceRun } from "./source_run.ts";
import { canSwitchover } from "./switchover_ack.ts";

/** Why the source has not switched over, in words: what its last pass saw, and whose answer weighed most. */
export function whyNot(run: SourceRun): string {
  const { pending, window, options } = run;
  if (!canSwitchover(run.ack)) {
    const unsent = run.sourceDevices.filter((d) => !d.cache.initDataSent).map((d) => d.id);
    const sent = run.sender.transferred();
    const share = sent === 0 ? 0 : Math.round(run.ramBytes / sent * 100);
    const first = run.ram === null
      ? ""
      : `; guest RAM, which goes first, was ${share} % of all sent`;
    return unsent.length > 0
      ? `no switchover-ack came, and the initial data of ${
        unsent.join(", ")
      } was not all sent${first}`
      : `no switchover-ack came for initial data that was all sent`;
  }
  let heaviest = "guest RAM";
  let most = run.ram === null ? null : run.ram.pendingBytes();
  let how = "is dirtied as fast as it is sent";
  for (const d of run.sourceDevices) {
    const { stopCopyLength, initialBytes, dirtyBytes } = d.cache;
    const precopyBytes = u64Add(initialBytes, dirtyBytes);
    const bytes = u64Less(stopCopyLength, precopyBytes) ? precopyBytes : stopCopyLength;
    if (most !== null && u64LessEqual(bytes, most)) continue;
    most = bytes;
    heaviest = d.id;
    const answer = d.estimates.findLast((e) => e.entry === "estimate" && e.kind === "stop_copy");
    how = answer?.entry === "estimate" && answer.bytes === null
      ? "did not answer MIG_DATA_SIZE, and 100 GiB stood in for the answer"
      : `answers with ${u64ToString(Math.trunc(bytes))} bytes`;
  }
  return `${
    u64ToString(Math.trunc(pending.total))
  } bytes pending stay above the threshold of ${window.threshold} bytes ` +
    `(${options.downtimeLimitMs} ms at ${
      Math.round(window.switchoverBytesPerMs * 1000)
    } bytes/s); ` +
    `${heaviest} ${how}`;
}
