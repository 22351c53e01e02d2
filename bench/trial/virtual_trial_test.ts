import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SCENARIOS_DIR } from "../paths.ts";
import {
  applyOverrides,
  type Case,
  expandCases,
  loadScenario,
  ScenarioSchema,
} from "../scenario/mod.ts";
import { runVirtualTrial } from "./virtual_trial.ts";

const MIB = 1024 * 1024;

function casesOf(file: Record<string, unknown>, sweeps: string[] = []): Case[] {
  const scenario = ScenarioSchema.parse({ name: "t", question: "?", clock: "virtual", ...file });
  return expandCases(applyOverrides(scenario, [], sweeps));
}

function play(one: Case, seed = 1): ReturnType<typeof runVirtualTrial>["record"] {
  return runVirtualTrial(one, { caseNumber: one.index, trial: 0, seed }).record;
}

Deno.test("reinit: three published figures are fitted, and the fourth comes out within 10 %", async () => {
  const [off, on] = expandCases(await loadScenario("reinit", SCENARIOS_DIR)).map((one) =>
    play(one)
  );
  assert(off?.error === null && on?.error === null, off?.error?.message ?? on?.error?.message);
  const within = (value: number | undefined, published: number, tolerance: number) =>
    assert(
      value !== undefined && Math.abs(value / published - 1) < tolerance,
      `${value} ms, published ${published} ms`,
    );
  within(off.metrics.downtime_ms, 2352, 0.01);
  within(off.devices.busy?.metrics.downtime_part_ms, 1600, 0.02);
  within(on.devices.busy?.metrics.downtime_part_ms, 520, 0.02);
  within(on.metrics.downtime_ms, 1335, 0.1);
  const reduction = 1 - (on.metrics.downtime_ms ?? 0) / (off.metrics.downtime_ms ?? 0);
  assert(reduction > 0.38 && reduction < 0.48, String(reduction));
});

Deno.test("the same seed gives the same record and timeline, to the byte", async () => {
  for (const one of expandCases(await loadScenario("reinit", SCENARIOS_DIR))) {
    const place = { caseNumber: one.index, trial: 0, seed: 3 };
    assertEquals(
      JSON.stringify(runVirtualTrial(one, place)),
      JSON.stringify(runVirtualTrial(one, place)),
    );
  }
});

Deno.test("the breakdown of a virtual downtime adds up exactly, in every generation", () => {
  const cases = casesOf({
    devices: [
      { id: "nic0", profile: "generic", dirty_rate: "1GiB/s", suspend_p2p_ms: 3, resume_ms: 2 },
      {
        id: "nic1",
        profile: "generic",
        precopy: false,
        stop_copy_enter_ms: 7,
        save_rate: "1GiB/s",
      },
    ],
    ram: { size: "256MiB", dirty_rate: "64MiB/s" },
    link: { bandwidth: "10Gbit/s", latency_us: 100 },
  }, ["policy=qemu-8.1,qemu-9.2,qemu-11.1", "switchover_ack=on,off"]);
  for (const one of cases) {
    const { error, metrics, downtime_breakdown_ms } = play(one);
    assertEquals(error, null, one.label);
    const sum = Object.values(downtime_breakdown_ms).reduce((a, b) => a + b, 0);
    assert(Math.abs(sum - (metrics.downtime_ms ?? 0)) < 1e-3, `${one.label}: ${sum}`);
  }
});

Deno.test("rule: one buffer per device per pass, beside RAM's 50 ms slice, is a precopy ceiling of about 20 MiB/s", () => {
  const [one] = casesOf({
    // 8 GiB keep RAM busy for longer than the 5 s, so that its slice never ends early.
    devices: [{ id: "nic0", profile: "generic", state_size: "16GiB" }],
    ram: { size: "8GiB", dirty_rate: "4GiB/s" },
    link: { bandwidth: "10Gbit/s" },
    params: { max_time_ms: 5_000, buffer_size: "1MiB" },
  });
  assert(one !== undefined);
  const { outcome, devices } = play(one);
  assertEquals(outcome, "failed"); // not done by then
  const rate = (devices.nic0?.metrics.bytes_precopy ?? 0) / 5;
  assert(rate > 17 * MIB && rate < 21 * MIB, `${rate / MIB} MiB/s`);
});

Deno.test("rule: under a low max-bandwidth RAM starves the device, whose initial data is never sent", () => {
  const [one] = casesOf({
    devices: [{ id: "nic0", profile: "generic" }],
    ram: { size: "1GiB", dirty_rate: "256MiB/s" },
    link: { bandwidth: "10Gbit/s" },
    params: { max_bandwidth: "64MiB/s", max_time_ms: 10_000, switchover_ack: true },
  });
  assert(one !== undefined);
  const { error, devices } = play(one);
  assert(error?.message.includes("the initial data of nic0 was not all sent"), error?.message);
  // One quota check per handler: what RAM leaves of a window's quota is at most its own overrun.
  assert((devices.nic0?.metrics.bytes_precopy ?? 0) < 64 * MIB);
});

Deno.test("rule: a request for an ack after the decision fails the migration, and the source runs on", () => {
  // The reinit falls into the stop: after the last query of precopy and before the device is quiesced.
  const [one] = casesOf({
    params: { policy: "qemu-11.1", switchover_ack: true, max_time_ms: 5_000 },
    host: { stop_ms: 400 },
    devices: [{ id: "nic0", profile: "generic", reinit_at_ms: [300], reinit_size: "1MiB" }],
  });
  assert(one !== undefined);
  const { outcome, error, qemu_says } = play(one);
  assertEquals([outcome, qemu_says], ["failed", "failed"]);
  assertEquals(error?.message, "Switchover ACK was requested by 1 devices during switchover");
});

Deno.test("every record of every device is taken in, whatever the devices are like", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          state_size: fc.integer({ min: 1, max: 64 * MIB }),
          initial_fraction: fc.double({ min: 0, max: 1, noNaN: true }),
          dirty_rate: fc.integer({ min: 0, max: 1e9 }),
          precopy: fc.boolean(),
          suspend_stop_ms: fc.nat(50),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      fc.constantFrom("qemu-8.1", "qemu-9.2", "qemu-11.1"),
      fc.boolean(),
      (profiles, policy, switchover_ack) => {
        const [one] = casesOf({
          params: { policy, switchover_ack, avail_switchover_bandwidth: "10GB/s" },
          link: { bandwidth: "10GB/s", latency_us: 20 },
          devices: profiles.map((profile, i) => ({
            id: `nic${i}`,
            profile: "generic",
            ...profile,
          })),
        });
        assert(one !== undefined);
        const { error, state_verified } = play(one);
        assertEquals([error?.message ?? null, state_verified], [null, true]);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("estimates: an honest idle device is right, one that always says its whole state is over", () => {
  const errorOf = (stop_copy_report: string) => {
    const [one] = casesOf({
      params: { policy: "qemu-11.1", avail_switchover_bandwidth: "10GB/s" },
      link: { bandwidth: "10GB/s", latency_us: 20 },
      devices: [{ id: "nic0", profile: "generic", initial_fraction: 0.5, stop_copy_report }],
    });
    assert(one !== undefined);
    const { error, devices } = play(one);
    assertEquals(error, null);
    const answers = devices.nic0?.estimates.stop_copy;
    return answers?.exact === 1 ? 0 : answers?.over_ratio[0];
  };
  assertEquals(errorOf("exact"), 0);
  // Half of the state was precopied, and is counted in the answer all the same: twice what came.
  assertEquals(Math.round((errorOf("full-always") ?? 0) * 100), 100);
});

Deno.test("a downtime limit that somebody raises lets a migration end that did not converge", () => {
  const file = {
    // Half of it can only move stopped: 320 ms of the link, which is idle once the rest has moved.
    devices: [{ id: "nic0", profile: "generic", initial_fraction: 0.5 }],
    link: { bandwidth: "100MB/s" },
    params: { policy: "qemu-11.1", downtime_limit_ms: 50, max_time_ms: 5000 },
  };
  const [stuck] = casesOf(file);
  assert(stuck !== undefined);
  assertEquals(play(stuck).outcome, "failed");
  const raised = {
    downtime_limit_changes_at_ms: 3000,
    later_downtime_limit_ms: 1000,
    avail_switchover_bandwidth: "100MB/s",
  };
  const [one] = casesOf({ ...file, params: { ...file.params, ...raised } });
  assert(one !== undefined);
  const { outcome, metrics } = play(one);
  assertEquals(outcome, "completed");
  const decided_ms = (metrics.total_time_ms ?? 0) - (metrics.downtime_source_ms ?? 0);
  // Not before, and with the first window that closes after it.
  assert(decided_ms >= 3000 && decided_ms < 3250, String(decided_ms));
});
