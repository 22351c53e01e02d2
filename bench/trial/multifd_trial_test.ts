import {
  assert,
  assertEquals,
  assertGreater,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  applyOverrides,
  type Case,
  expandCases,
  ScenarioError,
  ScenarioSchema,
} from "../scenario/mod.ts";
import { runWallTrial } from "./wall_trial.ts";
import { runScript } from "../testdata/run_script.ts";

const PLACE = { caseNumber: 0, trial: 0, seed: 1 };
const never = new AbortController().signal;
const PARAMS = { multifd: true, channels: 3, channel: "unix", buffer_size: "256KiB" };
const NIC = { id: "nic0", profile: "generic", state_size: "4MiB" };

function onlyCase(file: Record<string, unknown>): Case {
  const scenario = ScenarioSchema.parse({ name: "t", question: "?", ...file });
  const [one] = expandCases(applyOverrides(scenario, []));
  assert(one !== undefined);
  return one;
}

for (const channel of ["unix", "tcp", "ring"]) {
  Deno.test(`devices with and without precopy, and RAM, arrive over multifd beside ${channel}`, async () => {
    const one = onlyCase({
      params: { ...PARAMS, channel, max_queued_bytes: "5MiB" },
      devices: [
        { ...NIC, initial_fraction: 0.5, dirty_rate: "32MiB/s" },
        { ...NIC, id: "nic1", precopy: false, load_rate: "200MiB/s" },
      ],
      ram: { size: "16MiB", dirty_rate: "8MiB/s", dirty_span: "4MiB" },
    });
    const { record } = await runWallTrial(one, PLACE, never);
    assertEquals(record.error, null);
    assertEquals([record.outcome, record.state_verified], ["completed", true]);
    const { bytes_total = 0, bytes_precopy = 0, bytes_stopcopy = 0, bytes_ram = 0, ...metrics } =
      record.metrics;
    assertGreater(bytes_total, bytes_precopy + bytes_stopcopy + bytes_ram);
    assertGreater(metrics.multifd_queued_peak_bytes ?? 0, 0);
    const parts = record.downtime_breakdown_ms;
    assertEquals(Object.keys(parts), ["stop", "ram", "save", "config", "load", "resume"]);
    const sum = Object.values(parts).reduce((a, b) => a + b, 0);
    assert(sum <= (metrics.downtime_ms ?? 0) * 1.0001 + 0.001, JSON.stringify(parts));
    for (const { metrics } of Object.values(record.devices)) {
      const { load_begin_ms = 0, load_end_ms = 0, queued_peak_bytes = 0 } = metrics;
      assert(load_begin_ms > 0 && load_end_ms > load_begin_ms && queued_peak_bytes > 0);
    }
  });
}

Deno.test("a recorded session arrives over multifd", async () => {
  const capture = new URL("../../core/device/testdata/migdev4-64K-dirty.jsonl", import.meta.url);
  const one = onlyCase({
    params: PARAMS,
    devices: [{ id: "dev0", capture: capture.pathname }],
  });
  const { record } = await runWallTrial(one, PLACE, never);
  assertEquals(record.error, null);
  assertEquals(record.state_verified, true);
});

Deno.test("a queue that exceeds its cap fails the trial, and the record names the device", async () => {
  const one = onlyCase({
    params: { ...PARAMS, max_queued_bytes: "1MiB" },
    devices: [{ ...NIC, precopy: false, load_rate: "8MiB/s" }],
  });
  const { record } = await runWallTrial(one, PLACE, never);
  assertEquals([record.outcome, record.error?.device, record.error?.phase], [
    "failed",
    "nic0",
    "load",
  ]);
  assertStringIncludes(record.error?.message ?? "", "would exceed the size max 1048576");
});

Deno.test("a driver that cannot be handed to another thread is refused before anything moves", async () => {
  const devices = [{ id: "vnet0", profile: "virtio-net" }];
  assertThrows(() => onlyCase({ params: PARAMS, devices }), ScenarioError, "a thread of its own");
  const one = onlyCase({ clock: "virtual", params: PARAMS, devices });
  const { record } = await runWallTrial(one, PLACE, never);
  assertEquals(record.outcome, "failed");
  assertStringIncludes(record.error?.message ?? "", "vnet0 over multifd channels");
});

Deno.test("multifd leaves no fd and no Worker, however a trial ends", async () => {
  const { code, stdout, stderr } = await runScript(
    new URL("./testdata/count_multifd_fds.ts", import.meta.url),
  );
  assertEquals(code, 0, stderr);
  const { before, after, outcomes } = JSON.parse(stdout);
  assertEquals(after, before);
  assertEquals(outcomes, [
    "failed",
    ...["completed", "completed", "failed", "failed", "failed", "cancelled"],
  ]);
});
