/**
 * Real migrations: what their traces give must be what QEMU's monitor said of them, and our policies must decide
 * as that QEMU did.
 */
import * as z from "zod";
import { assert, assertAlmostEquals, assertEquals, assertExists } from "@std/assert";
import { importTraces } from "./import_traces.ts";
import { importedTrial } from "./imported_trial.ts";
import type { ImportedMigration } from "./migration.ts";
import { capturePath, CAPTURES, captureText, withLogs } from "./testdata/captures.ts";

const pathsOf = (name: string) => ({
  source: capturePath(name, "src.trace.gz"),
  destination: capturePath(name, "dst.trace.gz"),
});

async function importCapture(name: string, qmp = false): Promise<ImportedMigration> {
  const { imported } = await importTraces({
    ...pathsOf(name),
    qmp: qmp ? capturePath(name, "qmp.log") : undefined,
  });
  assertEquals([imported.source.unreadable, imported.destination?.unreadable], [0, 0]);
  assertEquals(imported.migrations.length, 1);
  const [migration] = imported.migrations;
  assertExists(migration);
  return migration;
}

/** The last `query-migrate` of the source, read without the importer. */
async function lastQuery(name: string) {
  const log = await Deno.readTextFile(capturePath(name, "qmp.log"));
  const json = log.split("\n").findLast((line) => line.includes(" src query-migrate FINAL {"));
  assertExists(json);
  return Final.parse(JSON.parse(json.slice(json.indexOf("{"))));
}

const Final = z.object({
  ram: z.object({ "transferred": z.number(), "dirty-sync-count": z.number() }),
  vfio: z.object({ transferred: z.number() }),
  "total-time": z.number(),
  "setup-time": z.number(),
  downtime: z.number(),
});

for (const { name, policy, passes, switchoverAck } of CAPTURES) {
  Deno.test(`${name}: the totals are those of query-migrate`, async () => {
    // Without the QMP log: what is compared is of the trace alone.
    const migration = await importCapture(name);
    const { ram, vfio, "total-time": totalMs, downtime, "setup-time": setupMs } = await lastQuery(
      name,
    );
    assertEquals(migration.outcome, "completed");
    assertEquals(migration.bytes_total, ram.transferred);
    assertEquals(migration.dirty_sync_count, ram["dirty-sync-count"]);
    assertEquals(migration.vfio_transferred_bytes, vfio.transferred);
    const { metrics } = importedTrial(migration, 0, {});
    // Each of two moments is cut to a millisecond, and logged a moment off.
    assertAlmostEquals(metrics["total_time_ms"] ?? NaN, totalMs, 2);
    assertAlmostEquals(metrics["downtime_source_ms"] ?? NaN, downtime, 2);
    // When setup began in QEMU's own mind is not logged; that it lies between two moments is.
    assert((migration.qemu_setup_us ?? NaN) / 1000 - 2 <= setupMs);
    assert(setupMs <= (migration.setup_us ?? NaN) / 1000 + 2);
  });

  Deno.test(`${name}: ${policy} decides alike in all ${passes} passes`, async () => {
    for (const qmp of [false, true]) {
      const { decisions, switchover_ack } = await importCapture(name, qmp);
      assertEquals(decisions, {
        policy,
        forced: false,
        passes,
        differing: 0,
        sums_differing: 0,
        differences: [],
      });
      assertEquals(switchover_ack, switchoverAck);
    }
  });

  Deno.test(`${name}: the promised downtime is the one that query-migrate last showed`, async () => {
    const log = await Deno.readTextFile(capturePath(name, "qmp.log"));
    const last = log.split("\n").findLast((line) =>
      / src query-migrate \{.*"expected-downtime"/.test(line)
    );
    assertExists(last);
    const shown = JSON.parse(last.slice(last.indexOf("{")))["expected-downtime"];
    assertEquals((await importCapture(name)).expected_downtime_ms, shown);
  });

  Deno.test(`${name}: the destination loaded what the source read`, async () => {
    const { devices, transport, clock, checkpoints } = await importCapture(name);
    assertEquals(devices.length, 1);
    const [device] = devices;
    assertExists(device?.destination);
    assertEquals(device.destination.precopy.bytes, device.precopy.bytes);
    assertEquals(device.destination.stop_copy.bytes, device.stop_copy.bytes);
    assertEquals(device.destination.refused, false);
    assertEquals(device.section, "0000:00:04.0/vfio");
    assertEquals(device.states.map(({ state }) => state), [
      "PRE_COPY",
      "PRE_COPY_P2P",
      "STOP_COPY",
      "STOP",
    ]);
    assertEquals(device.destination.states.map(({ state }) => state), [
      "RESUMING",
      "RUNNING_P2P",
      "RUNNING",
    ]);
    if (transport === "file") return assertEquals(clock, null);
    assertExists(clock);
    // Both ran on one machine: the offset was 0.
    if (clock.uncertainty_us === null) assert(clock.offset_us >= 0);
    else assert(Math.abs(clock.offset_us) <= clock.uncertainty_us + 1);
    const { config_saved_us, running_us } = checkpoints;
    assert(config_saved_us !== null && running_us !== null && config_saved_us < running_us);
  });

  Deno.test(`${name}: the parts of the downtime add up to it`, async () => {
    const record = importedTrial(await importCapture(name), 0, {});
    const sum = Object.values(record.downtime_breakdown_ms).reduce((a, b) => a + b, 0);
    const whole = record.metrics["downtime_ms"] ?? record.metrics["downtime_source_ms"];
    assertAlmostEquals(sum, whole ?? NaN, 1e-3);
    const { imported } = await importTraces({ source: capturePath(name, "src.trace.gz") });
    const [alone] = imported.migrations;
    assertExists(alone);
    const half = importedTrial(alone, 0, {});
    assertEquals(half.metrics["downtime_ms"], undefined);
    const halfSum = Object.values(half.downtime_breakdown_ms).reduce((a, b) => a + b, 0);
    assertAlmostEquals(halfSum, half.metrics["downtime_source_ms"] ?? NaN, 1e-3);
  });
}

Deno.test("another clock of the destination changes its offset and nothing else", async () => {
  const name = "11-migpci64-reinit";
  const text = await captureText(name, "dst.trace.gz");
  const later = text.replaceAll(/^2026-11-20T21:/gm, "2026-11-20T22:");
  const plain = await importCapture(name);
  const shifted = await withLogs({ "dst.trace": later }, async (path) => {
    const { imported } = await importTraces({ ...pathsOf(name), destination: path("dst.trace") });
    return imported.migrations[0];
  });
  assertExists(shifted?.clock);
  assertExists(plain.clock);
  assertEquals(shifted.clock.offset_us, plain.clock.offset_us + 3_600_000_000);
  assertEquals({ ...shifted, clock: null }, { ...plain, clock: null });
});

Deno.test("both logs in one file are told apart by their threads", async () => {
  const name = "6-migpci64-ack-dirty";
  const texts = [await captureText(name, "src.trace.gz"), await captureText(name, "dst.trace.gz")];
  const timeOf = (line: string) => line.slice(line.indexOf("@"), line.indexOf(":"));
  const lines = texts.flatMap((text) => text.trimEnd().split("\n"))
    .map((line, at) => ({ line, at, time: timeOf(line) }))
    .sort((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : a.at - b.at);
  const mixed = `${lines.map(({ line }) => line).join("\n")}\n`;
  const plain = await importCapture(name);
  const together = await withLogs({ "both.trace": mixed }, async (path) => {
    const both = path("both.trace");
    const { imported } = await importTraces({ source: both, destination: both });
    return imported.migrations.at(-1);
  });
  assertEquals(together, plain);
});

Deno.test("a log without times gives bytes and decisions, and no times", async () => {
  const strip = (text: string) => text.replaceAll(/^\d+@[\d.]+:|^\S+Z /gm, "");
  for (const name of ["6-migpci64-ack-dirty", "11-migpci64-reinit"]) {
    const plain = await importCapture(name);
    const [timeless] = await withLogs({
      "src.trace": strip(await captureText(name, "src.trace.gz")),
      "dst.trace": strip(await captureText(name, "dst.trace.gz")),
    }, async (path) => {
      const { imported } = await importTraces({
        source: path("src.trace"),
        destination: path("dst.trace"),
      });
      return imported.migrations;
    });
    assertExists(timeless);
    assertEquals(timeless.bytes_total, plain.bytes_total);
    assertEquals(timeless.decisions, plain.decisions);
    assertEquals(timeless.clock, null);
    const { metrics, devices } = importedTrial(timeless, 0, {});
    assertEquals(Object.keys(metrics).filter((key) => /_ms$|_per_s$/.test(key)), [
      "downtime_expected_ms",
      "bandwidth_assumed_bytes_per_s",
    ]);
    const whole = importedTrial(plain, 0, {}).devices;
    for (const [id, { estimates }] of Object.entries(devices)) {
      assertEquals(estimates, whole[id]?.estimates);
    }
  }
});
