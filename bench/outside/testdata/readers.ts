/** Every reader of files that a user did not make, with files that it takes. */
import { closeRecording, readRecording } from "../../../core/device/mod.ts";
import { recordedCalls } from "../../../core/device/replayed/recording.ts";
import { GENERIC_PROFILE } from "../../../core/device/profile.ts";
import { ownStream, qemuStream } from "../../../core/wire/testdata/streams.ts";
import { readSubject } from "../../advise/read_subject.ts";
import { readBaseline, setBaseline } from "../../baseline/mod.ts";
import { casesOfRun } from "../../cases_of_run.ts";
import {
  compareRuns,
  compareWithin,
  DEFAULT_METRICS,
  renderComparison,
  renderMarkdown,
} from "../../compare/mod.ts";
import { readOutcomes } from "../../false_alarms/outcome_file.ts";
import { historyOf, historyText, readHistory } from "../../history/mod.ts";
import { importTraces, readImport, writeImport } from "../../import/mod.ts";
import { capturePath, captureText } from "../../import/testdata/captures.ts";
import { readQmpLog } from "../../import/qmp_log.ts";
import { inspectFile } from "../../inspect/mod.ts";
import { createRecorder, encodeHistogram, recordNs } from "../../measure/mod.ts";
import { SCENARIOS_DIR } from "../../paths.ts";
import { renderTable, resultDocument } from "../../report/mod.ts";
import { readPageRun, renderPage } from "../../report/page/mod.ts";
import {
  applyOverrides,
  caseDefinition,
  caseSettings,
  expandCases,
  loadScenario,
  PROFILE_SCHEMA,
} from "../../scenario/mod.ts";
import { profileOf, readProfileFile } from "../../scenario/profile_file.ts";
import {
  appendTrial,
  captureEnvironment,
  createRun,
  exportHgrm,
  finishRun,
  leaveRun,
  mergeRuns,
  readableRun,
  readRun,
  reopenRun,
} from "../../store/mod.ts";
import { runVirtualTrial } from "../../trial/mod.ts";

/** A reader: it makes files in a folder, and reads them as commands do. */
export interface Reader {
  readonly name: string;
  /** How much longer it takes than others. */
  readonly cost?: number;
  make(folder: string): Promise<void> | void;
  read(folder: string): Promise<unknown>;
}

const CAPTURE = decodeURIComponent(
  new URL("../../../core/device/testdata/mtty-10.jsonl", import.meta.url).pathname,
);
const NO_STYLE = { script: "", style: "" };
const PLAIN = { width: 120, color: false };
const RULE = { metrics: DEFAULT_METRICS, tolerance: 0.05, anyway: true };
const SETUP = {
  kind: "aa",
  scenario: "smoke",
  sets: [],
  trials: 3,
  slowdown_ratio: 0,
  metrics: ["downtime_ms"],
  tolerance: 0.05,
  simulated_noise: 0.1,
} as const;
const OUTCOME = {
  setup: SETUP,
  regressed_first: ["downtime_ms"],
  regressed: [],
  improved: [],
  ratios: { downtime_ms: 1.01 },
  failed_trials: 0,
};

/** A run of virtual trials, with what only wall trials have besides. */
async function makeRun(folder: string, options: Partial<Parameters<typeof createRun>[0]> = {}) {
  const scenario = await loadScenario("policy", SCENARIOS_DIR);
  const cases = expandCases(applyOverrides(scenario, [])).slice(0, 2);
  const run = createRun({
    root: folder,
    out: `${folder}/run`,
    name: scenario.name,
    seed: 1,
    environment: captureEnvironment(),
    cases: cases.map((one, index) => ({
      scenario: one.scenario,
      index,
      label: one.label,
      varies: one.varies,
      params: one.params,
      settings: caseSettings(one),
      definition: caseDefinition(one, SCENARIOS_DIR),
      clock: one.clock,
      trials: 2,
      shows: one.shows,
    })),
    expect: scenario.expect.map((one) => ({ ...one, scenario: scenario.name })),
    warnings: ["Noisy machine: so it is"],
    ...options,
  });
  const recorder = createRecorder();
  for (const ns of [1, 1500, 1e6]) recordNs(recorder, ns);
  const read_us = encodeHistogram(recorder);
  for (const [caseNumber, one] of cases.entries()) {
    for (const trial of [0, 1]) {
      const { record, timeline } = runVirtualTrial(one, { caseNumber, trial, seed: 1 + trial });
      appendTrial(run, { ...record, histograms: { read_us } }, timeline.slice(0, 20));
    }
  }
  return run;
}

async function makeWhole(folder: string): Promise<void> {
  finishRun(await makeRun(folder), true);
}

export const READERS: readonly Reader[] = [
  {
    name: "scenario",
    async make(folder) {
      await Deno.copyFile(
        new URL("convergence.jsonc", SCENARIOS_DIR),
        `${folder}/convergence.jsonc`,
      );
    },
    async read(folder) {
      expandCases(await loadScenario(`${folder}/convergence.jsonc`, SCENARIOS_DIR));
    },
  },
  {
    name: "scenario as JSON",
    async make(folder) {
      await Deno.writeTextFile(
        `${folder}/own.json`,
        JSON.stringify({
          name: "own",
          question: "What is in it?",
          trials: 2,
          params: { buffer_size: "64KiB", policy: "qemu-11.1", downtime_limit_ms: "150ms" },
          matrix: { channel: ["ring", "unix"], "devices.nic0.dirty_rate": ["1MiB/s", 0] },
          variants: { plain: { precopy: true }, stopped: { precopy: false } },
          expect: [{
            metric: "downtime_ms",
            case: { variant: "plain", channel: "ring" },
            value: 3,
            within: 0.5,
            basis: "rules",
          }],
          devices: [
            { id: "nic0", profile: "generic", state_size: "1MiB", reinit_at_ms: [1, "2ms"] },
            { id: "nic1", capture: "session.jsonl" },
            { id: "nic2", profile: "./profile.json#nic0", p2p: true },
          ],
          ram: { size: "16MiB" },
        }),
      );
      await Deno.writeTextFile(
        `${folder}/profile.json`,
        JSON.stringify({
          schema: PROFILE_SCHEMA,
          origin: { log: "a.trace", policy: "qemu-9.2", assumed: ["nothing"] },
          devices: { nic0: GENERIC_PROFILE },
        }),
      );
      await Deno.copyFile(CAPTURE, `${folder}/session.jsonl`);
      await Deno.copyFile(CAPTURE.replace(/jsonl$/, "bin"), `${folder}/session.bin`);
    },
    async read(folder) {
      expandCases(await loadScenario(`${folder}/own.json`, SCENARIOS_DIR));
    },
  },
  {
    name: "profile file",
    async make(folder) {
      await Deno.writeTextFile(
        `${folder}/profile.json`,
        JSON.stringify({
          schema: PROFILE_SCHEMA,
          origin: { log: "a.trace", policy: "qemu-9.2", assumed: [] },
          devices: { nic0: GENERIC_PROFILE, nic1: { ...GENERIC_PROFILE, reinit_at_ms: [1, 2] } },
        }),
      );
    },
    async read(folder) {
      profileOf(await readProfileFile(`${folder}/profile.json`), "nic0", undefined, "profile");
      await readSubject(`${folder}/profile.json`, SCENARIOS_DIR);
    },
  },
  {
    name: "recording",
    async make(folder) {
      await Deno.copyFile(CAPTURE, `${folder}/session.jsonl`);
      await Deno.copyFile(CAPTURE.replace(/jsonl$/, "bin"), `${folder}/session.bin`);
    },
    async read(folder) {
      const recording = await readRecording(`${folder}/session.jsonl`);
      try {
        return [...recordedCalls(recording)].length;
      } finally {
        closeRecording(recording);
      }
    },
  },
  {
    name: "run",
    cost: 2,
    make: makeWhole,
    async read(folder) {
      const stored = await readRun(`${folder}/run`);
      const result = readableRun(`${folder}/run`, () => resultDocument(stored.meta, stored.trials));
      JSON.stringify(result);
      renderTable(result, PLAIN);
      const named = { run: "run", ...stored };
      readableRun(`${folder}/run`, () => {
        const comparison = compareRuns(named, named, RULE);
        if (typeof comparison === "string") return;
        renderComparison(comparison, PLAIN);
        renderMarkdown(comparison);
        const by = Object.keys(stored.meta.cases[0]?.varies ?? {})[0];
        if (by !== undefined) compareWithin(named, by, RULE);
      });
    },
  },
  {
    name: "page of a run",
    cost: 3,
    make: makeWhole,
    async read(folder) {
      return await renderPage([await readPageRun(`${folder}/run`)], NO_STYLE);
    },
  },
  {
    name: "percentiles of a run",
    cost: 2,
    make: makeWhole,
    read: async (folder) => await exportHgrm(`${folder}/run`, `${folder}/hgrm`),
  },
  {
    name: "history",
    cost: 2,
    async make(folder) {
      await makeWhole(folder);
      await Deno.mkdir(`${folder}/results`);
      await Deno.rename(`${folder}/run`, `${folder}/results/a`);
      await makeWhole(folder);
      await Deno.rename(`${folder}/run`, `${folder}/results/b`);
    },
    async read(folder) {
      const { runs } = await readHistory([`${folder}/results`], DEFAULT_METRICS, folder);
      historyText(historyOf(runs, DEFAULT_METRICS));
    },
  },
  {
    name: "run to go on with",
    cost: 3,
    async make(folder) {
      leaveRun(await makeRun(folder));
    },
    async read(folder) {
      const path = `${folder}/run`;
      casesOfRun(path, (await readRun(path)).meta);
      const { run } = await reopenRun(path);
      leaveRun(run);
    },
  },
  {
    name: "parts of a run",
    cost: 4,
    async make(folder) {
      finishRun(await makeRun(folder, { shard: { index: 1, count: 1, cases: 2 } }), true);
    },
    async read(folder) {
      const { path } = await mergeRuns({
        parts: [`${folder}/run`],
        root: `${folder}/whole/`,
        anyway: true,
      });
      await Deno.remove(path, { recursive: true });
    },
  },
  {
    name: "baseline",
    async make(folder) {
      await makeWhole(folder);
      await setBaseline(folder, `${folder}/run`);
      await Deno.remove(`${folder}/run`, { recursive: true });
    },
    read: async (folder) => await readBaseline(folder),
  },
  {
    name: "outcomes",
    async make(folder) {
      const line = JSON.stringify(OUTCOME);
      await Deno.writeTextFile(`${folder}/outcomes.jsonl`, `${line}\n${line}\n`);
    },
    read: async (folder) => await readOutcomes(`${folder}/outcomes.jsonl`, SETUP),
  },
  {
    name: "QMP log",
    async make(folder) {
      await Deno.copyFile(capturePath("2-ack", "qmp.log"), `${folder}/qmp.log`);
    },
    read: async (folder) => await readQmpLog(`${folder}/qmp.log`),
  },
  {
    name: "trace logs",
    cost: 8,
    async make(folder) {
      for (const file of ["src.trace.gz", "dst.trace.gz"] as const) {
        const lines = (await captureText("2-ack", file)).split("\n");
        const slim = lines.filter((line) => !line.includes("migration_transferred_bytes"));
        await Deno.writeTextFile(`${folder}/${file.slice(0, 9)}`, slim.join("\n"));
      }
    },
    async read(folder) {
      const traces = await importTraces({
        source: `${folder}/src.trace`,
        destination: `${folder}/dst.trace`,
      });
      await Deno.remove(writeImport(traces, { root: folder, out: `${folder}/run` }), {
        recursive: true,
      });
    },
  },
  {
    name: "imported run",
    cost: 4,
    async make(folder) {
      const traces = await importTraces({
        source: capturePath("2-ack", "src.trace.gz"),
        destination: capturePath("2-ack", "dst.trace.gz"),
        qmp: capturePath("2-ack", "qmp.log"),
      });
      const path = writeImport(traces, { root: folder, out: `${folder}/run` });
      await Deno.rename(`${path}/import.json`, `${folder}/import.json`);
      await Deno.remove(path, { recursive: true });
    },
    read: async (folder) => await readImport(folder),
  },
  {
    name: "stream of ours",
    make: (folder) => Deno.writeFile(`${folder}/stream`, ownStream),
    read: readStream,
  },
  {
    name: "stream of QEMU",
    make: (folder) => Deno.writeFile(`${folder}/stream`, qemuStream),
    read: readStream,
  },
];

async function readStream(folder: string): Promise<void> {
  const { error } = await inspectFile(`${folder}/stream`, () => {});
  // The command tells it as a UsageError.
  if (error !== undefined && error.name !== "WireError") throw error;
}
