import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { DestinationReport, SourceReport } from "../../core/migration/mod.ts";
import type { SwitchoverTimes } from "../../core/migration/switchover.ts";
import { alignClocks } from "./align_clocks.ts";
import { NO_BOUNDS } from "./clock_bounds.ts";

const MS = 1e6;

const SWITCHOVER: SwitchoverTimes = {
  decidedNs: 1000 * MS,
  stoppedNs: 1010 * MS,
  ramSavedNs: 1010 * MS,
  devicesSavedNs: 1080 * MS,
  configSavedNs: 1081 * MS,
  endNs: 1101 * MS,
};

/** A switchover of 100 ms, decided at 1 s of the source's clock; the last word takes 1 ms to come back. */
const SOURCE: SourceReport = {
  failure: null,
  startNs: 0,
  setupNs: 0,
  switchover: SWITCHOVER,
  finishedNs: 1101 * MS,
  passes: 1,
  exactQueries: 1,
  iterations: 1,
  transferredBytes: 1,
  ramBytes: 0,
  finalRamBytes: 0,
  decidedPendingBytes: 1,
  decidedBytesPerMs: 1,
  expectedDowntimeMs: 1,
  devices: [],
  events: [],
};

/** The same on a clock that is ahead by `offset_ms`. */
function reportAt(offset_ms: number): DestinationReport {
  return {
    failure: null,
    refusals: [],
    switchoverStartNs: (1011 + offset_ms) * MS,
    loadedNs: (1090 + offset_ms) * MS,
    runningNs: (1100 + offset_ms) * MS,
    devices: [{
      id: "nic0",
      loadedBytes: 1,
      loadNs: 5 * MS,
      resumeNs: 2 * MS,
      leftIn: "RUNNING",
      multifd: {
        queuedPeakBytes: 1,
        loadBeganNs: (1020 + offset_ms) * MS,
        loadEndedNs: (1089 + offset_ms) * MS,
      },
    }],
  };
}

function within(offset_ms: number, error_ms: number) {
  return { least_ns: (offset_ms - error_ms) * MS, most_ns: (offset_ms + error_ms) * MS };
}

Deno.test("on one clock nothing is moved", () => {
  const report = reportAt(0);
  assertEquals(alignClocks(SOURCE, report, NO_BOUNDS, true, true), {
    report,
    basis: "one clock",
    offset_ns: 0,
    uncertainty_ns: 0,
  });
});

Deno.test("an offset that is known well moves all moments of the destination, and no durations", () => {
  for (const offset_ms of [-5000, 0, 123_456]) {
    const bounds = within(offset_ms, 0.5);
    const aligned = alignClocks(SOURCE, reportAt(offset_ms), bounds, false, true);
    assertEquals([aligned.basis, aligned.uncertainty_ns], ["two clocks", 0.5 * MS]);
    assertEquals(aligned.report, reportAt(0));
  }
});

Deno.test("what the migration itself proves narrows an offset down", () => {
  // The destination ran before the source heard of it, and met the switchover after it was sent: 1 ms each way.
  const { basis, uncertainty_ns, report } = alignClocks(
    SOURCE,
    reportAt(70),
    within(70, 1000),
    false,
    true,
  );
  assertEquals([basis, uncertainty_ns], ["two clocks", 1 * MS]);
  assertAlmostEquals((report.runningNs ?? 0) / MS, 1100, 1);
});

Deno.test("with an offset that is too uncertain the destination runs when the source hears it", () => {
  const slow: SourceReport = {
    ...SOURCE,
    switchover: { ...SWITCHOVER, endNs: 1200 * MS, stoppedNs: 1000 * MS },
  };
  const far = {
    ...reportAt(70),
    switchoverStartNs: 1100 * MS + 70 * MS,
    loadedNs: 1190 * MS + 70 * MS,
  };
  const late = { ...far, runningNs: 1195 * MS + 70 * MS };
  const { basis, report } = alignClocks(slow, late, within(70, 50), false, true);
  assertEquals(basis, "return path");
  // At the latest moment, and its own durations are kept.
  assertEquals(report.runningNs, 1200 * MS);
  assertEquals((report.runningNs ?? 0) - (report.loadedNs ?? 0), 5 * MS);
});

Deno.test("without a return path there is nothing better than the offset, and its error is told", () => {
  const { basis, uncertainty_ns } = alignClocks(SOURCE, reportAt(70), within(70, 50), false, false);
  assertEquals(basis, "two clocks");
  assertEquals(uncertainty_ns > 0.02 * 100 * MS, true);
});

Deno.test("pings that contradict the migration are not believed", () => {
  const { report } = alignClocks(SOURCE, reportAt(70), within(-900, 1), false, true);
  assertAlmostEquals((report.runningNs ?? 0) / MS, 1100, 1);
});

Deno.test("a migration that failed is put on the source's clock too, as far as it came", () => {
  const failed = { ...reportAt(70), loadedNs: null, runningNs: null };
  const { report, basis } = alignClocks(
    { ...SOURCE, switchover: null },
    failed,
    within(70, 1),
    false,
    true,
  );
  assertEquals([report.switchoverStartNs, report.runningNs, basis], [
    1011 * MS,
    null,
    "two clocks",
  ]);
});
