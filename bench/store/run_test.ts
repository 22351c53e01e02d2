import { cpus } from "node:os";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { decodeFromCompressedBase64, HistogramLogReader } from "hdr-histogram-js";
import { createRecorder, encodeHistogram, recordNs } from "../measure/mod.ts";
import {
  appendTrial,
  captureEnvironment,
  createRun,
  type CreateRunOptions,
  finishRun,
  readRun,
  RunError,
} from "./mod.ts";
import { trial, withRun } from "./testdata/runs.ts";

const NEWLINE = 10;

Deno.test("what is written is read back, and only a finished run is complete", () =>
  withRun(async (options) => {
    const run = createRun(options);
    assertEquals((await readRun(run.path)).meta.complete, false);
    appendTrial(run, trial(0), [{ case: 0, trial: 0, t_ms: 1, event: "switchover" }]);
    appendTrial(run, trial(1), []);
    finishRun(run, true);
    const { meta, trials, tornLines } = await readRun(run.path);
    assertEquals([meta.complete, trials.length, tornLines], [true, 2, 0]);
    assertEquals(trials[1]?.metrics, { downtime_ms: 2.5, total_time_ms: 10 });
    assertEquals(meta.cases, [...options.cases]);
  }));

Deno.test("a run killed at any byte of its last line is read without that line", () =>
  withRun(async (options) => {
    const run = createRun(options);
    // A text of several bytes a letter is cut within a letter too.
    const devices = { "größe-😀": { metrics: { bytes_precopy: 5 }, estimates: {} } };
    for (const n of [0, 1]) appendTrial(run, { ...trial(n), devices, histograms: {} }, []);
    const path = `${run.path}/trials.jsonl`;
    const whole = Deno.readFileSync(path);
    const lastLine = whole.indexOf(NEWLINE) + 1;
    for (let end = lastLine; end <= whole.length; end++) {
      Deno.writeFileSync(path, whole.subarray(0, end));
      const { trials, tornLines } = await readRun(run.path);
      const isWhole = end >= whole.length - 1; // the newline need not be there
      assertEquals(trials.length, isWhole ? 2 : 1);
      assertEquals(tornLines, isWhole || end === lastLine ? 0 : 1);
    }
  }));

Deno.test("a run whose first line lost any of its end is refused, with the line", () =>
  withRun(async (options) => {
    const run = createRun(options);
    for (const n of [0, 1]) appendTrial(run, { ...trial(n), histograms: {} }, []);
    const path = `${run.path}/trials.jsonl`;
    const [first = "", second = ""] = Deno.readTextFileSync(path).split("\n");
    for (let end = 0; end < first.length; end++) {
      Deno.writeTextFileSync(path, `${first.slice(0, end)}\n${second}\n`);
      await assertRejects(() => readRun(run.path), RunError, "line 1 of trials.jsonl is not JSON");
    }
  }));

Deno.test("a whole line that is no trial is refused, also where it is the last", () =>
  withRun(async (options) => {
    const run = createRun(options);
    const refused: [line: string, says: string][] = [
      ["garbage\n", "line 1 of trials.jsonl is not JSON"],
      ["{}\n", "line 1 of trials.jsonl is no trial: scenario: "],
      // What parses was written whole, newline or not.
      ["{}", "line 1 of trials.jsonl is no trial: scenario: "],
      [
        JSON.stringify({ ...trial(0), metrics: { downtime_ms: NaN } }),
        "line 1 of trials.jsonl is no trial: metrics.downtime_ms: ",
      ],
      [
        JSON.stringify({ ...trial(0), case: 7 }),
        "line 1 of trials.jsonl is of case 7, which run.json does not have",
      ],
    ];
    for (const [line, says] of refused) {
      Deno.writeTextFileSync(`${run.path}/trials.jsonl`, line);
      const { message } = await assertRejects(() => readRun(run.path), RunError, says);
      assertEquals(message.split("\n").length, 1);
    }
  }));

Deno.test("a run killed before its first trial has none; one that hides them is refused", () =>
  withRun(async (options) => {
    const run = createRun(options);
    Deno.removeSync(`${run.path}/trials.jsonl`);
    const { trials, tornLines } = await readRun(run.path);
    assertEquals([trials, tornLines], [[], 0]);
    finishRun(run, true);
    await assertRejects(() => readRun(run.path), RunError, "trials.jsonl");
    Deno.mkdirSync(`${run.path}/trials.jsonl`);
    await assertRejects(() => readRun(run.path), RunError, "Cannot read the run");
  }));

Deno.test("a trial that could not be read back is not written", () =>
  withRun(async (options) => {
    const run = createRun(options);
    appendTrial(run, trial(0), []);
    for (const bad of [NaN, Infinity]) {
      const record = { ...trial(1), metrics: { throughput_bytes_per_s: bad } };
      assertThrows(
        () => appendTrial(run, record, [{ case: 0, trial: 1, t_ms: 0, event: "start" }]),
        RunError,
        "Cannot keep trial 1 of case 0: metrics.throughput_bytes_per_s: ",
      );
    }
    const elsewhere = { ...trial(1), case: 7 };
    assertThrows(() => appendTrial(run, elsewhere, []), RunError, "the run has no such case");
    const damaged = { ...trial(1), histograms: { read_us: "HISTF" } };
    assertThrows(
      () => appendTrial(run, damaged, [{ case: 0, trial: 1, t_ms: 0, event: "start" }]),
      RunError,
      "Cannot keep trial 1 of case 0: Cannot decode",
    );
    assertEquals((await readRun(run.path)).trials.length, 1);
    assertEquals(Deno.readTextFileSync(`${run.path}/timeline.jsonl`), "");
  }));

Deno.test("an event that could not be read back is not written, nor is its trial", () =>
  withRun(async (options) => {
    const run = createRun(options);
    const event = { case: 0, trial: 0, t_ms: 1, event: "switchover" };
    const refused = [
      { ...event, t_ms: NaN },
      { ...event, pending_bytes: Infinity },
      { ...event, trial: 1 },
      { ...event, case: 7 },
    ];
    for (const bad of refused) {
      const { message } = assertThrows(() => appendTrial(run, trial(0), [event, bad]), RunError);
      assertEquals(
        message,
        'Cannot keep trial 0 of case 0: "switchover" of its timeline could not be read back',
      );
    }
    assertEquals((await readRun(run.path)).trials, []);
    assertEquals(Deno.readTextFileSync(`${run.path}/timeline.jsonl`), "");
  }));

Deno.test("nothing is added to a run that has ended, or that another process writes", () =>
  withRun((options) => {
    const run = createRun(options);
    finishRun(run, true);
    assertThrows(() => appendTrial(run, trial(0), []), RunError, "has ended");
  }));

Deno.test("what is no run, or of another format, is refused in one line", () =>
  withRun(async (options) => {
    await assertRejects(() => readRun(`${options.root}/none`), RunError, "there is no run.json");
    const run = createRun(options);
    Deno.writeTextFileSync(`${run.path}/run.json`, '{"schema":"vfio-migbench/run@2"}');
    await assertRejects(() => readRun(run.path), RunError, 'it is of format "vfio-migbench/run@2"');
    Deno.writeTextFileSync(`${run.path}/run.json`, "{");
    await assertRejects(() => readRun(run.path), RunError, "run.json is not JSON");
    const meta = { ...run.meta, cases: "none" };
    Deno.writeTextFileSync(`${run.path}/run.json`, JSON.stringify(meta));
    await assertRejects(() => readRun(run.path), RunError, "run.json: cases: ");
  }));

Deno.test("a run.json that was being written when the run was killed is ignored", () =>
  withRun(async (options) => {
    const run = createRun(options);
    appendTrial(run, trial(0), []);
    Deno.writeTextFileSync(`${run.path}/run.json.tmp`, '{"schema":"vfio-mig');
    const { meta, trials } = await readRun(run.path);
    assertEquals([meta.complete, trials.length], [false, 1]);
    finishRun(run, true);
    assertEquals((await readRun(run.path)).meta.complete, true);
    assertEquals([...Deno.readDirSync(run.path)].map(({ name }) => name).sort(), [
      "histograms.hlog",
      "run.json",
      "timeline.jsonl",
      "trials.jsonl",
    ]);
  }));

Deno.test("two runs of the same second have folders of their own", () =>
  withRun((options) => {
    const paths = [1, 2, 3].map(() => createRun(options).path);
    assertEquals(new Set(paths).size, 3);
    assert(paths.every((path) => /\d{8}T\d{6}Z-smoke(-\d)?$/.test(path)), paths.join(" "));
  }));

Deno.test("a named folder is used as it is where it is new or empty", () =>
  withRun((options) => {
    const out = `${options.root}/deep/mine`;
    Deno.mkdirSync(`${options.root}/empty`);
    assertEquals(createRun({ ...options, out }).path, out);
    assertEquals(
      createRun({ ...options, out: `${options.root}/empty` }).path,
      `${options.root}/empty`,
    );
  }));

Deno.test("a folder with something in it, or that cannot be made, is refused in one line", () =>
  withRun((options) => {
    const out = `${options.root}/mine`;
    const run = createRun({ ...options, out });
    const refused: [changes: Partial<CreateRunOptions>, says: string][] = [
      [{ out }, "there is something in it, name an empty folder"],
      [{ out: `${run.path}/run.json` }, `Cannot write a run to ${run.path}/run.json: `],
      [{ out: `${run.path}/run.json/in` }, `Cannot write a run to ${run.path}/run.json/in: `],
      [{ root: `${run.path}/run.json` }, `Cannot write a run to ${run.path}/run.json: `],
    ];
    for (const [changes, says] of refused) {
      const { message } = assertThrows(() => createRun({ ...options, ...changes }), RunError, says);
      assertEquals(message.split("\n").length, 1);
    }
  }));

Deno.test("the stock reader reads the histogram log, with the same percentiles", () =>
  withRun((options) => {
    const run = createRun(options);
    const record = trial(0);
    appendTrial(run, record, []);
    const recorder = createRecorder();
    recordNs(recorder, 2_500_000);
    appendTrial(run, { ...trial(1), histograms: { write_us: encodeHistogram(recorder) } }, []);
    const reader = new HistogramLogReader(Deno.readTextFileSync(`${run.path}/histograms.hlog`));
    const read = reader.nextIntervalHistogram();
    const written = decodeFromCompressedBase64(record.histograms.read_us ?? "");
    assert(read !== null && "getValueAtPercentile" in read);
    assertEquals(read.tag, "0.smoke.read_us");
    for (const percentile of [50, 90, 99, 99.9, 100]) {
      assertEquals(
        read.getValueAtPercentile(percentile),
        written.getValueAtPercentile(percentile),
      );
    }
    const second = reader.nextIntervalHistogram();
    assertEquals([second?.tag, second?.totalCount], ["0.smoke.write_us", 1]);
    assertEquals(reader.nextIntervalHistogram(), null);
    // The interval's maximum is in milliseconds.
    const line = Deno.readTextFileSync(`${run.path}/histograms.hlog`).trimEnd().split("\n").at(-1);
    assertEquals(line?.split(",").at(3)?.slice(0, 3), "2.5");
  }));

Deno.test("what is comparable of a machine does not change from one moment to the next", () => {
  const { comparable, context } = captureEnvironment();
  assertEquals(captureEnvironment().comparable, comparable);
  assert(
    comparable.cpu_count > 0 && comparable.memory_total_bytes > context.memory_available_bytes,
  );
  // Also without --allow-all, under which alone Deno reads /proc.
  assertEquals(comparable.cpu_model, cpus()[0]?.model.trim() || "unknown");
  // The machine's own name is nobody's business.
  for (const key of [...Object.keys(comparable), ...Object.keys(context)]) {
    assertMatch(key, /^(?!host)[a-z0-9_]+$/);
  }
});
