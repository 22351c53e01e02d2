import { assert, assertEquals, assertExists, assertMatch, assertRejects } from "@std/assert";
import { compareCommand } from "./compare_command.ts";
import { importCommand } from "./import_command.ts";
import { ImportError, readImport } from "./import/mod.ts";
import { capturePath, withLogs } from "./import/testdata/captures.ts";
import { ResultDocumentSchema } from "./report/mod.ts";
import { reportCommand } from "./report_command.ts";
import { readRun, RunError } from "./store/mod.ts";
import { UsageError } from "./usage_error.ts";

/** What a command prints. Another test's output cannot come between: it runs one after the other. */
async function printed(
  command: (args: string[]) => Promise<number>,
  ...args: string[]
): Promise<{ code: number; out: string }> {
  const { log, error } = console;
  const lines: string[] = [];
  console.log = (line: string) => void lines.push(line);
  console.error = () => {};
  try {
    return { code: await command(args), out: lines.join("\n") };
  } finally {
    console.log = log;
    console.error = error;
  }
}

const run = (...args: string[]) => printed((given) => importCommand(given), ...args);

const logsOf = (name: string) =>
  [capturePath(name, "src.trace.gz"), capturePath(name, "dst.trace.gz")] as const;

Deno.test("an import is a run folder like any other", () =>
  withLogs({}, async (path) => {
    const folder = path("run");
    const qmp = capturePath("11-migpci64-reinit", "qmp.log");
    const { code, out } = await run(...logsOf("11-migpci64-reinit"), "--qmp", qmp, "--out", folder);
    assertEquals(code, 0);
    assertMatch(out, /^imported +278 ms +9358 ms/m);
    assertMatch(out, /qemu-11\.1 decides alike in all 330 passes/);
    assertMatch(out, /qmp +says the same: bytes_total, /);
    assertMatch(out, /As QEMU tells it, of 1 migration: nobody compared the state\./);
    assertEquals(out.split("\n").at(-1), folder);

    const { meta, trials } = await readRun(folder);
    assertEquals(meta.complete, true);
    assertEquals(meta.origin, {
      kind: "qemu-trace",
      source: "src.trace.gz",
      destination: "dst.trace.gz",
      qmp: "qmp.log",
    });
    const [trial] = trials;
    assertExists(trial);
    assertEquals([trial.outcome, trial.state_verified, trial.verified_by], [
      "completed",
      false,
      "qemu",
    ]);
    assertEquals(trial.metrics["bytes_total"], 381056401);
    assertEquals(trial.devices["migpci.0"]?.metrics["reinits"], 1);
    const { migrations } = await readImport(folder);
    assertEquals(migrations[0]?.windows.length, 89);

    const text = await Deno.readTextFile(`${folder}/timeline.jsonl`);
    const events = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    const count = (event: string) => events.filter((one) => one.event === event).length;
    assertEquals(
      ["window", "reinit", "init_data_sent", "switchover_acked", "switchover", "running"].map(
        count,
      ),
      [89, 1, 2, 2, 1, 1],
    );
    assertEquals(
      events.map(({ t_ms }) => t_ms),
      events.map(({ t_ms }) => t_ms).toSorted((a, b) => a - b),
    );

    // The page, and a comparison with itself.
    assertEquals((await printed(reportCommand, folder)).code, 0);
    const page = await Deno.readTextFile(`${folder}/report.html`);
    assertMatch(page, /migpci\.0/);
    assertMatch(page, /As QEMU tells it, of 1 migration/);
    const compared = await printed(compareCommand, folder, folder);
    assertMatch(compared.out, /^imported +downtime_ms +278 ms +278 ms/m);
  }));

Deno.test("--json is one document, as strict as any, with decisions and bytes_total in it", () =>
  withLogs({}, async (path) => {
    const { code, out } = await run(...logsOf("2-ack"), "--out", path("run"), "--json");
    assertEquals(code, 0);
    const document = JSON.parse(out);
    ResultDocumentSchema.parse(document);
    const { policy, passes, differing } = document.decisions;
    assertEquals({ policy, passes, differing }, { policy: "qemu-9.2", passes: 14, differing: 0 });
    assertEquals(document.bytes_total, 25992842);
    assertEquals(document.cases[0].metrics.bytes_total.median, 25992842);
    assertEquals(ResultDocumentSchema.safeParse({ ...document, more: 1 }).success, false);
    assertEquals(ResultDocumentSchema.safeParse({ ...document, decisions: {} }).success, false);
  }));

Deno.test("a QMP log of another migration is noticed", () =>
  withLogs({}, async (path) => {
    const qmp = capturePath("2-ack-proxy", "qmp.log");
    const { code, out } = await run(...logsOf("2-ack"), "--qmp", qmp, "--out", path("run"));
    assertEquals(code, 1);
    assertMatch(out, /qmp +DISAGREES: bytes_total is 25992842 in the trace and 1837445 there/);
  }));

Deno.test("--policy replays by another policy, and lists where it decides otherwise", () =>
  withLogs({}, async (path) => {
    const { code, out } = await run(
      capturePath("1-plain", "src.trace.gz"),
      "--policy",
      "qemu-11.1",
      "--out",
      path("run"),
    );
    assertEquals(code, 0);
    assertMatch(out, /decisions +qemu-11\.1 decides otherwise in \d+ of 15 passes/);
    assertMatch(out, /^ {2}pass \d+ at [\d.]+ ms: QEMU /m);
  }));

Deno.test("QMP as it goes over the wire is read too", () => {
  const final = {
    return: {
      status: "completed",
      "total-time": 914,
      downtime: 165,
      ram: { transferred: 25992842, "dirty-sync-count": 5 },
      vfio: { transferred: 96 },
    },
  };
  const log = [
    '{"QMP": {"version": {}}}',
    '-> {"execute": "query-migrate-capabilities"}',
    '<- {"return": [{"state": true, "capability": "switchover-ack"}]}',
    '<- {"return": {"downtime-limit": 300, "max-bandwidth": 134217728, "avail-switchover-bandwidth": 0}}',
    ...JSON.stringify(final, null, 2).split("\n"),
    "",
  ].join("\n");
  return withLogs({ "qmp.log": log }, async (path) => {
    const qmp = path("qmp.log");
    const { code, out } = await run(
      ...logsOf("2-ack"),
      "--qmp",
      qmp,
      "--out",
      path("run"),
      "--json",
    );
    assertEquals(code, 0);
    const { qmp_checks, cases } = JSON.parse(out);
    assertEquals(qmp_checks.length, 5);
    assert(qmp_checks.every(({ agrees }: { agrees: boolean }) => agrees));
    assertEquals(cases[0].params.max_bandwidth, 134217728);
  });
});

Deno.test("what cannot be imported is one line, and leaves no folder", () =>
  withLogs({ "qmp.log": "nothing of use\n" }, async (path, folder) => {
    const [source] = logsOf("2-ack");
    const refused = async (says: RegExp, ...args: string[]) => {
      const error = await assertRejects(() => run(...args, "--out", path("run")), Error);
      assertMatch(error.message, says);
      assertEquals(error.message.includes("\n"), false);
      assert(error instanceof ImportError || error instanceof UsageError, error.name);
    };
    await refused(/Cannot import 0 logs/);
    await refused(/Cannot import 3 logs/, "a", "b", "c");
    await refused(/there is no such file/, path("none"));
    await refused(/it is a folder/, folder);
    await refused(/no answer to query-migrate/, source, "--qmp", path("qmp.log"));
    await refused(/there is no such file/, source, "--qmp", path("none"));
    await refused(/Cannot take --policy qemu-7: /, source, "--policy", "qemu-7");
    await refused(/did you mean --json/, source, "--jsn");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["qmp.log"]);
    await assertRejects(() => readImport(folder), RunError, "there is no import.json in it");
  }));
