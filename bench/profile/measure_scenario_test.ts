import { assert, assertEquals, assertThrows } from "@std/assert";
import { importTraces } from "../import/mod.ts";
import { expandCases, type Scenario, ScenarioError, ScenarioSchema } from "../scenario/mod.ts";
import { traceFiles, writeTrace } from "../trace/mod.ts";
import { runVirtualTrial } from "../trial/mod.ts";
import { measureScenario } from "./measure_scenario.ts";
import { missedMetrics, PROMISED_ERROR } from "./promise.ts";
import { importedCapture } from "./testdata/captures.ts";

/** Within a part of the truth. */
function assertNear(value: number, truth: number, part: number, what: string): void {
  assert(Math.abs(value / truth - 1) <= part, `${what}: ${value}, but it is ${truth}`);
}

function profileOf({ devices }: Scenario) {
  const [device] = devices;
  assert(device?.kind === "simulated");
  return device.profile;
}

for (const name of ["6-migpci64-ack-dirty", "11-migpci64-reinit"] as const) {
  Deno.test(`${name}: a virtual run with the log's profile comes back within what is promised`, () => {
    const { metrics } = measureScenario(importedCapture(name), "played");
    assertEquals(metrics.map(({ metric }) => metric), [
      "downtime_ms",
      "downtime_source_ms",
      "total_time_ms",
      "bytes_total",
      "bytes_precopy",
      "bytes_stopcopy",
    ]);
    assertEquals(missedMetrics(metrics), [], String(PROMISED_ERROR));
  });
}

Deno.test("what a log tells is in the profile", () => {
  const { scenario } = measureScenario(importedCapture("11-migpci64-reinit"), "played");
  const profile = profileOf(scenario);
  assertNear(profile.state_size, 64 * 1024 * 1024, 0.001, "64 MiB of state");
  const { p2p, precopy, initial_fraction, stop_copy_report, precopy_info_v2 } = profile;
  assertEquals(
    { p2p, precopy, initial_fraction, stop_copy_report, precopy_info_v2 },
    {
      p2p: true,
      precopy: true,
      initial_fraction: 1,
      stop_copy_report: "exact",
      precopy_info_v2: true,
    },
  );
  // Found by the query at 5.35 s of PRE_COPY, and not by the one 0.41 s before.
  assertEquals(profile.reinit_at_ms.length, 1);
  assert((profile.reinit_at_ms[0] ?? 0) > 4900 && (profile.reinit_at_ms[0] ?? 0) < 5400);
  const { policy, max_bandwidth, switchover_ack, downtime_limit_ms, later_downtime_limit_ms } =
    scenario.params;
  assertEquals(
    { policy, max_bandwidth, switchover_ack, downtime_limit_ms, later_downtime_limit_ms },
    {
      policy: "qemu-11.1",
      max_bandwidth: 33_554_432,
      switchover_ack: true,
      downtime_limit_ms: 300,
      // Somebody set it, so that it came to an end.
      later_downtime_limit_ms: 5000,
    },
  );
});

Deno.test("a device whose every number is known is found again in its log", async () => {
  const truth = {
    id: "nic0",
    profile: "generic",
    state_size: "32MiB",
    initial_fraction: 0.75,
    save_rate: "100MB/s",
    load_rate: "100MB/s",
    suspend_p2p_ms: 12,
    stop_copy_enter_ms: 30,
    load_finish_ms: 20,
    dirty_rate: "4MB/s",
    dirty_span: "2MiB",
  };
  const [one] = expandCases(ScenarioSchema.parse({
    name: "t",
    question: "?",
    clock: "virtual",
    params: { policy: "qemu-11.1", switchover_ack: true, max_bandwidth: "134217728B/s" },
    devices: [truth],
    ram: { size: "16MiB", send_rate: "200MB/s" },
    host: { stop_ms: 5, config_ms: 9, start_ms: 7 },
  }));
  assert(one !== undefined);
  const trial = runVirtualTrial(one, { caseNumber: 0, trial: 0, seed: 1 }, true);
  assertEquals(trial.record.error, null);
  assert(trial.traced !== undefined);
  const folder = await Deno.makeTempDir();
  try {
    const files = traceFiles(folder, { scenario: "t", caseNumber: 0, trial: 0 });
    const policy = "qemu-11.1";
    await writeTrace(files, trial.traced, {
      policy,
      destinationPolicy: policy,
      destinationAckLegacy: false,
    });
    const { imported } = await importTraces(files);
    const { scenario, metrics } = measureScenario(imported, "played");
    const profile = profileOf(scenario);
    assertNear(profile.state_size, 32 * 1024 * 1024, 0.001, "state_size");
    assertNear(profile.initial_fraction, 0.75, 0.001, "initial_fraction");
    assertNear(profile.save_rate, 100e6, 0.05, "save_rate");
    assertNear(profile.suspend_p2p_ms, 12, 0.01, "suspend_p2p_ms");
    assertNear(profile.stop_copy_enter_ms, 30, 0.01, "stop_copy_enter_ms");
    assertNear(profile.load_finish_ms, 20, 0.01, "load_finish_ms");
    assertNear(scenario.host.stop_ms, 5, 0.01, "stop_ms");
    assertEquals(missedMetrics(metrics), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a log whose migration did not complete has nothing to be played again", () => {
  const capture = importedCapture("6-migpci64-ack-dirty");
  const [migration] = capture.migrations;
  assert(migration !== undefined);
  const failed = { ...capture, migrations: [{ ...migration, outcome: "failed" as const }] };
  assertThrows(() => measureScenario(failed, "x"), ScenarioError, "did not complete");
  const bare = { ...capture, migrations: [{ ...migration, devices: [] }] };
  assertThrows(() => measureScenario(bare, "x"), ScenarioError, "no VFIO device");
});
