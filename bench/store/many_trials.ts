/**
 * Makes a run of so many trials of the wall clock, and says what reading it and making its result document take:
 *
 *     deno run -A bench/store/many_trials.ts [TRIALS] [FOLDER] [CASES] [SEED]
 *
 * With a folder the run is left there, to be compared or reported on. There are two cases unless told.
 *
 * @module
 */
import { createRecorder, encodeHistogram, recordNs } from "../measure/mod.ts";
import { createRandom } from "../random.ts";
import { resultDocument } from "../report/mod.ts";
import { appendTrial, captureEnvironment, createRun, finishRun, readRun } from "./mod.ts";
import { trial } from "./testdata/runs.ts";

/** A trial has so many buffers: 256 MiB in pieces of 1 MiB. */
const BUFFERS = 256;
/** And so many events. */
const EVENTS = 30;

const [trials = 10_000] = Deno.args.slice(0, 1).map(Number);
const folder = Deno.args[1] ?? await Deno.makeTempDir();
const [cases = 2, seed = 1] = Deno.args.slice(2).map(Number);
const random = createRandom(seed);

function durations(): string {
  const recorder = createRecorder();
  for (let i = 0; i < BUFFERS; i++) recordNs(recorder, 2e5 * (1 + random() ** 3));
  return encodeHistogram(recorder);
}

const run = createRun({
  root: folder,
  out: folder,
  name: "many",
  seed: 1,
  environment: captureEnvironment(),
  cases: Array.from({ length: cases }, (_, index) => ({
    scenario: "smoke",
    index,
    label: `x=${index}`,
    varies: { x: index },
    params: {},
    clock: "wall",
    trials: trials / cases,
    shows: "downtime",
  })),
  expect: [],
});
for (let n = 0; n < trials; n++) {
  const record = {
    ...trial(Math.floor(n / cases)),
    case: n % cases,
    metrics: {
      downtime_ms: 100 + 10 * random(),
      total_time_ms: 500 + 50 * random(),
      throughput_precopy_bytes_per_s: 1e9 * (1 + random()),
      throughput_stopcopy_bytes_per_s: 1e9 * (1 + random()),
    },
    histograms: { read_us: durations(), write_us: durations() },
  };
  const { case: caseNumber, trial: number } = record;
  const events = Array.from({ length: EVENTS }, (_, i) => ({
    case: caseNumber,
    trial: number,
    t_ms: i,
    event: "window",
    pending_bytes: i,
  }));
  appendTrial(run, record, events);
}
finishRun(run, true);

const began = performance.now();
const stored = await readRun(folder);
const read = performance.now();
resultDocument(stored.meta, stored.trials);
const made = performance.now();
console.log(JSON.stringify({
  trials,
  read_s: Number(((read - began) / 1e3).toFixed(2)),
  document_s: Number(((made - read) / 1e3).toFixed(2)),
  rss_mb: Math.round(Deno.memoryUsage().rss / 1e6),
}));
if (Deno.args[1] === undefined) await Deno.remove(folder, { recursive: true });
