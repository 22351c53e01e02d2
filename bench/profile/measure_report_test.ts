import { assertEquals } from "@std/assert";
import type { TracedQuery } from "../import/mod.ts";
import { measureReport } from "./measure_report.ts";

const MB = 1e6;
const WHOLE = 100 * MB;

/** Answers while a device of 100 MB is read: position, stop_copy_length, initial_bytes, dirty_bytes. */
function queries(
  rows: readonly (readonly [number, number | null, number | null, number])[],
): TracedQuery[] {
  return rows.map(([position_bytes, stop_copy_length, initial_bytes, dirty_bytes]) => ({
    at_us: position_bytes,
    when: "exact",
    stop_copy_length,
    initial_bytes,
    dirty_bytes,
    reinit: false,
    position_bytes,
  }));
}

Deno.test("a length that falls with what is read is exact", () => {
  const answers = queries([
    [0, WHOLE, WHOLE, 0],
    [40 * MB, 63 * MB, 60 * MB, 3 * MB],
    [99 * MB, 5 * MB, 1 * MB, 4 * MB],
  ]);
  assertEquals(measureReport(answers, WHOLE), { stop_copy_report: "exact" });
});

Deno.test("a length that never falls is the full one always, or a constant", () => {
  const full = queries([[0, WHOLE, WHOLE, 0], [90 * MB, WHOLE, 10 * MB, 1 * MB]]);
  assertEquals(measureReport(full, WHOLE), { stop_copy_report: "full-always" });
  const constant = queries([[0, 65536, WHOLE, 0], [90 * MB, 65536, 10 * MB, 1 * MB]]);
  assertEquals(
    measureReport(constant, WHOLE),
    { stop_copy_report: "constant", stop_copy_constant: 65536 },
  );
});

Deno.test("queries that failed are errors, and a length with bit 63 set is an errno", () => {
  const failed = queries([[0, null, WHOLE, 0], [90 * MB, null, 10 * MB, 1 * MB]]);
  assertEquals(measureReport(failed, WHOLE), { stop_copy_report: "error" });
  const errno = queries([[0, -22, WHOLE, 0], [90 * MB, -22, 10 * MB, 1 * MB]]);
  assertEquals(measureReport(errno, WHOLE), { stop_copy_report: "errno-as-length" });
  const silent = queries([[0, WHOLE, null, 0], [90 * MB, 10 * MB, null, 0]]);
  assertEquals(measureReport(silent, WHOLE).precopy_report, "error");
});

Deno.test("lengths that are over and under are noisy, by the widest of them", () => {
  const answers = queries([
    [0, WHOLE, WHOLE, 0],
    [20 * MB, 100 * MB, 80 * MB, 0],
    [60 * MB, 30 * MB, 40 * MB, 0],
  ]);
  assertEquals(measureReport(answers, WHOLE).stop_copy_report, "noisy");
});

Deno.test("dirty data that is not told before the initial data was read, or never", () => {
  const later = queries([
    [0, WHOLE, WHOLE, 0],
    [40 * MB, 60 * MB, 60 * MB, 0],
    [80 * MB, 20 * MB, 20 * MB, 0],
    [100 * MB, 7 * MB, 0, 7 * MB],
  ]);
  assertEquals(measureReport(later, WHOLE).dirty_report, "after-initial");
  const never = queries([[0, WHOLE, WHOLE, 0], [40 * MB, 60 * MB, 60 * MB, 0], [
    100 * MB,
    9,
    0,
    0,
  ]]);
  assertEquals(measureReport(never, WHOLE).dirty_report, "zero");
});
