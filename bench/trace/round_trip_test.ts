/** A run of ours, written as QEMU writes its traces and imported, says what the run itself said. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { importTraces } from "../import/mod.ts";
import { classifyEstimates, joinEstimates } from "../measure/mod.ts";
import { type Case, expandCases, ScenarioSchema } from "../scenario/mod.ts";
import { runVirtualTrial, runWallTrial, type Trial } from "../trial/mod.ts";
import { traceFiles, writeTrace } from "./write_trace.ts";

const PLACE = { caseNumber: 0, trial: 0, seed: 1 };
const NIC = {
  id: "nic0",
  profile: "generic",
  state_size: "16MiB",
  initial_fraction: 0.75,
  dirty_rate: "8MiB/s",
  save_rate: "200MB/s",
  suspend_p2p_ms: 3,
  stop_copy_enter_ms: 2,
  load_finish_ms: 4,
};

function onlyCase(params: Record<string, unknown>, nic: Record<string, unknown> = {}): Case {
  const [one] = expandCases(ScenarioSchema.parse({
    name: "t",
    question: "?",
    params: { buffer_size: "256KiB", switchover_ack: true, ...params },
    devices: [{ ...NIC, ...nic }, { ...NIC, ...nic, id: "nic1", state_size: "4MiB" }],
    ram: { size: "8MiB", dirty_rate: "1MiB/s", dirty_span: "512KiB" },
    link: { bandwidth: "1Gbit/s", latency_us: 50 },
  }));
  assert(one !== undefined);
  return one;
}

async function importOf(one: Case, trial: Trial) {
  const folder = await Deno.makeTempDir();
  try {
    assert(trial.traced !== undefined);
    const files = traceFiles(folder, { scenario: "t", caseNumber: 0, trial: 0 });
    const { policy } = one.params;
    await writeTrace(files, trial.traced, {
      policy,
      destinationPolicy: policy,
      destinationAckLegacy: false,
    });
    const { imported } = await importTraces({ ...files, policy });
    const migration = imported.migrations.at(-1);
    assert(migration !== undefined);
    return migration;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertComesBack(one: Case, trial: Trial): Promise<void> {
  const { record } = trial;
  assertEquals(record.error, null);
  const migration = await importOf(one, trial);
  const { checkpoints: at, clock, decisions } = migration;
  const { downtime_ms = 0, downtime_source_ms = 0, passes, exact_queries, bytes_total } =
    record.metrics;
  const between_ms = (from: number | null, to: number | null) =>
    ((to ?? NaN) - (from ?? NaN)) / 1e3;
  // Stamps are whole microseconds: two of them are off by less than one.
  assertAlmostEquals(between_ms(at.decided_us, at.source_end_us), downtime_source_ms, 0.001);
  // What the import takes for the difference of the two clocks, which are one, comes on top.
  const offset_ms = Math.abs(clock?.offset_us ?? 0) / 1e3;
  assertAlmostEquals(between_ms(at.decided_us, at.running_us), downtime_ms, 0.001 + offset_ms);
  assertEquals(
    [migration.passes, migration.exact_queries, migration.bytes_total],
    [passes, exact_queries, bytes_total],
  );
  assertEquals([decisions.passes, decisions.differing], [passes, 0]);
  for (const device of migration.devices) {
    const ours = record.devices[device.id];
    assertEquals(
      [device.precopy.bytes, device.stop_copy.bytes],
      [ours?.metrics.bytes_precopy, ours?.metrics.bytes_stopcopy],
    );
    const theirs = classifyEstimates(joinEstimates(device.estimates));
    assertEquals(JSON.parse(JSON.stringify(theirs), rounded), ours?.estimates, device.id);
  }
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toFixed(6)) : value;
}

for (const policy of ["qemu-8.1", "qemu-9.2", "qemu-11.1"]) {
  Deno.test(`${policy}: a virtual run comes back`, async () => {
    const one = onlyCase({ policy });
    await assertComesBack(one, runVirtualTrial(one, PLACE, true));
  });

  Deno.test(`${policy}: a wall-clock run comes back`, async () => {
    // Longer in precopy than the first bandwidth window: a source with nothing left before that decides without an exact
    // question, and what it asked in setup no trace tells.
    const one = onlyCase({ policy }, { state_size: "48MiB" });
    const never = new AbortController().signal;
    await assertComesBack(one, await runWallTrial(one, PLACE, never, { traced: true }));
  });
}

Deno.test("a run with REINITs comes back, acks and all", async () => {
  const one = onlyCase(
    { policy: "qemu-11.1", downtime_limit_ms: 60, max_bandwidth: "60MB/s" },
    { initial_fraction: 1, reinit_at_ms: [60, 300], reinit_size: "4MiB" },
  );
  const trial = runVirtualTrial(one, PLACE, true);
  await assertComesBack(one, trial);
  const { devices, acks } = await importOf(one, trial);
  const reinits = trial.timeline.filter(({ event }) => event === "reinit").length;
  assert(reinits > 0);
  assertEquals(devices.flatMap((d) => d.reinits_us).length, reinits);
  assertEquals(
    acks.length,
    trial.timeline.filter(({ event }) => event === "switchover_acked").length,
  );
});
