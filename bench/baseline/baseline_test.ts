import { assertEquals, assertRejects } from "@std/assert";
import { caseOf, runOf, trialsOf, writeRun } from "../compare/testdata/synthetic.ts";
import { findRun } from "../compare/mod.ts";
import { readRun, RunError } from "../store/mod.ts";
import { UsageError } from "../usage_error.ts";
import { readBaseline, setBaseline } from "./baseline.ts";

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function make(path: string, times = 1, complete = true): string {
  const one = caseOf(0);
  writeRun(path, runOf([one], trialsOf(one, times), { complete }));
  return path;
}

Deno.test("a baseline is a copy: the run may be deleted, and the next one takes its place", () =>
  inFolder(async (folder) => {
    const results = `${folder}/results/`;
    assertEquals(await readBaseline(results), null);
    const first = make(`${folder}/first`);
    const { meta, trials } = await readRun(first);
    await setBaseline(results, `${first}/`);
    await Deno.remove(first, { recursive: true });
    const baseline = await readBaseline(results);
    assertEquals(baseline?.run, "first");
    const kept = await readRun(baseline?.folder ?? "");
    assertEquals([kept.meta, kept.trials], [meta, trials]);
    assertEquals(await findRun("baseline", results), baseline?.folder);

    await setBaseline(results, make(`${folder}/second`, 2));
    const { folder: second = "" } = await readBaseline(results) ?? {};
    assertEquals((await readRun(second)).trials.length, trials.length);
    const copies = [...Deno.readDirSync(`${results}baselines/default`)].map(({ name }) => name);
    assertEquals(copies, ["second"]);
    // The baseline's own folder can be set again.
    await setBaseline(results, second);
    assertEquals((await readRun(second)).trials.length, trials.length);
  }));

Deno.test("several baselines have names, by which compare knows them too", () =>
  inFolder(async (folder) => {
    const results = `${folder}/results/`;
    await setBaseline(results, make(`${folder}/one`), { name: "ci-1" });
    assertEquals(await readBaseline(results), null);
    const { folder: copy } = await readBaseline(results, "ci-1") ?? {};
    assertEquals(await findRun("baseline:ci-1", results), copy);
    assertEquals(await findRun("baseline", results), "baseline");
    for (const name of ["../out", "", ".hidden", "a/b"]) {
      await assertRejects(
        () => setBaseline(results, `${folder}/one`, { name }),
        UsageError,
        "name",
      );
    }
  }));

Deno.test("what is no run, or half of one, is refused, and the old baseline stays", () =>
  inFolder(async (folder) => {
    const results = `${folder}/results/`;
    await setBaseline(results, make(`${folder}/good`));
    await assertRejects(() => setBaseline(results, `${folder}/none`), RunError);
    const half = make(`${folder}/half`, 1, false);
    await assertRejects(() => setBaseline(results, half), UsageError, "not complete");
    assertEquals((await readBaseline(results))?.run, "good");
    await setBaseline(results, half, { anyway: true });
    assertEquals((await readBaseline(results))?.run, "half");
  }));

Deno.test("a pointer that was damaged, or leads out of its folder, is refused in one line", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/baselines`);
    for (const run of ["../../etc", "a/b", ".."]) {
      const text = JSON.stringify({ schema: "vfio-migbench/baseline@1", run, set_at: "" });
      await Deno.writeTextFile(`${folder}/baselines/default.json`, text);
      await assertRejects(() => readBaseline(folder), UsageError, "none of ours");
    }
    await Deno.writeTextFile(`${folder}/baselines/default.json`, "{");
    await assertRejects(() => readBaseline(folder), UsageError, "none of ours");
  }));
