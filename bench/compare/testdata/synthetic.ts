import {
  appendTrial,
  type CaseMeta,
  createRun,
  type Environment,
  finishRun,
  type RunMeta,
} from "../../store/mod.ts";
import type { TrialRecord } from "../../trial/record.ts";
import type { NamedRun } from "../compare_runs.ts";

/** A machine that there is not. */
export const MACHINE: Environment = {
  comparable: {
    deno: "2.0.0",
    v8: "1",
    typescript: "5",
    os: "linux",
    os_release: "6",
    arch: "x86_64",
    cpu_model: "one",
    cpu_count: 2,
    memory_total_bytes: 2 ** 30,
  },
  context: { load_average_1m: 0, memory_available_bytes: 2 ** 29, cpu_frequency_governor: null },
};

/** A case of scenario `s`; what varies is a parameter too, and makes the label. */
export function caseOf(
  index: number,
  varies: Readonly<Record<string, string | number | boolean>> = {},
  changes: Partial<CaseMeta> = {},
): CaseMeta {
  return {
    scenario: "s",
    index,
    label: Object.entries(varies).map(([key, value]) => `${key}=${value}`).join(" "),
    varies,
    params: { channel: "ring", buffer_size: 4096, ...varies },
    clock: "wall",
    trials: 12,
    shows: "downtime",
    ...changes,
  };
}

/** A trial that completed. */
export function trialOf(
  one: CaseMeta,
  trial: number,
  metrics: Readonly<Record<string, number>>,
): TrialRecord {
  return {
    scenario: one.scenario,
    case: one.index,
    trial,
    clock: one.clock,
    seed: 1 + trial,
    outcome: "completed",
    qemu_says: "completed",
    error: null,
    state_verified: true,
    metrics,
    downtime_breakdown_ms: { stop: metrics["downtime_ms"] ?? 1 },
    devices: {
      "0000:01:00.0": { metrics: { save_ms: metrics["downtime_ms"] ?? 1 }, estimates: {} },
    },
    histograms: {},
  };
}

/** The same trial, failed. */
export function failedTrial(record: TrialRecord): TrialRecord {
  return {
    ...record,
    outcome: "failed",
    state_verified: false,
    metrics: {},
    downtime_breakdown_ms: {},
    error: { message: "no", device: null, phase: "setup", call: null, errno: null },
  };
}

/** Trials whose downtimes are so many times 100 ms, within 1.1 %; of 12 the median is just so many. */
export function trialsOf(one: CaseMeta, times: number, count = one.trials): TrialRecord[] {
  return Array.from({ length: count }, (_, trial) => {
    const value = 100 * times * (1 + ((trial * 7) % 12 - 5.5) / 500);
    return trialOf(one, trial, {
      downtime_ms: value,
      throughput_stopcopy_bytes_per_s: 1e9 / value,
    });
  });
}

/** A run in memory. */
export function runOf(
  cases: readonly CaseMeta[],
  trials: readonly TrialRecord[],
  changes: Partial<RunMeta> = {},
): NamedRun {
  return {
    run: "run",
    meta: {
      schema: "vfio-migbench/run@1",
      complete: true,
      name: "s",
      seed: 1,
      started_at: "2026-01-01T00:00:00.000Z",
      finished_at: null,
      environment: MACHINE,
      cases: [...cases],
      expect: [],
      ...changes,
    },
    trials,
    tornLines: 0,
  };
}

/** A run in a folder. */
export function writeRun(
  out: string,
  { meta, trials }: NamedRun,
  environment: Environment = MACHINE,
): void {
  const { name, seed, cases, expect, complete } = meta;
  const run = createRun({ root: out, out, name, seed, environment, cases, expect });
  for (const trial of trials) appendTrial(run, trial, []);
  if (complete) finishRun(run, true);
}
