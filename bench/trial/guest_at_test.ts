import { assertEquals, assertStringIncludes } from "@std/assert";
import type { DestinationReport, Failure, SourceReport } from "../../core/migration/mod.ts";
import { guestAt, guestText } from "./guest_at.ts";

const FAILURE: Failure = {
  message: "Cannot",
  device: null,
  phase: "load",
  call: null,
  errno: null,
  cancelled: false,
};

function sourceOf(failure: Failure | null): SourceReport {
  return {
    failure,
    startNs: 0,
    setupNs: 0,
    switchover: null,
    finishedNs: 0,
    passes: 0,
    exactQueries: 0,
    iterations: 0,
    transferredBytes: 0,
    ramBytes: 0,
    finalRamBytes: 0,
    decidedPendingBytes: 0,
    decidedBytesPerMs: 0,
    expectedDowntimeMs: 0,
    devices: [],
    events: [],
  };
}

function destinationOf(failure: Failure | null, runningNs: number | null): DestinationReport {
  return { failure, refusals: [], switchoverStartNs: 1, loadedNs: 2, runningNs, devices: [] };
}

Deno.test("where the guest runs follows from what both sides say", () => {
  const runs = destinationOf(null, 3);
  const failed = destinationOf(FAILURE, null);
  assertEquals(guestAt(sourceOf(null), runs), "destination");
  assertEquals(guestAt(sourceOf(FAILURE), failed), "source");
  assertEquals(guestAt(sourceOf(FAILURE), runs), "both");
  assertEquals(guestAt(sourceOf(null), failed), "neither");
  assertEquals(guestAt(sourceOf({ ...FAILURE, died: true }), failed), "neither");
  assertEquals(guestAt(null, runs), "destination");
  assertEquals(guestAt(null, null), "neither");
});

Deno.test("something is said unless the guest runs where one looks for it", () => {
  assertEquals(guestText("source", sourceOf(FAILURE)), null);
  assertEquals(guestText("destination", sourceOf(null)), null);
  assertStringIncludes(guestText("destination", null) ?? "", "at the destination");
  assertStringIncludes(guestText("both", sourceOf(FAILURE)) ?? "", "both sides");
  assertStringIncludes(guestText("neither", sourceOf(null)) ?? "", "took the migration");
  assertStringIncludes(guestText("neither", null) ?? "", "gone with it");
});
