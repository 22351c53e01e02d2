import { assertEquals } from "@std/assert";
import type { DestinationReport, SourceReport } from "../../core/migration/mod.ts";
import { fixedCost } from "./fixed_cost.ts";

const SOURCE: SourceReport = {
  failure: null,
  startNs: 40_000_000,
  setupNs: 0,
  switchover: null,
  finishedNs: 90_000_000,
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

const DESTINATION: DestinationReport = {
  failure: null,
  refusals: [],
  switchoverStartNs: null,
  loadedNs: null,
  runningNs: 89_000_000,
  devices: [],
};

const MOMENTS = {
  beganNs: 1_000_000,
  source: SOURCE,
  destination: DESTINATION,
  comparedNs: 101_500_000,
  closedNs: 104_000_000,
};

Deno.test("the parts of a fixed cost add up to all that is not the migration", () => {
  const { fixed_ms, ...parts } = fixedCost(MOMENTS) ?? {};
  assertEquals(parts, { ready_ms: 39, verify_ms: 11.5, close_ms: 2.5 });
  assertEquals(fixed_ms, 104 - 1 - (90 - 40));
});

Deno.test("a migration is over when its later side is", () => {
  const destination = { ...DESTINATION, runningNs: 95_000_000 };
  assertEquals(fixedCost({ ...MOMENTS, destination })?.verify_ms, 6.5);
});

Deno.test("a trial that did not come to its end has no fixed cost", () => {
  const { comparedNs: _, ...uncompared } = MOMENTS;
  assertEquals(fixedCost(uncompared), null);
  assertEquals(fixedCost({ ...MOMENTS, source: null }), null);
  assertEquals(fixedCost({ ...MOMENTS, destination: { ...DESTINATION, runningNs: null } }), null);
});
