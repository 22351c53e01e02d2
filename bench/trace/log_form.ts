import type { PolicyName } from "../../core/migration/mod.ts";

/**
 * How a generation's log backend writes: what stands before each event, and which events there are.
 *
 * ```text
 *   qemu-10.0   111@1795209451.013425:vfio_save_setup  (migpci.0) data buffer size 1048576
 *   qemu-11.1   2026-11-20T21:23:28.694759Z vfio_save_setup  (migpci.0) data buffer size 1048576
 * ```
 */
export type LogForm = "qemu-10.0" | "qemu-11.1";

/** The form that belongs to a policy: the policies before 11.1 share 10.0's events. */
export function formOf(policy: PolicyName): LogForm {
  return policy === "qemu-11.1" ? "qemu-11.1" : "qemu-10.0";
}

/**
 * What stands before an event.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { logPrefix } from "./log_form.ts";
 *
 * assertEquals(logPrefix("qemu-10.0", 1, 1795209451013425), "1@1795209451.013425:");
 * assertEquals(logPrefix("qemu-11.1", 1, 1795209451013425), "2026-11-20T21:17:31.013425Z ");
 * ```
 *
 * @param thread The id of the thread; 11.1 does not write it
 * @param epochUs Microseconds since 1970, UTC
 */
export function logPrefix(form: LogForm, thread: number, epochUs: number): string {
  const micros = String(epochUs % 1e6).padStart(6, "0");
  const seconds = Math.floor(epochUs / 1e6);
  if (form === "qemu-10.0") return `${thread}@${seconds}.${micros}:`;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${micros}Z `;
}
