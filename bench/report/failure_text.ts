import type { TrialFailure } from "./result_document.ts";

/**
 * Why a trial failed, in one line: that it was injected goes first, and last what QEMU would have said where that is
 * something else. Trials of which this says the same failed alike.
 */
export function failureText(
  { message, qemu_says, injected }: Pick<TrialFailure, "message" | "qemu_says" | "injected">,
): string {
  const mark = injected === undefined ? "" : "injected: ";
  const says = qemu_says === "completed" ? " (QEMU would say: completed)" : "";
  return `${mark}${message}${says}`;
}
