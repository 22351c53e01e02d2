import { MESSAGE, REPLY, type Reply } from "../channel/message.ts";
import { expectedDowntimeMs } from "./expected_downtime.ts";
import {
  callFailure,
  MigrationError,
  must,
  mustOnChannel,
  reasonFailure,
} from "./migration_error.ts";
import { FINAL_QUERY } from "./policy/mod.ts";
import { buffersToTheEnd } from "./bulk.ts";
import { sendRam } from "./precopy.ts";
import { sumQuery } from "./query.ts";
import { RATE_LIMIT_OFF } from "./rate_limit.ts";
import { sendControl } from "./send.ts";
import { syncRam } from "./ram_sync.ts";
import {
  cancelled,
  isCancelled,
  note,
  type SourceDevice,
  type SourceRun,
  thresholdOptions,
} from "./source_run.ts";
import { stopGuest } from "./stop_guest.ts";
import { finalQueryError, receiveAck } from "./switchover_ack.ts";
import { type Checkpoint, trace } from "./trace.ts";

/** The moments of a switchover, in nanoseconds of the run's clock; what lies between them is the breakdown. */
export interface SwitchoverTimes {
  decidedNs: number;
  stoppedNs: number;
  ramSavedNs: number;
  devicesSavedNs: number;
  configSavedNs: number;
  /** The source's own end of downtime: the destination's word, or without a return path its own flush. */
  endNs: number;
}

/**
 * Stops the guest and moves what is left. On return the destination has everything; where there is a
 * return path, it has also said that it runs.
 */
export function switchOver(run: SourceRun): SwitchoverTimes {
  const { clock } = run;
  run.phase = "switchover";
  const decidedNs = clock.nowNs();
  traceCheckpoint(run, "source-decided", decidedNs);
  run.decidedPendingBytes = run.pending.total;
  run.expectedDowntimeMs = expectedDowntimeMs(
    run.policy,
    run.expected,
    run.window,
    run.iterations,
    thresholdOptions(run),
  );
  note(run, "switchover", undefined, {
    pending_bytes: run.pending.total,
    threshold_bytes: run.window.threshold,
  });
  for (const d of run.sourceDevices) {
    d.estimates.push({ entry: "decided", atNs: decidedNs, position: d.precopyBytes });
  }
  // A guest that stands still already is not stopped again, and its devices are not asked again.
  const stopFailure = run.ack.guestRunning ? stopGuest(run) : null;
  const stoppedNs = clock.nowNs();
  traceCheckpoint(run, "source-stopped", stoppedNs);
  if (run.options.pauseBeforeSwitchoverMs > 0) {
    note(run, "pre-switchover");
    if (run.onTrace) trace(run, { step: "status", status: "pre-switchover" });
    clock.sleepNs(run.options.pauseBeforeSwitchoverMs * 1e6);
  }
  run.onPlace?.("switchover");
  if (isCancelled(run)) throw cancelled("switchover");
  if (run.onTrace) trace(run, { step: "status", status: "device" });
  finalQuery(run);
  run.quota = RATE_LIMIT_OFF;
  if (run.onTrace) trace(run, { step: "switchover-start" });
  sendControl(run, MESSAGE.SWITCHOVER_START, 0);
  // QEMU notices a device that failed to stop only here, when the stream's error is looked at.
  if (stopFailure !== null) throw new MigrationError(stopFailure);

  run.phase = "stop-copy";
  run.multifd?.start(run);
  if (run.multifd) traceThreads(run, "save-thread");
  saveRam(run);
  const ramSavedNs = clock.nowNs();
  traceSaved(run, null, ramSavedNs - stoppedNs);
  saveDevices(run);
  const devicesSavedNs = clock.nowNs();
  traceCheckpoint(run, "source-devices-saved", devicesSavedNs);
  clock.sleepNs(run.costs.configNs);
  for (const d of run.sourceDevices) d.handlers.config(run, d);
  // Taken before the last message: the destination may be done with it before this thread runs again.
  const configSavedNs = clock.nowNs();
  traceCheckpoint(run, "source-config-saved", configSavedNs);
  sendControl(run, MESSAGE.EOF, 0);
  run.sender.finish();
  if (run.options.returnPath && run.sender.hasReturnPath) awaitShut(run);
  clock.sleepNs(run.costs.finishNs ?? 0);
  const endNs = clock.nowNs();
  traceCheckpoint(run, "source-end", endNs);
  return { decidedNs, stoppedNs, ramSavedNs, devicesSavedNs, configSavedNs, endNs };
}

/** One device after the other over the main channel, or all of them at once over their own. */
function saveDevices(run: SourceRun): void {
  run.multifd?.join(run);
  if (run.multifd) traceThreads(run, "save-thread-over");
  for (const d of run.sourceDevices) {
    if (run.multifd) sendControl(run, MESSAGE.END_OF_STATE, d.index);
    else complete(run, d);
    const position = d.precopyBytes + d.stopCopyBytes;
    d.estimates.push({ entry: "end", atNs: run.clock.nowNs(), position });
    note(run, "saved", d, { stop_copy_bytes: d.stopCopyBytes });
  }
}

function complete(run: SourceRun, d: SourceDevice): void {
  if (run.onTrace) trace(run, { step: "stop-copy", device: d.id });
  d.handlers.complete(run, d);
  if (!run.onTrace) return;
  trace(run, { step: "stop-copy-over", device: d.id });
  traceSaved(run, d.id, d.saveNs);
}

function traceThreads(run: SourceRun, step: "save-thread" | "save-thread-over"): void {
  if (!run.onTrace) return;
  for (const { id } of run.sourceDevices) trace(run, { step, device: id });
}

function traceCheckpoint(run: SourceRun, checkpoint: Checkpoint, atNs: number): void {
  run.onTrace?.(atNs, { step: "checkpoint", checkpoint });
}

function traceSaved(run: SourceRun, device: string | null, tookNs: number): void {
  if (run.onTrace) trace(run, { step: "downtime-save", device, tookNs });
}

/** The query after the stop, from 11.1 on: it cannot undo the decision, only fail on new requests. */
function finalQuery(run: SourceRun): void {
  const { policy, pending } = run;
  if (policy.finalQuery) {
    syncRam(run);
    sumQuery(run, FINAL_QUERY);
    const error = finalQueryError(run.ack, pending.switchoverAckPending);
    if (error !== undefined) throw new MigrationError(reasonFailure(error, "switchover"));
  }
}

function saveRam(run: SourceRun): void {
  if (run.ram === null) return;
  if (run.policy.ramFinalSync === "save-complete") {
    if (run.policy.iterationCounter.finalSync) run.iterations++;
    syncRam(run);
  }
  if (run.onTrace) trace(run, { step: "turn", device: null });
  run.ram.finish();
  const before = run.ramBytes;
  do {
    run.onPlace?.("load");
    if (isCancelled(run)) throw cancelled("switchover");
  } while (sendRam(run, buffersToTheEnd(run)));
  run.finalRamBytes = run.ramBytes - before;
  if (run.onTrace) trace(run, { step: "turn-over", device: null, finished: false });
}

const reply: Reply = { kind: 0, value: 0 };
const REPLY_SLICE_MS = 100;

/** Waits for the destination's last word; acks that are still on their way are passed over. */
function awaitShut(run: SourceRun): void {
  const { clock, options } = run;
  const deadlineNs = clock.nowNs() + options.maxTimeMs * 1e6;
  while (clock.nowNs() <= deadlineNs) {
    run.onPlace?.("load");
    if (isCancelled(run)) throw cancelled("switchover");
    const got = mustOnChannel(
      run.sender,
      run.sender.waitReply(reply, REPLY_SLICE_MS),
      "wait for the destination",
      "stop-copy",
    );
    if (got === 1 && reply.kind === REPLY.SHUT) {
      if (run.onTrace) trace(run, { step: "shut" });
      if (reply.value === 0) return;
      throw new MigrationError(
        callFailure("finish", null, "load", "the destination", -reply.value),
      );
    }
    // An ack that was still on its way; one that nobody owed is an error here too.
    if (got === 1) must(receiveAck(run.ack), "take an ack", null, "stop-copy", "SWITCHOVER_ACK");
  }
  throw new MigrationError(
    reasonFailure(`The destination did not answer within ${options.maxTimeMs} ms`, "load"),
  );
}
