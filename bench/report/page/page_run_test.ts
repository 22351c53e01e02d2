import { assert, assertEquals } from "@std/assert";
import { resultDocument, ResultDocumentSchema } from "../mod.ts";
import { readRun } from "../../store/mod.ts";
import { medianTrial } from "./median_trial.ts";
import { readPageRun } from "./page_run.ts";
import { goodTrial, inFolder, writeRun } from "./testdata/runs.ts";

Deno.test("a run is read with one timeline a case, that of the median trial", () =>
  inFolder(async (folder) => {
    writeRun(`${folder}/run`);
    const run = await readPageRun(`${folder}/run/`);
    assertEquals([run.name, run.cases.length, run.torn_lines], ["run", 4, 0]);
    for (const { timeline } of run.cases) {
      assertEquals([timeline?.trial, timeline?.outcome, timeline?.end_ms], [1, "completed", 381]);
    }
  }));

Deno.test("the document is the one that deno task bench prints", () =>
  inFolder(async (folder) => {
    writeRun(`${folder}/run`);
    const { document } = await readPageRun(`${folder}/run`);
    const { meta, trials } = await readRun(`${folder}/run`);
    assertEquals(document, resultDocument(meta, trials));
    assert(ResultDocumentSchema.safeParse(document).success);
  }));

Deno.test("the percentiles are those of all trials of a case", () =>
  inFolder(async (folder) => {
    writeRun(`${folder}/run`);
    const [first] = (await readPageRun(`${folder}/run`)).cases;
    const points = first?.percentiles.read_us ?? [];
    assertEquals(points[0], { percentile: 0, us: 1 });
    assertEquals(points.find(({ percentile }) => percentile === 90)?.us, 180.095);
    assertEquals(points.at(-1)?.percentile, 100);
    // 600 values: there is one for 99.75, none for 99.9.
    assertEquals(points.at(-2)?.percentile, 99.748811);
  }));

Deno.test("the median trial is the lower of two, the earliest of equals, the first of failed ones", () => {
  const trials = [
    goodTrial(0, 0, 30),
    goodTrial(0, 1, 10),
    goodTrial(0, 2, 20),
    goodTrial(0, 3, 20),
  ];
  assertEquals(medianTrial(trials)?.trial, 2);
  assertEquals(medianTrial(trials.slice(0, 2))?.trial, 1);
  const failed = trials.map((trial) => ({ ...trial, metrics: {} }));
  assertEquals(medianTrial(failed.toReversed())?.trial, 0);
  assertEquals(medianTrial([failed[0] ?? trials[0], trials[1]].flatMap((t) => t ?? []))?.trial, 1);
  assertEquals(medianTrial([]), undefined);
});
