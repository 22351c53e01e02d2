import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  applyOverrides,
  type Case,
  expandCases,
  loadScenario,
  ScenarioSchema,
} from "../scenario/mod.ts";
import { inspectFile } from "../inspect/mod.ts";
import { SCENARIOS_DIR } from "../paths.ts";
import { runWallTrial } from "./wall_trial.ts";

const PLACE = { caseNumber: 0, trial: 0, seed: 1 };
const never = new AbortController().signal;

function onlyCase(file: Record<string, unknown>, sets: string[] = []): Case {
  const scenario = ScenarioSchema.parse({ name: "t", question: "?", ...file });
  const [one] = expandCases(applyOverrides(scenario, sets));
  assert(one !== undefined);
  return one;
}

const NIC = { id: "nic0", profile: "generic", state_size: "4MiB", dirty_rate: "32MiB/s" };

for (const channel of ["ring", "unix", "tcp", "file"]) {
  Deno.test(`a dirtied device arrives whole over ${channel}, and the breakdown adds up`, async () => {
    const one = onlyCase({ params: { channel, buffer_size: "64KiB" }, devices: [NIC] });
    const { record, timeline } = await runWallTrial(one, PLACE, never);
    assertEquals(record.error, null);
    assertEquals(record.outcome, "completed");
    assertEquals(record.state_verified, true);
    const { downtime_ms = 0, bytes_total = 0 } = record.metrics;
    const parts = Object.values(record.downtime_breakdown_ms);
    assert(parts.every((part) => part >= 0), JSON.stringify(record.downtime_breakdown_ms));
    // Messages between the parts are in none of them: the sum stays below the whole, and near it.
    const sum = parts.reduce((a, b) => a + b, 0);
    assert(sum <= downtime_ms * 1.0001 + 0.001, `${sum} of ${downtime_ms}`);
    assertGreater(bytes_total, 4 * 1024 * 1024);
    assert(record.histograms.read_us !== undefined && record.histograms.write_us !== undefined);
    assertEquals(timeline.some(({ event }) => event === "switchover"), true);
    assertEquals(
      timeline.at(-1)?.event === "running" || timeline.at(-1)?.event === "completed",
      true,
    );
  });
}

Deno.test("the stream of a file channel is kept where that is asked for, and can be inspected", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const one = onlyCase({ params: { channel: "file" }, devices: [NIC] });
    const { record } = await runWallTrial(one, PLACE, never, { streamsIn: folder });
    assertEquals(record.error, null);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["t-0-0.stream"]);
    const kinds: string[] = [];
    const { error, totals } = await inspectFile(
      `${folder}/t-0-0.stream`,
      ({ kind }) => kinds.push(kind),
    );
    assertEquals([error, kinds.at(0), kinds.at(-1)], [undefined, "HEADER", "EOF"]);
    assertEquals(totals.stream_bytes, record.metrics.bytes_total);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("every recorded session arrives byte for byte over every channel", async () => {
  const replay = await loadScenario("replay", SCENARIOS_DIR);
  const folder = new URL("../../core/device/testdata/", import.meta.url).pathname;
  for (const name of ["mtty-10", "mtty-4096", "migdev4-64K-dirty"]) {
    const devices = [{
      id: "dev0",
      kind: "replayed" as const,
      capture: `${folder}${name}.jsonl`,
      replay_timing: "none" as const,
      replay_speed: 1,
    }];
    for (const one of expandCases({ ...replay, devices })) {
      const { record } = await runWallTrial(one, PLACE, never);
      assertEquals(record.error, null, `${name} ${one.label}`);
      assertEquals(record.state_verified, true);
    }
  }
});

Deno.test("1 GiB that is dirtied while precopy runs arrives byte for byte", async () => {
  const one = onlyCase({
    devices: [{ ...NIC, state_size: "1GiB", dirty_rate: "256MiB/s", dirty_span: "64MiB" }],
  });
  const { record } = await runWallTrial(one, PLACE, never);
  assertEquals(record.error, null);
  assertEquals(record.state_verified, true);
  assertGreater(record.metrics.bytes_total ?? 0, 1024 ** 3);
});

Deno.test("switchover waits for the ack of a device that loads slowly", async () => {
  const one = onlyCase({
    params: { switchover_ack: true, policy: "qemu-11.1" },
    devices: [{ ...NIC, load_rate: "64MiB/s", dirty_rate: 0 }],
  });
  const { record, timeline } = await runWallTrial(one, PLACE, never);
  assertEquals(record.error, null);
  const events = timeline.map(({ event }) => event);
  assert(events.indexOf("switchover_acked") >= 0, events.join(" "));
  assert(events.indexOf("switchover_acked") < events.indexOf("switchover"), events.join(" "));
});

Deno.test("several devices and RAM arrive together", async () => {
  const one = onlyCase({
    devices: [NIC, { ...NIC, id: "nic1", initial_fraction: 0.5 }, {
      ...NIC,
      id: "nic2",
      precopy: false,
    }],
    ram: { size: "32MiB", dirty_rate: "8MiB/s", dirty_span: "4MiB" },
  });
  const { record } = await runWallTrial(one, PLACE, never);
  assertEquals(record.error, null);
  assertEquals(record.state_verified, true);
  assertEquals(Object.keys(record.devices), ["nic0", "nic1", "nic2"]);
});

Deno.test("a migration that cannot converge fails with the reason, and with no metrics", async () => {
  const one = onlyCase({
    params: { policy: "qemu-11.1", max_time_ms: 300 },
    devices: [{ ...NIC, stop_copy_report: "error" }],
  });
  const { record } = await runWallTrial(one, PLACE, never);
  assertEquals(record.outcome, "failed");
  assertEquals(record.metrics, {});
  assert(record.error?.message.includes("100 GiB stood in"), record.error?.message);
});

Deno.test("a trial that is cancelled ends, and says so", async () => {
  const interrupt = new AbortController();
  const one = onlyCase({
    params: { policy: "qemu-11.1", max_time_ms: 60_000 },
    devices: [{ ...NIC, stop_copy_report: "error" }],
  });
  const trial = runWallTrial(one, PLACE, interrupt.signal);
  setTimeout(() => interrupt.abort(), 200);
  const { record } = await trial;
  assertEquals(record.outcome, "cancelled");
  assertEquals(record.qemu_says, "cancelled");
});

Deno.test("a Worker that cannot build its devices fails the trial and leaves the other one closed", async () => {
  const one = onlyCase({ devices: [{ id: "dev0", capture: "gone.jsonl" }] });
  const { record } = await runWallTrial(one, PLACE, never);
  assertEquals(record.outcome, "failed");
  assert(record.error?.message.includes("gone"), record.error?.message);
});
