import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { BencherSchema, ComparisonSchema, GithubActionBenchmarkSchema } from "./compare/mod.ts";
import { caseOf, MACHINE, runOf, trialsOf, writeRun } from "./compare/testdata/synthetic.ts";
import { compareCommand } from "./compare_command.ts";
import type { CaseMeta, Environment, RunMeta } from "./store/mod.ts";

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What the command says, with the exit code that `main.ts` makes of an error that is told in one line. */
async function compare(...args: string[]): Promise<Said> {
  const { log, error: logError } = console;
  const out: string[] = [];
  const err: string[] = [];
  console.log = (line: string) => void out.push(line);
  console.error = (line: string) => void err.push(line);
  const said = (code: number) => ({ code, out: out.join("\n"), err: err.join("\n") });
  try {
    return said(await compareCommand(args));
  } catch (error) {
    if (!(error instanceof Error) || !["UsageError", "RunError"].includes(error.name)) throw error;
    err.push(error.message);
    return said(2);
  } finally {
    console.log = log;
    console.error = logError;
  }
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Made {
  readonly one?: CaseMeta;
  readonly times?: number;
  readonly count?: number;
  readonly environment?: Environment;
  readonly changes?: Partial<RunMeta>;
}

/** A run of one case in a folder of its own. */
function make(
  path: string,
  { one = caseOf(0), times = 1, count = 12, ...rest }: Made = {},
): string {
  writeRun(path, runOf([one], trialsOf(one, times, count), rest.changes), rest.environment);
  return path;
}

function oneLine({ code, out, err }: Said, expected: number, message: string): void {
  assertEquals([code, out], [expected, ""], err);
  assertEquals(err.split("\n").length, 1, err);
  assertStringIncludes(err, message);
}

Deno.test("compare: 0 where nothing got worse, 1 where something did", () =>
  inFolder(async (folder) => {
    const base = make(`${folder}/base`);
    const same = await compare(base, make(`${folder}/same`, { times: 1.01 }));
    assertEquals([same.code, same.err], [0, ""]);
    assertMatch(same.out, /0 regressed, 0 improved, 2 same, 0 inconclusive\. Nothing got worse\.$/);
    const slower = make(`${folder}/slower`, { times: 1.5 });
    assertEquals((await compare(base, slower)).code, 1);
    const faster = await compare(slower, base);
    assertEquals(faster.code, 0);
    assertMatch(faster.out, /downtime_ms .* improved/);
    const strict = ["--tolerance", "60%", "--metric", "downtime_ms"];
    assertEquals((await compare(base, slower, ...strict)).code, 0);
  }));

Deno.test("compare: 3 where too few trials were played", () =>
  inFolder(async (folder) => {
    const base = make(`${folder}/base`, { count: 2 });
    const { code, out } = await compare(base, make(`${folder}/other`, { count: 2, times: 2 }));
    assertEquals(code, 3);
    assertMatch(out, /inconclusive \(need at least 6\)/);
  }));

Deno.test("compare: 3 and one line where runs are not comparable, unless anyway", () =>
  inFolder(async (folder) => {
    const base = make(`${folder}/base`);
    const comparable = { ...MACHINE.comparable, cpu_model: "another" };
    const elsewhere = make(`${folder}/elsewhere`, { environment: { ...MACHINE, comparable } });
    oneLine(await compare(base, elsewhere), 3, 'cpu_model ("one", "another")');
    const anyway = await compare(base, elsewhere, "--anyway");
    assertEquals(anyway.code, 0);
    assertMatch(anyway.err, /^Warning: Compared anyway/);
    const other = make(`${folder}/other`, { one: caseOf(0, {}, { scenario: "t" }) });
    oneLine(await compare(base, other), 3, "the base is of s, the candidate of t");
    assertEquals((await compare(base, other, "--anyway")).code, 0);
    assertEquals((await compare(base, make(`${folder}/none`, { count: 0 }))).code, 3);
  }));

Deno.test("compare: runs of the virtual clock are compared across machines, with a single trial", () =>
  inFolder(async (folder) => {
    const one = caseOf(0, {}, { clock: "virtual", trials: 1 });
    const comparable = { ...MACHINE.comparable, deno: "9" };
    const environment = { ...MACHINE, comparable };
    const base = make(`${folder}/base`, { one, count: 1 });
    const same = make(`${folder}/same`, { one, count: 1, environment });
    assertEquals((await compare(base, same)).code, 0);
    const changed = make(`${folder}/changed`, { one, count: 1, environment, times: 1.000001 });
    assertEquals((await compare(base, changed)).code, 1);
  }));

Deno.test("compare: 2 and one line for what is given wrong", () =>
  inFolder(async (folder) => {
    const base = make(`${folder}/base`);
    oneLine(await compare(base), 2, "expected BASE CANDIDATE");
    oneLine(await compare(base, `${folder}/nothing`), 2, "there is no run.json in it");
    oneLine(await compare(base, "no-run-of-this-name"), 2, "there is no run.json in it");
    const damaged = make(`${folder}/damaged`);
    await Deno.writeTextFile(`${damaged}/trials.jsonl`, "{}\n");
    oneLine(await compare(base, damaged), 2, "line 1 of trials.jsonl is no trial");
    oneLine(await compare(base, base, "--metric", "downtime"), 2, "did you mean downtime_ms?");
    oneLine(await compare(base, "--by", "a"), 2, "nothing does");
    const file = `${base}/run.json`;
    const exported = ["--export", "bencher", "--out", file];
    const refused = await compare(base, base, ...exported);
    assertEquals(refused.code, 2);
    assertMatch(refused.err, /Cannot write /);
  }));

Deno.test("compare: a run that was interrupted is compared, with a warning", () =>
  inFolder(async (folder) => {
    const base = make(`${folder}/base`);
    const half = make(`${folder}/half`, { count: 8, changes: { complete: false } });
    // Killed while it wrote.
    await Deno.writeTextFile(`${half}/trials.jsonl`, '{"scenario":', { append: true });
    const { code, err } = await compare(base, half);
    assertEquals(code, 0);
    assertEquals(err, `Warning: ${half} is not complete: what it has is compared`);
  }));

Deno.test("compare --json is one document, also where there are warnings", () =>
  inFolder(async (folder) => {
    const half = make(`${folder}/half`, { changes: { complete: false } });
    const { out, code } = await compare(half, make(`${folder}/b`, { times: 2 }), "--json");
    const comparison = ComparisonSchema.parse(JSON.parse(out));
    assertEquals(code, 1);
    assertEquals(comparison.verdicts, { improved: 0, regressed: 2, same: 0, inconclusive: 0 });
    assertEquals([comparison.base.complete, comparison.candidate.complete], [false, true]);
  }));

Deno.test("compare --by: along a key inside one run, in pairs, with the advice on sizes", () =>
  inFolder(async (folder) => {
    const cases = [4096, 65536, 1048576].map((buffer_size, i) =>
      caseOf(i, { buffer_size }, { label: `buffer_size=${["4KiB", "64KiB", "1MiB"][i]}` })
    );
    const times = [2, 1, 1];
    const run = runOf(cases, cases.flatMap((one, i) => trialsOf(one, times[i] ?? 1)));
    writeRun(`${folder}/run`, run);
    const faster = await compare(`${folder}/run`, "--by", "buffer_size");
    assertEquals(faster.code, 0, faster.err);
    assertMatch(faster.out, /s buffer_size=4KiB -> 64KiB +downtime_ms .* improved/);
    assertMatch(
      faster.out,
      /buffer_size=64KiB is the best, .* Larger ones cost: 1MiB nothing of the throughput/,
    );
    const slower = await compare(`${folder}/run`, "--by", "buffer_size", "--base", "64KiB");
    assertEquals(slower.code, 1);
    oneLine(await compare(`${folder}/run`, "--by", "channel"), 2, "buffer_size do");
    oneLine(await compare(`${folder}/run`, "--by", "buffer_size", "--base", "3"), 2, "4KiB, 64KiB");
  }));

Deno.test("compare --markdown escapes the names of a hostile run", () =>
  inFolder(async (folder) => {
    const one = caseOf(0, {}, { scenario: "a|b<script>\n@root`" });
    const base = make(`${folder}/base`, { one });
    const { out } = await compare(base, make(`${folder}/b`, { one, times: 2 }), "--markdown");
    assertMatch(out, /^\*\*2 regressed/);
    assertStringIncludes(out, "| <code>a&#124;b&#60;script&#62;&#65533;&#64;root&#96;</code> |");
    const table = await compare(base, base);
    assertStringIncludes(table.out.split("\n")[1] ?? "", "a|b<script>\ufffd@root`");
  }));

Deno.test("compare --export writes what the trackers read, beside the table", () =>
  inFolder(async (folder) => {
    const out = `${folder}/new/exports`;
    const formats = ["--export", "bencher", "--export", "github-action-benchmark"];
    const runs = [make(`${folder}/a`), make(`${folder}/b`, { times: 1.5 })];
    const said = await compare(...runs, ...formats, "--out", out);
    assertEquals(said.code, 1);
    assertMatch(said.out, /regressed/);
    const read = async (name: string): Promise<unknown> =>
      JSON.parse(await Deno.readTextFile(`${out}/${name}`));
    BencherSchema.parse(await read("bencher.json"));
    for (const name of ["customSmallerIsBetter.json", "customBiggerIsBetter.json"]) {
      assertEquals(GithubActionBenchmarkSchema.parse(await read(name)).length, 1);
      assert(said.err.includes(`${out}/${name}`));
    }
  }));

Deno.test("compare: ten thousand trials in two runs", () =>
  inFolder(async (folder) => {
    const one = caseOf(0, {}, { trials: 5000 });
    const [base, candidate] = await Promise.all([1, 1.5].map(async (times, i) => {
      const path = make(`${folder}/${i}`, { one, count: 0 });
      const lines = trialsOf(one, times).map((trial) => JSON.stringify(trial));
      const all = Array.from({ length: 5000 }, (_, trial) => lines[trial % lines.length] ?? "");
      await Deno.writeTextFile(`${path}/trials.jsonl`, `${all.join("\n")}\n`);
      return path;
    }));
    const { code, out } = await compare(base ?? "", candidate ?? "", "--json");
    assertEquals(code, 1);
    assertEquals(JSON.parse(out).rows[0].base.trials, 5000);
  }));

Deno.test("compare --help says what there is", async () => {
  const { code, out } = await compare("--help");
  assertEquals(code, 0);
  for (const flag of ["--by", "--anyway", "--export", "--tolerance", "Exit:"]) {
    assertStringIncludes(out, flag);
  }
});

Deno.test("compare --confirm: what regressed is played again, and what does not regress again is no alarm", () =>
  inFolder(async (folder) => {
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--allow-all", "--no-check", "bench/main.ts", "bench", "smoke"],
        ...["--trials", "12", "--quiet", "--out", `${folder}/run`],
      ],
      cwd: decodeURIComponent(new URL("../", import.meta.url).pathname),
      stdout: "null",
    }).output();
    assertEquals(code, 0);
    // No machine is so fast, or so slow: what comes of playing again is certain.
    const totals = { fast: 0.001, slow: 60_000, slower: 600_000 };
    for (const [name, total_time_ms] of Object.entries(totals)) {
      await Deno.mkdir(`${folder}/${name}`);
      const meta = await Deno.readTextFile(`${folder}/run/run.json`);
      await Deno.writeTextFile(`${folder}/${name}/run.json`, meta);
      const lines = (await Deno.readTextFile(`${folder}/run/trials.jsonl`)).trimEnd().split("\n");
      const changed = lines.map((line) => {
        const trial = JSON.parse(line);
        trial.metrics.total_time_ms = total_time_ms * (1 + trial.trial / 1000);
        return `${JSON.stringify(trial)}\n`;
      });
      await Deno.writeTextFile(`${folder}/${name}/trials.jsonl`, changed.join(""));
    }
    const given = ["--metric", "total_time_ms", "--quiet", "--json"];
    const real = await compare(`${folder}/fast`, `${folder}/slow`, "--confirm", ...given);
    const { rows: [row], confirmed_by } = ComparisonSchema.parse(JSON.parse(real.out));
    assertEquals([real.code, row?.verdict, row?.again?.verdict], [1, "regressed", "regressed"]);
    assertStringIncludes(confirmed_by ?? "", "/again/");
    const chance = await compare(`${folder}/slow`, `${folder}/slower`, "--confirm", ...given);
    const again = ComparisonSchema.parse(JSON.parse(chance.out));
    assertEquals([chance.code, again.rows[0]?.verdict, again.rows[0]?.again?.verdict], [
      3,
      "inconclusive",
      "improved",
    ]);
    for (const run of [confirmed_by, again.confirmed_by]) {
      if (run !== null) await Deno.remove(run, { recursive: true });
    }
  }));
