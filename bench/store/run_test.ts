import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { decodeFromCompressedBase64, HistogramLogReader } from "hdr-histogram-js";
import { createRecorder, encodeHistogram, recordNs } from "../measure/mod.ts";
import type { TrialRecord } from "../trial/record.ts";
import {
  appendTrial,
  captureEnvironment,
  createRun,
  type CreateRunOptions,
  finishRun,
  readRun,
  RunError,
} from "./mod.ts";
import { cpuModel } from "./environment.ts";

function durations(): string {
  const histogram = createRecorder();
  for (let ns = 100; ns < 1_000_000; ns += 997) recordNs(histogram, ns);
  return encodeHistogram(histogram);
}

function trial(n: number): TrialRecord {
  return {
    scenario: "smoke",
    case: 0,
    trial: n,
    clock: "wall",
    seed: 1,
    outcome: "completed",
    qemu_says: "completed",
    error: null,
    state_verified: true,
    metrics: { downtime_ms: 1.5 + n, total_time_ms: 10 },
    downtime_breakdown_ms: { stop: 1 },
    devices: { nic0: { metrics: { bytes_precopy: 5 } } },
    histograms: { read_us: durations() },
    started_at_ms: Date.now(),
  };
}

async function withRun(
  use: (options: CreateRunOptions) => void | Promise<void>,
): Promise<void> {
  const root = Deno.makeTempDirSync();
  try {
    await use({
      root,
      name: "smoke",
      seed: 1,
      environment: captureEnvironment(),
      cases: [{
        scenario: "smoke",
        index: 0,
        label: "",
        varies: {},
        params: { buffer_size: 65536 },
        clock: "wall",
        trials: 3,
      }],
    });
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

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

Deno.test("a run killed anywhere in its last line is read without that line", () =>
  withRun(async (options) => {
    const run = createRun(options);
    for (const n of [0, 1]) appendTrial(run, { ...trial(n), histograms: {} }, []);
    const path = `${run.path}/trials.jsonl`;
    const whole = Deno.readTextFileSync(path);
    const lastLine = whole.indexOf("\n") + 1;
    for (let end = lastLine; end <= whole.length; end++) {
      Deno.writeTextFileSync(path, whole.slice(0, end));
      const { trials, tornLines } = await readRun(run.path);
      const isWhole = end >= whole.length - 1; // the newline need not be there
      assertEquals(trials.length, isWhole ? 2 : 1);
      assertEquals(tornLines, isWhole || end === lastLine ? 0 : 1);
    }
  }));

Deno.test("a run that is damaged in the middle is refused, with the line", () =>
  withRun(async (options) => {
    const run = createRun(options);
    for (const n of [0, 1]) appendTrial(run, { ...trial(n), histograms: {} }, []);
    const path = `${run.path}/trials.jsonl`;
    Deno.writeTextFileSync(path, Deno.readTextFileSync(path).slice(5));
    await assertRejects(() => readRun(run.path), RunError, "line 1 of trials.jsonl is no trial");
  }));

Deno.test("what is no run, or of another format, is refused in one line", () =>
  withRun(async (options) => {
    await assertRejects(() => readRun(`${options.root}/none`), RunError, "there is no run.json");
    const run = createRun(options);
    Deno.writeTextFileSync(`${run.path}/run.json`, '{"schema":"vfio-migbench/run@2"}');
    await assertRejects(() => readRun(run.path), RunError, 'it is of format "vfio-migbench/run@2"');
    Deno.writeTextFileSync(`${run.path}/run.json`, "{");
    await assertRejects(() => readRun(run.path), RunError, "Cannot read the run");
  }));

Deno.test("two runs of the same second have folders of their own", () =>
  withRun((options) => {
    const paths = [1, 2, 3].map(() => createRun(options).path);
    assertEquals(new Set(paths).size, 3);
    assert(paths.every((path) => /\d{8}T\d{6}Z-smoke(-\d)?$/.test(path)), paths.join(" "));
  }));

Deno.test("a folder with something in it is not written to", () =>
  withRun((options) => {
    const out = `${options.root}/mine`;
    createRun({ ...options, out });
    assertThrows(() => createRun({ ...options, out }), RunError, "name an empty folder");
  }));

Deno.test("the stock reader reads the histogram log, with the same percentiles", () =>
  withRun((options) => {
    const run = createRun(options);
    const record = trial(0);
    appendTrial(run, record, []);
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
    assertEquals(reader.nextIntervalHistogram(), null);
  }));

Deno.test("the processor's name is found as x86 writes it, and unknown elsewhere", () => {
  assertEquals(cpuModel("processor\t: 0\nmodel name\t: AMD EPYC 7713\n"), "AMD EPYC 7713");
  assertEquals(cpuModel(""), "unknown");
});
