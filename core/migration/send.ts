import { callFailure, MigrationError } from "./migration_error.ts";
import type { SourceRun } from "./source_run.ts";

/** Hands what was read since the claim over as a message. */
export function sendMessage(
  run: SourceRun,
  kind: number,
  device: number,
  length: number,
  calls: number,
): void {
  const result = run.sender.send(kind, device, length, calls);
  if (result < 0) {
    throw new MigrationError(
      callFailure("send to the destination", null, "precopy", "write", result),
    );
  }
}

/** Sends a message without bytes. */
export function sendControl(run: SourceRun, kind: number, device: number): void {
  run.sender.claim();
  sendMessage(run, kind, device, 0, 1);
}
