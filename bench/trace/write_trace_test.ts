import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { type Case, expandCases, ScenarioSchema } from "../scenario/mod.ts";
import { runVirtualTrial, runWallTrial, type Trial } from "../trial/mod.ts";
import { UsageError } from "../usage_error.ts";
import { traceFiles, traceLogs, writeTrace } from "./write_trace.ts";

const PLACE = { caseNumber: 0, trial: 0, seed: 1 };
const NIC = {
  id: "nic0",
  profile: "generic",
  state_size: "4MiB",
  dirty_rate: "32MiB/s",
  initial_fraction: 0.75,
  suspend_p2p_ms: 3,
};

function onlyCase(params: Record<string, unknown>): Case {
  const [one] = expandCases(ScenarioSchema.parse({
    name: "t",
    question: "?",
    params: { buffer_size: "64KiB", switchover_ack: true, ...params },
    devices: [NIC, { ...NIC, id: "nic1" }],
    ram: { size: "4MiB", dirty_rate: "1MiB/s" },
    link: { bandwidth: "1Gbit/s", latency_us: 50 },
  }));
  assert(one !== undefined);
  return one;
}

function logsOf(one: Case, { traced }: Trial): { source: string; destination: string } {
  assert(traced !== undefined);
  const { policy } = one.params;
  return traceLogs(traced, { policy, destinationPolicy: policy, destinationAckLegacy: false });
}

/** When a line that has these words was written, in microseconds; the first of them. */
function stampOf(log: string, words: string): number {
  const line = log.split("\n").find((line) => line.includes(words));
  assert(line !== undefined, `no ${words}`);
  const iso = /^(\S+?)(\d{6})Z /.exec(line);
  if (iso !== null) return Date.parse(`${iso[1]}000Z`) * 1e3 + Number(iso[2]);
  const seconds = /^\d+@(\d+)\.(\d{6}):/.exec(line);
  assert(seconds !== null, line);
  return Number(seconds[1]) * 1e6 + Number(seconds[2]);
}

function sumOf(log: string, pattern: RegExp): number {
  return [...log.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
}

function assertSays(one: Case, trial: Trial): void {
  const { record } = trial;
  assertEquals(record.error, null);
  const { source, destination } = logsOf(one, trial);
  const began = stampOf(source, "src-downtime-start");
  const { downtime_ms = 0, downtime_source_ms = 0 } = record.metrics;
  // Two moments, each rounded to a microsecond.
  assertAlmostEquals(stampOf(destination, "bh-vm-started") - began, downtime_ms * 1e3, 1);
  assertAlmostEquals(stampOf(source, "src-downtime-end") - began, downtime_source_ms * 1e3, 1);
  const { bytes_precopy = 0, bytes_stopcopy = 0 } = record.metrics;
  assertEquals(sumOf(source, /vfio_save_block .*data_size (\d+)/g), bytes_precopy + bytes_stopcopy);
  assertEquals(
    sumOf(destination, /vfio_load_state_device_data .*size (\d+) ret 0/g),
    bytes_precopy + bytes_stopcopy,
  );
  const passes = /migrate_pending_estimate |qemu_savevm_query_pending exact=0/g;
  assertEquals([...source.matchAll(passes)].length, record.metrics.passes);
  const exact = /migrate_pending_exact |qemu_savevm_query_pending exact=1, final=0/g;
  assertEquals([...source.matchAll(exact)].length, record.metrics.exact_queries);
  const transferred = [...source.matchAll(/migration_transferred_bytes qemu_file (\d+)/g)].at(-1);
  assertEquals(Number(transferred?.[1]), record.metrics.bytes_total);
}

for (const policy of ["qemu-8.1", "qemu-9.2", "qemu-11.1"]) {
  Deno.test(`${policy}: the log of a virtual trial says what its record says`, () => {
    const one = onlyCase({ policy });
    assertSays(one, runVirtualTrial(one, PLACE, true));
  });

  Deno.test(`${policy}: the log of a wall-clock trial says what its record says`, async () => {
    const one = onlyCase({ policy });
    const never = new AbortController().signal;
    assertSays(one, await runWallTrial(one, PLACE, never, { traced: true }));
  });
}

Deno.test("nothing is kept unless it is asked for, and the decisions are the same", () => {
  const one = onlyCase({ policy: "qemu-11.1" });
  const plain = runVirtualTrial(one, PLACE);
  assertEquals(plain.traced, undefined);
  const traced = runVirtualTrial(one, PLACE, true);
  const { downtime_ms = 0 } = plain.record.metrics;
  assertAlmostEquals(traced.record.metrics.downtime_ms ?? 0, downtime_ms, downtime_ms * 0.01);
});

Deno.test("the same virtual trial writes the same logs", () => {
  const one = onlyCase({ policy: "qemu-9.2" });
  const [a, b] = [1, 2].map(() => logsOf(one, runVirtualTrial(one, PLACE, true)));
  assertEquals(a, b);
});

Deno.test("stamps never go back", () => {
  const one = onlyCase({ policy: "qemu-11.1", multifd: true, channels: 2 });
  const { source, destination } = logsOf(one, runVirtualTrial(one, PLACE, true));
  for (const log of [source, destination]) {
    const stamps = log.trimEnd().split("\n").map((line) => line.slice(0, 27));
    assertEquals(stamps, stamps.toSorted());
  }
  assert(source.includes("vfio_save_complete_precopy_thread_start  (nic0) idstr nic0/vfio"));
});

Deno.test("a migration that fails is written down to its end", () => {
  const one = onlyCase({ policy: "qemu-9.2", cancel_at_ms: 1 });
  const trial = runVirtualTrial(one, PLACE, true);
  assertEquals(trial.record.outcome, "cancelled");
  assert(logsOf(one, trial).source.includes("migrate_set_state new state cancelled"));
});

Deno.test("a folder that cannot be written to is one line", async () => {
  const one = onlyCase({ policy: "qemu-9.2" });
  const { traced } = runVirtualTrial(one, PLACE, true);
  assert(traced !== undefined);
  const files = traceFiles("/nowhere/at/all", { scenario: "t", caseNumber: 0, trial: 0 });
  assertEquals(files.destination, "/nowhere/at/all/t-0-0.dst.trace");
  const place = {
    policy: "qemu-9.2",
    destinationPolicy: "qemu-9.2",
    destinationAckLegacy: false,
  } as const;
  await assertRejects(() => writeTrace(files, traced, place), UsageError, "Cannot write the trace");
});
