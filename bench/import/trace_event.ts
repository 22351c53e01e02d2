/** One line of QEMU's log trace backend. */
export interface TraceEvent {
  /** Microseconds since the epoch; null where the log has no timestamps. */
  readonly us: number | null;
  /** The thread that wrote it; only QEMU up to 11.0 says it. */
  readonly thread: number | null;
  readonly name: string;
  /** All behind the name and one space. */
  readonly args: string;
}

/**
 * The three prefixes that there are:
 *
 *     99@1795209450.961641:migrate_set_state new state setup      up to 11.0, -msg timestamp=on
 *     2026-11-20T21:22:52.051127Z migrate_set_state new state ...  11.1, -msg timestamp=on
 *     migrate_set_state new state setup                            timestamp=off
 */
const LINE =
  /^(?:(\d+)@(\d+)\.(\d{6}):|(\d{4}-[\d-]+T[\d:]+)\.(\d{6})Z )?([a-z][a-z0-9_]*)(?: (.*))?$/;

/** Where a second line begins in one that was run together by two writers. */
const NEXT_PREFIX = /\d+@\d{9,}\.\d{6}:[a-z]|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [a-z]/;

/**
 * Parses a line.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseTraceLine } from "./trace_event.ts";
 *
 * assertEquals(parseTraceLine("99@12.000345:vfio_save_block  (vf0) data_size 24"), {
 *   us: 12_000_345,
 *   thread: 99,
 *   name: "vfio_save_block",
 *   args: " (vf0) data_size 24",
 * });
 * ```
 *
 * @returns undefined for what is no event
 */
export function parseTraceLine(line: string): TraceEvent | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, thread, seconds, micros, iso, isoMicros, name = "", args = ""] = match;
  if (seconds !== undefined) {
    return { us: Number(seconds) * 1e6 + Number(micros), thread: Number(thread), name, args };
  }
  if (iso === undefined) return { us: null, thread: null, name, args };
  const ms = Date.parse(`${iso}Z`);
  if (Number.isNaN(ms)) return undefined;
  return { us: ms * 1000 + Number(isoMicros), thread: null, name, args };
}

/** A line's own prefix. */
const OWN_PREFIX = /^(?:\d+@\d+\.\d{6}:|\d{4}-[\d-]+T[\d:]+\.\d{6}Z )?/;

/** Splits what two writers ran together: each part begins with a prefix of its own, but perhaps the first. */
export function splitRunTogether(line: string): string[] {
  const parts: string[] = [];
  let rest = line;
  for (;;) {
    const own = OWN_PREFIX.exec(rest)?.[0].length ?? 0;
    const at = rest.slice(own).search(NEXT_PREFIX);
    if (at < 0) return [...parts, rest];
    parts.push(rest.slice(0, own + at));
    rest = rest.slice(own + at);
  }
}
