import { assertEquals, assertExists, assertRejects, assertStringIncludes } from "@std/assert";
import { createRandom } from "../random.ts";
import { ImportError } from "./import_error.ts";
import { type ImportOptions, importTraces } from "./import_traces.ts";
import { importedTrial } from "./imported_trial.ts";
import type { ImportedMigration } from "./migration.ts";
import { as81 } from "./testdata/as_8_1.ts";
import { capturePath, captureText, withLogs } from "./testdata/captures.ts";

async function importOf(options: ImportOptions): Promise<ImportedMigration> {
  const { imported } = await importTraces(options);
  const migration = imported.migrations.at(-1);
  assertExists(migration);
  return migration;
}

/** Imports a source's log of this text. */
function importText(text: string, more: Partial<ImportOptions> = {}): Promise<ImportedMigration> {
  return withLogs(
    { "src.trace": text },
    (path) => importOf({ source: path("src.trace"), ...more }),
  );
}

Deno.test("a log as 8.1 wrote it is told by its events, and its sums count twice as ours of 8.1 do", async () => {
  for (const name of ["2-ack", "6-migpci64-ack-dirty"]) {
    const text = await captureText(name, "src.trace.gz");
    const now = await importText(text);
    const old = await importText(as81(text));
    assertEquals(old.policy, "qemu-8.1");
    assertEquals(old.decisions.sums_differing, 0);
    assertEquals(old.passes, now.passes);
    assertEquals(old.bytes_total, now.bytes_total);
    assertEquals(
      old.devices.map(({ queries }) => queries),
      now.devices.map(({ queries }) => queries),
    );
    // What it does not log is not made up.
    const { metrics } = importedTrial(old, 0, {});
    assertEquals(metrics["downtime_source_ms"], undefined);
    assertEquals(metrics["bytes_total"], now.bytes_total ?? undefined);
  }
});

Deno.test("a policy that the log is not of decides otherwise, and is said to", async () => {
  const source = capturePath("6-migpci64-ack-dirty", "src.trace.gz");
  const { decisions } = await importOf({ source, policy: "qemu-8.1" });
  assertEquals([decisions.policy, decisions.forced, decisions.passes], ["qemu-8.1", true, 67]);
  assertEquals(decisions.sums_differing > 0, true);
  const sum = decisions.differences.find(({ what }) => what === "sum");
  assertExists(sum);
  // 8.1 adds what the device announced to what it says that stop-copy will take.
  assertEquals(Number(sum.ours) > Number(sum.qemu), true);
});

Deno.test("a QEMU that decided against its own rules is caught in the pass where it did", async () => {
  const text = await captureText("11-migpci64-reinit", "src.trace.gz");
  const before = await importText(text);
  // The ack that the last decision waited for, taken from the log.
  const at = text.lastIndexOf("source_return_path_thread_switchover_acked");
  const line = text.lastIndexOf("\n", at) + 1;
  const without = text.slice(0, line) + text.slice(text.indexOf("\n", at) + 1);
  const after = await importText(without);
  assertEquals(before.decisions.differing, 0);
  assertEquals(after.decisions.differing, 1);
  const decides = after.decisions.differences.find(({ what }) => what === "decides");
  assertEquals([decides?.pass, decides?.qemu, decides?.ours], [330, "complete", "iterate"]);
});

Deno.test("a destination's device that refuses its data is a failure, though QEMU says completed", async () => {
  const text = await captureText("11-mtty-ack", "dst.trace.gz");
  // Facts: the reset leaves the device RUNNING; RUNNING_P2P is tried and not reached.
  const at = text.lastIndexOf("state RUNNING_P2P\n", text.indexOf("dst-precopy-bh-vm-started"));
  const reached = text.lastIndexOf("vfio_migration_set_device_state", at);
  const refused = text.slice(0, reached) +
    text.slice(reached).replace("state RUNNING_P2P", "state RUNNING");
  await withLogs({ "dst.trace": refused }, async (path) => {
    const migration = await importOf({
      source: capturePath("11-mtty-ack", "src.trace.gz"),
      destination: path("dst.trace"),
    });
    const { outcome, qemu_says, error, metrics } = importedTrial(migration, 0, {});
    assertEquals([outcome, qemu_says, metrics], ["failed", "completed", {}]);
    assertStringIncludes(error?.message ?? "", "refused its data");
  });
});

Deno.test("every outgoing migration of a log is a trial of its own", async () => {
  const text = await captureText("2-ack", "src.trace.gz");
  const cancelled = text.replace("new state completed", "new state cancelled");
  await withLogs({ "src.trace": cancelled + text }, async (path) => {
    const { imported } = await importTraces({ source: path("src.trace") });
    assertEquals(imported.migrations.map(({ outcome }) => outcome), ["cancelled", "completed"]);
    assertEquals(imported.migrations.map(({ passes }) => passes), [14, 14]);
    assertEquals(imported.migrations.map(({ decisions }) => decisions.differing), [0, 0]);
  });
});

Deno.test("lines that were cut off are counted, and the rest is read", async () => {
  const text = await captureText("2-ack", "src.trace.gz");
  const cut = text.replace(/(vfio_save_block {2}\(\S+\) data_)size 24/, "$1");
  await withLogs({ "src.trace": cut }, async (path) => {
    const { imported } = await importTraces({ source: path("src.trace") });
    assertEquals(imported.source.unreadable, 1);
    assertEquals(imported.migrations[0]?.devices[0]?.stop_copy.bytes, 72);
  });
});

/** A second device in a log of 10.0 that does all that the first one does, and is in QEMU's sums. */
function withTwin(text: string): string {
  let more = 0;
  const sizeAt = (line: string, label: string) =>
    Number(line.slice(line.indexOf(label) + label.length).split(" ")[1]);
  return text.split("\n").flatMap((line) => {
    if (line.includes(":migrate_pending_")) {
      const added = more;
      more = 0;
      return [
        line.replaceAll(
          /(size|pre =) (\d+)/g,
          (_, label, size) => `${label} ${Number(size) + added}`,
        ),
      ];
    }
    if (!line.includes("(migpci.0)")) return [line];
    const twin = line.replace("(migpci.0)", "(migpci.9)");
    if (!line.includes(":vfio_state_pending_")) return [line, twin];
    more = line.includes("_exact")
      ? sizeAt(line, "stopcopy size")
      : sizeAt(line, "initial size") + sizeAt(line, "dirty size");
    return [line, twin.replace(/precopy (\d+)/, (_, sum) => `precopy ${Number(sum) + more}`)];
  }).join("\n");
}

Deno.test("every device of several is told apart, and all are in the sums", async () => {
  const text = await captureText("6-migpci64-ack-dirty", "src.trace.gz");
  const { devices, decisions, vfio_transferred_bytes } = await importText(withTwin(text));
  assertEquals(devices.map(({ id }) => id), ["migpci.0", "migpci.9"]);
  assertEquals(vfio_transferred_bytes, 2 * 76508544);
  const [first, second] = devices;
  assertEquals(second?.precopy.bytes, first?.precopy.bytes);
  assertEquals(
    second?.queries.map(({ stop_copy_length }) => stop_copy_length),
    first?.queries.map(({ stop_copy_length }) => stop_copy_length),
  );
  assertEquals([decisions.passes, decisions.sums_differing], [67, 0]);
});

/** Logs that cannot be imported, and what is said of them. */
const REFUSED: readonly (readonly [string, (text: string) => string | Uint8Array, string])[] = [
  // Of one seed: other random bytes have, once in a great while, a line that is an event.
  ["garbage", () => randomBytes(60_000, 1), "no line of it is an event"],
  ["nothing", () => "", "it is empty"],
  ["prose", () => "Lorem ipsum\nDolor sit amet\n".repeat(1000), "no line of it is an event"],
  [
    "a log without a migration",
    (text) => text.split("\n").slice(0, 40).join("\n"),
    "no outgoing migration is in it",
  ],
  ["half a log", (text) => text.slice(0, text.length / 2), "ends, in the midst of a line, before"],
  [
    "a log that ends early",
    (text) => text.slice(0, text.indexOf("\n", text.length / 2) + 1),
    "it ends before its migration does",
  ],
];

function randomBytes(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = createRandom(seed);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

for (const [what, make, message] of REFUSED) {
  Deno.test(`${what} is refused in one line`, async () => {
    const text = await captureText("2-ack", "src.trace.gz");
    const error = await assertRejects(
      () =>
        withLogs(
          { "src.trace": make(text) },
          (path) => importTraces({ source: path("src.trace") }),
        ),
      ImportError,
    );
    assertStringIncludes(error.message, message);
    assertEquals(error.message.includes("\n"), false);
  });
}

Deno.test("gzip data that are cut off, or damaged, are refused in one line", async () => {
  const whole = await Deno.readFile(capturePath("2-ack", "src.trace.gz"));
  const damaged = whole.slice();
  damaged.fill(0x55, 30_000, 30_100);
  for (const bytes of [whole.slice(0, 40_000), damaged]) {
    const error = await assertRejects(
      () =>
        withLogs(
          { "src.trace.gz": bytes },
          (path) => importTraces({ source: path("src.trace.gz") }),
        ),
      ImportError,
    );
    assertStringIncludes(error.message, "gzip data is cut off or damaged");
    assertEquals(error.message.includes("\n"), false);
  }
});

Deno.test("a destination's log in the source's place is called that", async () => {
  const source = capturePath("2-ack", "dst.trace.gz");
  const error = await assertRejects(() => importTraces({ source }), ImportError);
  assertStringIncludes(error.message, "it is a destination's log");
});

Deno.test("logs of two migrations do not go together", async () => {
  const error = await assertRejects(() =>
    importTraces({
      source: capturePath("11-mtty-ack", "src.trace.gz"),
      destination: capturePath("11-migpci64-reinit", "dst.trace.gz"),
    }), ImportError);
  assertStringIncludes(error.message, "not of the same migration");
  const swapped = await assertRejects(() =>
    importTraces({
      source: capturePath("2-ack", "src.trace.gz"),
      destination: capturePath("2-ack", "src.trace.gz"),
    }), ImportError);
  assertStringIncludes(swapped.message, "no incoming migration is in it");
});

Deno.test("a migration whose QEMU was killed is a failure, if the log goes on with another", async () => {
  const text = await captureText("2-ack", "src.trace.gz");
  const killed = text.slice(0, text.indexOf("\n", text.indexOf("vfio_save_iterate ")) + 1);
  // The next process has other threads.
  const next = text.replaceAll(/^(\d+)@/gm, "9$1@");
  await withLogs({ "src.trace": killed + next }, async (path) => {
    const { imported } = await importTraces({ source: path("src.trace") });
    assertEquals(imported.migrations.map(({ outcome }) => outcome), ["failed", "completed"]);
    assertStringIncludes(imported.migrations[0]?.error ?? "", "the log goes on with another");
  });
});

Deno.test("two migrations at the same time in one log are refused, with threads and without", async () => {
  const text = await captureText("2-ack", "src.trace.gz");
  const other = text.replaceAll(/^(\d+)@/gm, "9$1@");
  const zipped = (a: readonly string[], b: readonly string[]) =>
    a.flatMap((line, at) => [line, b[at] ?? ""]).join("\n");
  const withThreads = zipped(text.split("\n"), other.split("\n"));
  const without = withThreads.replaceAll(/^\d+@[\d.]+:/gm, "");
  for (const both of [withThreads, without]) {
    const error = await assertRejects(() => importText(both), ImportError);
    assertStringIncludes(error.message, "two migrations run in it at the same time");
  }
});
