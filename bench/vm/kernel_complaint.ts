/** How the kernel, or the guest's first process, begins to say that something went wrong. */
const COMPLAINT =
  /\b(BUG|WARNING|Oops|Kernel panic|general protection fault|KASAN|Call Trace)\b|^init: cannot/;
const TIME = /^\[ *\d+\.\d+\] ?/;
const MAX_LINES = 40;
const LAST_LINES = 15;

/**
 * What a guest's console holds of a crash: from its first word on, where the cause is.
 *
 * @returns Lines without their times; none where there was no complaint
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { kernelComplaint } from "./kernel_complaint.ts";
 *
 * const console = "[    1.0] booting\r\n[    2.0] Oops: 0002 [#1]\r\n[    2.1] CPU: 0\r\n";
 * assertEquals(kernelComplaint(console), ["Oops: 0002 [#1]", "CPU: 0"]);
 * ```
 */
export function kernelComplaint(console: string): string[] {
  const lines = consoleLines(console);
  const first = lines.findIndex((line) => COMPLAINT.test(line));
  if (first < 0) return [];
  return lines.slice(first, first + MAX_LINES);
}

/** The complaint, or else the last that was said. */
export function lastWords(console: string): string[] {
  const complaint = kernelComplaint(console);
  return complaint.length > 0 ? complaint : consoleLines(console).slice(-LAST_LINES);
}

function consoleLines(console: string): string[] {
  return console.split(/\r?\n/).map((line) => line.replace(TIME, "").trimEnd())
    .filter((line) => line !== "");
}
