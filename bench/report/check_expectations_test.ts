import { assertEquals } from "@std/assert";
import type { ExpectationMeta } from "../store/mod.ts";
import { checkExpectations } from "./check_expectations.ts";
import type { CaseResult } from "./result_document.ts";

const of = (median: number) => ({
  n: 1,
  median,
  min: median,
  max: median,
  p25: median,
  p75: median,
  ci95: [median, median] as const,
});

function caseOf(reinit: boolean, downtime_ms: number, failed = 0): CaseResult {
  return {
    scenario: "s",
    label: "",
    varies: { reinit },
    params: {},
    clock: "virtual",
    trials: 4,
    failed,
    state_verified: failed === 0,
    metrics: { downtime_ms: of(downtime_ms) },
    downtime_breakdown_ms: {},
    devices: { "0000:00:05.0": { metrics: { stop_ms: of(7) }, estimates: {} } },
    shows: "downtime",
    outliers: {},
    errors: Array.from({ length: failed }, (_, trial) => ({
      trial,
      message: `Cannot switch over within 60000 ms: trial ${trial}`,
      device: null,
      phase: "precopy",
      call: null,
      errno: null,
      qemu_says: "failed",
    })),
  };
}

const CASES = [caseOf(false, 2000), caseOf(true, 1000, 2)];

function check(one: Partial<ExpectationMeta>): readonly [number | null, boolean] | undefined {
  const expectation: ExpectationMeta = {
    scenario: "s",
    metric: "downtime_ms",
    case: { reinit: true },
    min: 900,
    max: 1100,
    basis: "published",
    ...one,
  };
  const [result] = checkExpectations([expectation], CASES);
  return result && [result.actual, result.met];
}

Deno.test("an expectation is met within its limits, and missed outside", () => {
  assertEquals(check({}), [1000, true]);
  assertEquals(check({ min: 1000, max: 1000 }), [1000, true]);
  assertEquals(check({ min: 1001 }), [1000, false]);
  assertEquals(check({ max: 999 }), [1000, false]);
});

Deno.test("a device's metric is found whatever its id", () => {
  assertEquals(check({ metric: "devices.0000:00:05.0.stop_ms", min: 7, max: 7 }), [7, true]);
});

Deno.test("relative to another case it is how many times that one's", () => {
  assertEquals(check({ relative_to: { reinit: false }, min: 0.4, max: 0.6 }), [0.5, true]);
});

Deno.test("what was not measured is not met", () => {
  assertEquals(check({ metric: "nothing_ms", min: 0 }), [null, false]);
  assertEquals(check({ metric: "devices.nic9.stop_ms", min: 0 }), [null, false]);
  assertEquals(check({ case: { reinit: 5 }, min: 0 }), [null, false]);
  assertEquals(check({ scenario: "other", min: 0 }), [null, false]);
});

Deno.test("trials that are to fail must fail for the reason that is expected", () => {
  const failing = { metric: "failed_ratio", min: 0.5, max: 0.5 };
  assertEquals(check(failing), [0.5, true]);
  assertEquals(check({ ...failing, reason: "Cannot switch over" }), [0.5, true]);
  assertEquals(check({ ...failing, reason: "trial 1" }), [0.5, false]);
  assertEquals(check({ ...failing, case: { reinit: false } }), [0, false]);
});

Deno.test("injected_ratio is that of the fault that struck least often; nothing without faults", () => {
  const injected = [
    { fault: 0, what: "a", trials: 4, times: 9 },
    { fault: 1, what: "b", trials: 1, times: 1 },
  ];
  const expectation: ExpectationMeta = {
    scenario: "s",
    metric: "injected_ratio",
    case: { reinit: false },
    min: 1,
    max: 1,
    basis: "rules",
  };
  const actual = (one: CaseResult) => checkExpectations([expectation], [one])[0]?.actual;
  assertEquals(actual({ ...caseOf(false, 1), injected }), 0.25);
  assertEquals(actual(caseOf(false, 1)), null);
});
