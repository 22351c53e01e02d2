import { assertEquals, assertRejects } from "@std/assert";
import { SCENARIOS_DIR } from "../paths.ts";
import { createProgress } from "../progress.ts";
import { resultDocument } from "../report/mod.ts";
import { runSuite, type Shard } from "../run_suite.ts";
import { applyOverrides, type Case, expandCases, loadScenario } from "../scenario/mod.ts";
import { type ExpectationMeta, mergeRuns, readRun, RunError } from "./mod.ts";

async function casesOf(name: string, sets: readonly string[]): Promise<Case[]> {
  return expandCases(applyOverrides(await loadScenario(name, SCENARIOS_DIR), sets));
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function play(
  cases: readonly Case[],
  out: string,
  shard?: Shard,
  expect: readonly ExpectationMeta[] = [],
): Promise<string> {
  return await runSuite(cases, {
    root: out,
    out,
    name: "bench",
    expect,
    jobs: 1,
    shard,
    progress: createProgress(true),
    signal: new AbortController().signal,
  });
}

async function documentOf(path: string): Promise<string> {
  const { meta, trials } = await readRun(path);
  return JSON.stringify(resultDocument(meta, trials));
}

function linesOf(path: string, file: string): string[] {
  return Deno.readTextFileSync(`${path}/${file}`).split("\n").sort();
}

Deno.test("parts that are merged say what a run of all says, byte for byte, on the virtual clock", () =>
  inFolder(async (folder) => {
    const cases = [
      ...await casesOf("reinit", ["trials=3"]),
      ...await casesOf("policy", ["clock=virtual", "trials=2"]),
    ];
    const { expect } = await loadScenario("reinit", SCENARIOS_DIR);
    const expected = expect.map((one) => ({ ...one, scenario: "reinit" }));
    const whole = await play(cases, `${folder}/whole`, undefined, expected);
    for (const count of [1, 3, cases.length + 1]) {
      const parts: string[] = [];
      for (let index = count; index >= 1; index--) {
        parts.push(await play(cases, `${folder}/${count}-${index}`, { index, count }, expected));
      }
      const { path, warnings } = await mergeRuns({
        parts,
        root: folder,
        out: `${folder}/${count}`,
        anyway: false,
      });
      assertEquals(warnings, []);
      assertEquals(await documentOf(path), await documentOf(whole));
      for (const file of ["trials.jsonl", "timeline.jsonl"]) {
        assertEquals(linesOf(path, file), linesOf(whole, file), file);
      }
    }
  }));

Deno.test("a part holds nothing against what is expected of the whole", () =>
  inFolder(async (folder) => {
    const cases = await casesOf("reinit", []);
    const { expect } = await loadScenario("reinit", SCENARIOS_DIR);
    const expected = expect.map((one) => ({ ...one, scenario: "reinit" }));
    const part = await play(cases, `${folder}/part`, { index: 1, count: 2 }, expected);
    assertEquals(JSON.parse(await documentOf(part)).expectations, []);
  }));

Deno.test("what are not the parts of one run is refused, in one line", () =>
  inFolder(async (folder) => {
    const cases = await casesOf("policy", ["trials=1"]);
    const other = await casesOf("policy", ["trials=1", "seed=2"]);
    const first = await play(cases, `${folder}/1`, { index: 1, count: 2 });
    const second = await play(cases, `${folder}/2`, { index: 2, count: 2 });
    const again = await play(cases, `${folder}/again`, { index: 2, count: 2 });
    const seeded = await play(other, `${folder}/seeded`, { index: 2, count: 2 });
    const ofThree = await play(cases, `${folder}/3`, { index: 2, count: 3 });
    const whole = await play(cases, `${folder}/whole`);
    const refuse = async (parts: readonly string[], says: string, anyway = false) => {
      const options = { parts, root: folder, out: `${folder}/none`, anyway };
      const { message } = await assertRejects(() => mergeRuns(options), RunError, says);
      assertEquals(message.split("\n").length, 1);
    };
    await refuse([], "name the parts of one");
    await refuse([whole], "it is no part of a run");
    await refuse([first, seeded], "the seed differs", true);
    await refuse([first, ofThree], "how many parts there are differs", true);
    await refuse([first, second, again], "both have case", true);
    await refuse([first], "part 2 of 2 is missing");
    const { path, warnings } = await mergeRuns({
      parts: [first],
      root: folder,
      out: `${folder}/half`,
      anyway: true,
    });
    assertEquals(warnings, ["Merged anyway: part 2 of 2 is missing"]);
    assertEquals((await readRun(path)).meta.complete, false);
  }));

Deno.test("parts of two machines are merged only if that is asked for, and the run says so", () =>
  inFolder(async (folder) => {
    const cases = await casesOf("smoke", ["trials=1", "warmup=0", "devices.nic0.state_size=64KiB"]);
    const two = [...cases, ...cases];
    const parts = [1, 2].map((index) => play(two, `${folder}/${index}`, { index, count: 2 }));
    const [first = "", second = ""] = [await parts[0], await parts[1]];
    const file = `${second}/run.json`;
    const meta = JSON.parse(Deno.readTextFileSync(file));
    meta.environment.comparable.cpu_count = 999;
    Deno.writeTextFileSync(file, JSON.stringify(meta));
    const options = { parts: [first, second], root: folder, out: `${folder}/all` };
    await assertRejects(
      () => mergeRuns({ ...options, anyway: false }),
      RunError,
      "2 different machines",
    );
    const { path } = await mergeRuns({ ...options, anyway: true });
    const merged = await readRun(path);
    assertEquals([merged.meta.complete, merged.trials.length], [true, 2]);
    assertEquals(merged.meta.warnings?.at(-1)?.startsWith("Merged anyway: the parts"), true);
  }));
