/** HdrHistogram's own tools read what a run writes, and say the same of it. */
import { assert, assertEquals } from "@std/assert";
import { createRecorder, encodeHistogram, recordNs } from "../measure/mod.ts";
import { createRandom } from "../random.ts";
import { appendTrial, createRun, exportHgrm, finishRun, hgrmTexts, readRun } from "./mod.ts";
import { mergeHistograms } from "../measure/mod.ts";
import { trial, withRun } from "./testdata/runs.ts";
import { HDRHISTOGRAM_JAR, JAVA } from "./testdata/stock_tools.ts";

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

const missing = [HDRHISTOGRAM_JAR, JAVA].find((path) => !isThere(path));

async function logProcessor(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(JAVA, {
    args: ["-cp", HDRHISTOGRAM_JAR, "org.HdrHistogram.HistogramLogProcessor", ...args],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** Durations from a microsecond to seconds, as the reads of a disk that hiccups. */
function durations(random: () => number, n: number): string {
  const recorder = createRecorder();
  for (let i = 0; i < n; i++) recordNs(recorder, 1e3 * 10 ** (6 * random() ** 3));
  return encodeHistogram(recorder);
}

async function withPlayedRun(use: (path: string) => Promise<void>): Promise<void> {
  await withRun(async (options) => {
    const random = createRandom(5);
    const [one] = options.cases;
    assert(one !== undefined);
    const run = createRun({ ...options, cases: [one, { ...one, index: 1, label: "b" }] });
    for (let n = 0; n < 3; n++) {
      for (const caseNumber of [0, 1]) {
        const histograms = { read_us: durations(random, 999), write_us: durations(random, 500) };
        appendTrial(run, { ...trial(n), case: caseNumber, histograms }, []);
      }
    }
    finishRun(run, true);
    await use(run.path);
  });
}

const TAGS = ["0.smoke.read_us", "0.smoke.write_us", "1.smoke.read_us", "1.smoke.write_us"];

Deno.test({
  name: missing === undefined
    ? "HistogramLogProcessor reads the log, and its percentiles are ours to the last digit"
    : `HistogramLogProcessor reads the log (ignored: there is no ${missing})`,
  ignore: missing !== undefined,
  fn: () =>
    withPlayedRun(async (path) => {
      const log = `${path}/histograms.hlog`;
      // What a kill leaves of a trial that was being written.
      Deno.writeTextFileSync(log, "#ag=0.smoke.read_us,0.100,0.010,1.5,HISTFAAA", { append: true });
      const listed = await logProcessor(["-i", log, "-listtags"]);
      assertEquals(listed.trim().split("\n").slice(1).sort(), TAGS);
      const ours = hgrmTexts((await readRun(path)).trials);
      assertEquals([...ours.keys()].sort(), TAGS);
      for (const tag of TAGS) {
        const out = `${path}/${tag}`;
        await logProcessor(["-i", log, "-tag", tag, "-outputValueUnitRatio", "1000", "-o", out]);
        const theirs = Deno.readTextFileSync(`${out}.hgrm`);
        // They say over which time, which a text of ours does not.
        assertEquals(theirs.replaceAll(/^#\[(Overall|StartTime).*\n/gm, ""), ours.get(tag));
        // And each trial is an interval: three of the same number of durations.
        const intervals = Deno.readTextFileSync(out).match(/I:(\d+)/g);
        const each = tag.endsWith("read_us") ? "I:999" : "I:500";
        assertEquals(intervals, [each, each, each]);
      }
    }),
});

Deno.test("an .hgrm file has the percentiles of the case's trials together", () =>
  withPlayedRun(async (path) => {
    const paths = await exportHgrm(path, `${path}/hgrm/deep`);
    assertEquals(paths, TAGS.map((tag) => `${path}/hgrm/deep/${tag}.hgrm`));
    const { trials } = await readRun(path);
    for (const [i, file] of paths.entries()) {
      const [caseNumber, , metric = ""] = (TAGS[i] ?? "").split(".");
      const own = trials.filter((record) => record.case === Number(caseNumber));
      const merged = mergeHistograms(own.map(({ histograms }) => histograms[metric] ?? ""));
      assert(merged !== undefined);
      const rows = Deno.readTextFileSync(file).split("\n").filter((line) => /^ +\d/.test(line))
        .map((line) => line.trim().split(/ +/).map(Number));
      assert(rows.length > 50);
      for (const [us = NaN, share = NaN, count = NaN] of rows) {
        assertEquals(us, Number((merged.getValueAtPercentile(share * 100) / 1000).toFixed(3)));
        assert(count <= merged.totalCount);
      }
      assertEquals(rows.at(-1)?.[2], merged.totalCount);
    }
  }));
