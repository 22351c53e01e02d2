import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { setBaseline } from "./baseline/mod.ts";
import { NightlySchema } from "./nightly/mod.ts";
import { nightlyCommand } from "./nightly_command.ts";
import { readRun } from "./store/mod.ts";
import { UsageError } from "./usage_error.ts";

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function nightly(...args: string[]): Promise<Said> {
  const { log, error } = console;
  const out: string[] = [];
  const err: string[] = [];
  console.log = (line: string) => void out.push(line);
  console.error = (line: string) => void err.push(line);
  try {
    const code = await nightlyCommand([...args, "--quiet"]);
    return { code, out: out.join("\n"), err: err.join("\n") };
  } finally {
    console.log = log;
    console.error = error;
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

/** Multiplies a metric of every trial that is kept: as if the code had been another then. */
async function rewrite(folder: string, metric: string, times: number): Promise<void> {
  const path = `${folder}/trials.jsonl`;
  const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
  const changed = lines.map((line) => {
    const trial = JSON.parse(line);
    trial.metrics[metric] *= times;
    return `${JSON.stringify(trial)}\n`;
  });
  await Deno.writeTextFile(path, changed.join(""));
}

Deno.test("nightly: without a baseline it says what to do, 3; with one that is the same, 0", () =>
  inFolder(async (results) => {
    const given = ["reinit", "--results", results];
    const first = await nightly(...given, "--out", `${results}/one`);
    assertEquals(first.code, 3);
    assertStringIncludes(first.err, `deno task baseline set ${results}/one`);
    await setBaseline(results, `${results}/one`);
    const markdown = `${results}/night.md`;
    const { code, out } = await nightly(...given, "--json", "--markdown", markdown);
    const document = NightlySchema.parse(JSON.parse(out));
    assertEquals([code, document.baseline, document.not_compared], [0, "one", null]);
    assertEquals(document.comparison?.verdicts.same, 8);
    const text = await Deno.readTextFile(markdown);
    assertStringIncludes(text, "0 regressed, 0 improved, 8 same");
    assertStringIncludes(text, "all 5 expectations of the scenarios are met");
    // Nothing regressed, so nothing was played again.
    assertEquals(document.comparison?.confirmed_by, null);
  }));

Deno.test("nightly: what regressed is played again before it counts, 1", () =>
  inFolder(async (results) => {
    const given = ["reinit", "--results", results];
    await nightly(...given, "--out", `${results}/one`);
    await rewrite(`${results}/one`, "total_time_ms", 0.9);
    await setBaseline(results, `${results}/one`);
    const { code, out } = await nightly(...given, "--json", "--out", `${results}/two`);
    const { comparison, history } = NightlySchema.parse(JSON.parse(out));
    assertEquals([code, comparison?.verdicts.regressed], [1, 2]);
    assertEquals(comparison?.rows.flatMap(({ again }) => again?.verdict ?? []), [
      "regressed",
      "regressed",
    ]);
    assertStringIncludes(comparison?.confirmed_by ?? "", "/again/");
    // The history has it too, and needs no opinion of its own.
    assertEquals(history.map(({ verdict, held_against }) => [verdict, held_against]), [
      ["regressed", "one"],
      ["regressed", "one"],
    ]);
    const once = await nightly(...given, "--no-confirm", "--json");
    assertEquals(once.code, 1);
    assertEquals(NightlySchema.parse(JSON.parse(once.out)).comparison?.confirmed_by, null);
  }));

Deno.test("nightly: what was lost against the history counts without a baseline too, 1", () =>
  inFolder(async (results) => {
    const given = ["reinit", "--results", results];
    await nightly(...given, "--out", `${results}/one`);
    await rewrite(`${results}/one`, "total_time_ms", 0.9);
    const markdown = `${results}/night.md`;
    const { code, out } = await nightly(
      ...given,
      "--out",
      `${results}/two`,
      "--markdown",
      markdown,
    );
    assertEquals(code, 1);
    assertMatch(
      out,
      /^History: reinit .*, total_time_ms: .* since one \(step at two\); regressed against one \(x1\.111\)$/m,
    );
    assertStringIncludes(await Deno.readTextFile(markdown), "* **history**: <code>reinit");
    assertEquals((await nightly(...given, "--no-history")).code, 3);
    // It is accepted with the baseline.
    await setBaseline(results, `${results}/two`);
    const accepted = await nightly(...given, "--json");
    assertEquals([accepted.code, JSON.parse(accepted.out).history], [0, []]);
  }));

/** As many copies of a run as `times` has, one a day, with downtimes of so many times its own. */
async function makeNights(results: string, from: string, times: readonly number[]): Promise<void> {
  for (const [at, factor] of times.entries()) {
    const folder = `${results}/night-${at}`;
    await Deno.mkdir(folder);
    const meta = JSON.parse(await Deno.readTextFile(`${from}/run.json`));
    const started_at = new Date(Date.UTC(2020, 0, at + 1)).toISOString();
    await Deno.writeTextFile(`${folder}/run.json`, JSON.stringify({ ...meta, started_at }));
    await Deno.copyFile(`${from}/trials.jsonl`, `${folder}/trials.jsonl`);
    await rewrite(folder, "downtime_ms", factor * (1 + (at * 7 % 5) / 1000));
  }
}

Deno.test("nightly: a step that the baseline has too is seen in the history, and played again, 1", () =>
  inFolder(async (results) => {
    // No machine is so noisy that a downtime is five times as long by itself.
    const given = ["smoke", "--results", results, "--tolerance", "400%"].concat(
      ...["trials=6", "warmup=0"].map((set) => ["--set", set]),
    );
    await nightly(...given, "--out", `${results}/played/first`);
    await makeNights(results, `${results}/played/first`, [
      ...Array(26).fill(0.01),
      ...Array(4).fill(1),
    ]);
    // Set when two nights had the step, which was too few to tell.
    await setBaseline(results, `${results}/night-27`);
    const { code, out } = await nightly(...given, "--json");
    const { comparison, history } = NightlySchema.parse(JSON.parse(out));
    assertEquals(comparison?.verdicts.regressed, 0);
    assertEquals(history.map(({ metric, held_against }) => [metric, held_against]), [
      ["downtime_ms", "night-25"],
    ]);
    assertEquals([code, history[0]?.verdict], [1, "regressed"]);
    assertEquals((await Array.fromAsync(Deno.readDir(`${results}/again`))).length, 1);
    // Who sets the baseline now knows of it.
    await setBaseline(results, JSON.parse(out).run);
    const accepted = await nightly(...given, "--json");
    assertEquals(JSON.parse(accepted.out).history, []);
  }));

Deno.test("nightly: one that is interrupted says how to make up for it, 130", () =>
  inFolder(async (results) => {
    const out = `${results}/one`;
    const given = ["smoke", "--results", results, "--out", out, "--set", "trials=10000", "--quiet"];
    // In a process of its own: the signal is for that alone.
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", "--no-check", "bench/main.ts", "nightly", ...given],
      cwd: decodeURIComponent(new URL("../", import.meta.url).pathname),
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const said = new Response(child.stderr).text();
    for (;;) {
      const trials = await readRun(out).then((stored) => stored.trials.length, () => 0);
      if (trials > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill("SIGINT");
    assertStringIncludes(
      await said,
      `Interrupted, and held against nothing; to make up for it: deno task bench --resume ${out}, and deno task compare baseline ${out}`,
    );
    assertEquals((await child.status).code, 130);
  }));

Deno.test("nightly: a baseline of other cases is not comparable, 3", () =>
  inFolder(async (results) => {
    await nightly("policy", "--results", results, "--out", `${results}/one`);
    await setBaseline(results, `${results}/one`);
    const { code, err } = await nightly("reinit", "--results", results);
    assertEquals(code, 3);
    assertStringIncludes(err, "the base is of policy, the candidate of reinit");
    assertStringIncludes(err, "deno task baseline set ");
    assertEquals(err.split("\n").length, 1);
  }));

Deno.test("nightly: what cannot be meant is refused before anything is played", async () => {
  const wrong: readonly (readonly [args: string[], message: string])[] = [
    [["--suite", "weekly"], "default, nightly"],
    [["--jobs", "0"], "1 to 64"],
    [["--tolerance", "5"], "a percentage"],
    [["--basline", "x"], "did you mean --baseline"],
    [["--baseline", "../x"], "Cannot name a baseline"],
  ];
  for (const [args, message] of wrong) {
    await assertRejects(() => nightly(...args), UsageError, message);
  }
});
