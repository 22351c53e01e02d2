import { callFailure, MigrationError } from "./migration_error.ts";
import { MESSAGE } from "../channel/message.ts";
import type { SourceRun } from "./source_run.ts";
import { trace } from "./trace.ts";

/** Hands what was read since the claim over as a message. */
export function sendMessage(
  run: SourceRun,
  kind: number,
  device: number,
  length: number,
  calls: number,
): void {
  if (run.onTrace) noteSent(run, kind, device, length);
  const result = run.sender.send(kind, device, length, calls);
  if (result < 0) {
    throw new MigrationError(
      callFailure("send to the destination", null, run.phase, "write", result),
    );
  }
}

/** Sends a message without bytes. */
export function sendControl(run: SourceRun, kind: number, device: number): void {
  run.sender.claim();
  sendMessage(run, kind, device, 0, 1);
}

/** What is sent of a device: each buffer of its state, and the marker after its initial data. */
function noteSent(run: SourceRun, kind: number, index: number, bytes: number): void {
  const device = run.sourceDevices[index - 1]?.id;
  if (device === undefined) return;
  if (kind === MESSAGE.DATA) trace(run, { step: "block", device, bytes });
  if (kind === MESSAGE.INIT_DATA_SENT) trace(run, { step: "init-data-sent", device });
  if (kind === MESSAGE.CONFIG) trace(run, { step: "config-saved", device });
}
