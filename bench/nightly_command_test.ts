import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { setBaseline } from "./baseline/mod.ts";
import { NightlySchema } from "./nightly/mod.ts";
import { nightlyCommand } from "./nightly_command.ts";
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
    const { comparison, recent_changes } = NightlySchema.parse(JSON.parse(out));
    assertEquals([code, comparison?.verdicts.regressed], [1, 2]);
    assertEquals(comparison?.rows.flatMap(({ again }) => again?.verdict ?? []), [
      "regressed",
      "regressed",
    ]);
    assertStringIncludes(comparison?.confirmed_by ?? "", "/again/");
    assertEquals(recent_changes.length, 2);
    const once = await nightly(...given, "--no-confirm", "--json");
    assertEquals(once.code, 1);
    assertEquals(NightlySchema.parse(JSON.parse(once.out)).comparison?.confirmed_by, null);
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
