import { assert, assertEquals, assertMatch } from "@std/assert";
import { SCENARIOS_DIR } from "../paths.ts";
import { applyOverrides, type Case, expandCases, loadScenario } from "../scenario/mod.ts";
import { captureEnvironment, type Environment } from "../store/environment.ts";
import { createRandom } from "../random.ts";
import { driftWarning } from "./drift_warning.ts";
import {
  guestWarnings,
  guestWritesPerS,
  measuredGuestShare,
  measuredGuestWarning,
  measureGuestWriteS,
} from "./guest_share.ts";
import { busyThreads, machineWarnings } from "./machine_warnings.ts";
import { createRounds } from "./rounds.ts";
import { stopWarnings } from "./run_warnings.ts";
import { record } from "./testdata/records.ts";
import { runWallTrial } from "./wall_trial.ts";

async function caseOf(name: string, ...sets: readonly string[]): Promise<Case> {
  const [one] = expandCases(applyOverrides(await loadScenario(name, SCENARIOS_DIR), sets));
  assert(one !== undefined);
  return one;
}

function machine(
  cpu_count: number,
  load_average_1m: number,
  cpu_frequency_governor: string | null,
): Environment {
  const { comparable, context } = captureEnvironment();
  return {
    comparable: { ...comparable, cpu_count },
    context: { ...context, load_average_1m, cpu_frequency_governor },
  };
}

Deno.test("a quiet machine with processors to spare is not warned of", async () => {
  const smoke = await caseOf("smoke");
  assertEquals(machineWarnings(machine(8, 0.2, "performance"), [smoke]), []);
  assertEquals(machineWarnings(machine(8, 0.2, null), [smoke]), []);
});

Deno.test("a load, too few processors and a governor are each told: what, why and what next", async () => {
  const smoke = await caseOf("smoke");
  const warnings = machineWarnings(machine(2, 3.5, "powersave"), [smoke]);
  assertEquals(warnings.map((line) => line.split(":")[0]), [
    "Noisy machine",
    "Few processors",
    "Frequency scaling",
  ]);
  for (const line of warnings) assertMatch(line, /, (so|and) .*; /);
});

Deno.test("multifd keeps more threads busy", async () => {
  const one = await caseOf("multifd", "clock=wall", "multifd=on", "channels=4");
  assertEquals(busyThreads(one), 2 + 2 * (4 + one.devices.length));
  assertEquals(busyThreads(await caseOf("smoke")), 2);
});

Deno.test("no machine disturbs the virtual clock", async () => {
  const one = await caseOf("smoke", "clock=virtual");
  assertEquals(machineWarnings(machine(1, 9, "powersave"), [one]), []);
});

Deno.test("a guest that takes a part of the source's thread is told", async () => {
  const quiet = await caseOf("smoke");
  const busy = await caseOf(
    "smoke",
    "devices.nic0.dirty_rate=1GiB/s",
    "devices.nic0.chunk_size=4KiB",
    "ram.size=64MiB",
    "ram.dirty_rate=1GiB/s",
  );
  assertEquals(guestWritesPerS(busy), 2 * 2 ** 18);
  assertEquals(guestWarnings([quiet], 1e-6), []);
  const [line = "", ...more] = guestWarnings([quiet, busy], 1e-6);
  assertEquals(more, []);
  assertMatch(line, /^The generator is the bottleneck: .* about 52 % .*; lower dirty_rate/);
  assertEquals(guestWarnings([{ ...busy, clock: "virtual" }], 1e-6), []);
});

Deno.test("what one of the guest's writes takes is measured", () => {
  const seconds = measureGuestWriteS();
  assert(seconds > 0 && seconds < 1e-3, `${seconds}`);
});

/** A trial of 1 s, of which the guest had so much of 400 ms of precopy. */
function guestTrial(trial: number, guest_writes_ms: number) {
  const metrics = {
    total_time_ms: 1000,
    setup_time_ms: 100,
    downtime_source_ms: 500,
    guest_writes_ms,
  };
  return { ...record(0, trial, 500), metrics };
}

Deno.test("what the guest took of precopy is told by the median of the trials", () => {
  assertEquals(measuredGuestShare(guestTrial(0, 100)), 0.25);
  assertEquals(measuredGuestShare({ metrics: { downtime_ms: 5 } }), undefined);
  assertEquals(measuredGuestWarning("s", [30, 40, 40].map((ms, i) => guestTrial(i, ms))), null);
  const line = measuredGuestWarning("s a=1", [30, 80, 200].map((ms, i) => guestTrial(i, ms)));
  assertMatch(
    line ?? "",
    /^The generator is the bottleneck: the simulated guest of s a=1 took 20 % of precopy .*\(median of 3 trials\).*; lower dirty_rate/,
  );
  assertEquals(measuredGuestWarning("s", [record(0, 0)]), null);
});

Deno.test("a trial measures what its guest's writes take", async () => {
  const play = async (...sets: readonly string[]) => {
    const one = await caseOf("smoke", "devices.nic0.chunk_size=4KiB", ...sets);
    const place = { caseNumber: 0, trial: 0, seed: 1 };
    const { record } = await runWallTrial(one, place, new AbortController().signal);
    assertEquals(record.outcome, "completed");
    return record;
  };
  // A guest that never writes takes nothing, one that does something.
  assertEquals((await play("devices.nic0.dirty_rate=0")).metrics.guest_writes_ms, 0);
  const busy = await play("devices.nic0.dirty_rate=256MiB/s");
  const share = measuredGuestShare(busy) ?? NaN;
  assert(share > 0 && share <= 1, JSON.stringify(busy.metrics));
});

Deno.test("a second half that is another than the first is told, noise is not", () => {
  const random = createRandom(1);
  const noise = () => 100 + 10 * random();
  const trials = (values: readonly number[]) => values.map((value, i) => record(0, i, value));
  const level = Array.from({ length: 40 }, noise);
  assertEquals(driftWarning("s", trials(level), 1), null);
  const shifted = level.map((value, i) => i < 20 ? value : value * 1.2);
  assertMatch(driftWarning("s", trials(shifted), 1) ?? "", /downtime_ms of s is \d+ % higher in/);
  assertMatch(driftWarning("s", trials(shifted.toReversed()), 1) ?? "", /% lower in/);
  // Of nine trials nothing can be told.
  assertEquals(driftWarning("s", trials(shifted.slice(16, 25)), 1), null);
});

Deno.test("a thousand runs of mere noise raise about as many drift warnings as their level allows", () => {
  const random = createRandom(7);
  let warned = 0;
  for (let run = 0; run < 1000; run++) {
    const trials = Array.from({ length: 20 }, (_, i) => record(0, i, Math.exp(random())));
    if (driftWarning("s", trials, 1) !== null) warned++;
  }
  assert(warned <= 20, `${warned}`);
});

Deno.test("a precision that was not reached is told, with what was", async () => {
  const cases = new Map([[0, await caseOf("smoke")]]);
  const rule = { precision_ratio: 0.02, metrics: ["downtime_ms"], most_trials: 6 };
  const trials = [90, 95, 100, 100, 105, 110].map((value, i) => record(0, i, value));
  const rounds = createRounds(cases, rule, trials);
  assertEquals(stopWarnings(cases, rounds, rule, false), [
    "Not as precise as asked: downtime_ms of smoke is known to ±10.0 % after 6 trials, and ±2 % was asked for; raise --max-trials",
  ]);
  assertMatch(stopWarnings(cases, rounds, rule, true)[0] ?? "", /raise --max-time$/);
  assertEquals(stopWarnings(cases, rounds, null, true), []);
});
