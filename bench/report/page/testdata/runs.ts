import { createRecorder, encodeHistogram, recordNs } from "../../../measure/mod.ts";
import {
  appendTrial,
  captureEnvironment,
  type CaseMeta,
  createRun,
  type ExpectationMeta,
  finishRun,
} from "../../../store/mod.ts";
import type { TimelineEvent, TrialRecord } from "../../../trial/mod.ts";

/** Runs `use` with the path of a folder that is gone afterwards. */
export async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Durations of so many buffers, of 1 us, 2 us, ... */
export function durations(count: number): string {
  const recorder = createRecorder();
  for (let i = 1; i <= count; i++) recordNs(recorder, i * 1000);
  return encodeHistogram(recorder);
}

/** A trial that went well. */
export function goodTrial(caseNumber: number, trial: number, downtime_ms: number): TrialRecord {
  return {
    scenario: "s",
    case: caseNumber,
    trial,
    clock: "wall",
    seed: 7,
    outcome: "completed",
    qemu_says: "completed",
    error: null,
    state_verified: true,
    metrics: {
      downtime_ms,
      total_time_ms: 400,
      bytes_total: 3 * 2 ** 20,
      throughput_stopcopy_bytes_per_s: 2 ** 30 * (caseNumber + 1),
    },
    downtime_breakdown_ms: {
      stop: 1,
      ram: 2,
      "save nic0": downtime_ms - 6,
      config: 1,
      load: 1,
      resume: 1,
    },
    devices: {
      nic0: {
        metrics: { downtime_part_ms: downtime_ms / 2 },
        estimates: {
          precopy: {
            queries: 8,
            no_answer: 2,
            unresolved: 0,
            exact: 1,
            cut_off: 0,
            over_ratio: [0.5, 2],
            under_ratio: [-0.25, -0.5],
            phantom_bytes: [2 ** 20],
          },
        },
      },
    },
    histograms: { read_us: durations(200), write_us: durations(100) },
  };
}

/** What happened in a trial whose guest stood still from 300 ms to 380 ms. */
export function events(caseNumber: number, trial: number): TimelineEvent[] {
  const event = (t_ms: number, event: string, more: Record<string, string | number> = {}) => ({
    case: caseNumber,
    trial,
    t_ms,
    event,
    ...more,
  });
  const window = (t_ms: number, pending_bytes: number) =>
    event(t_ms, "window", {
      transferred_bytes: 2 ** 20,
      threshold_bytes: 2 ** 19,
      pending_bytes,
    });
  return [
    event(0, "precopy"),
    event(50, "init_data_sent", { device: "nic0" }),
    window(100, 2 ** 22),
    event(120, "reinit", { device: "nic0", initial_bytes: 5 }),
    window(200, 2 ** 20),
    event(210, "switchover_acked", { pending: 0 }),
    event(250, "paused"),
    event(300, "switchover", { pending_bytes: 0, threshold_bytes: 2 ** 19 }),
    event(320, "stopped", { device: "nic0" }),
    event(370, "saved", { device: "nic0", stop_copy_bytes: 2 ** 19 }),
    event(375, "loaded"),
    event(380, "running"),
    event(381, "completed"),
  ];
}

/** Four cases: `reinit` off and on at two sizes of a buffer. */
export const CASES: readonly CaseMeta[] = [false, true].flatMap((reinit, i) =>
  [65536, 1048576].map((buffer_size, j): CaseMeta => ({
    scenario: "s",
    index: i * 2 + j,
    label: `reinit=${reinit ? "on" : "off"} buffer_size=${j === 0 ? "64KiB" : "1MiB"}`,
    varies: { reinit, buffer_size },
    params: { reinit, buffer_size },
    clock: "wall",
    trials: 3,
    shows: "estimates",
  }))
);

export const EXPECT: readonly ExpectationMeta[] = [
  {
    scenario: "s",
    metric: "downtime_ms",
    case: { reinit: true, buffer_size: 65536 },
    min: 90,
    max: 130,
    basis: "published",
  },
  {
    scenario: "s",
    metric: "downtime_ms",
    case: { reinit: false, buffer_size: 65536 },
    min: 1,
    max: 2,
    basis: "fitted",
  },
];

/** Writes a run of {@linkcode CASES}, with three trials each; its path is `out`. */
export function writeRun(
  out: string,
  cases: readonly CaseMeta[] = CASES,
  change: (trial: TrialRecord) => TrialRecord = (trial) => trial,
): void {
  const run = createRun({
    root: out,
    out,
    name: "s",
    seed: 7,
    environment: captureEnvironment(),
    cases,
    expect: EXPECT,
  });
  for (const { index, scenario } of cases) {
    for (const trial of [0, 1, 2]) {
      const record = goodTrial(index, trial, 80 + index * 10 + trial);
      appendTrial(run, change({ ...record, scenario }), events(index, trial));
    }
  }
  finishRun(run, true);
}

/** What a name must not do. */
const HOSTILE = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'"&`;

/** Writes a run in which every name, and every error, tries to be HTML. */
export async function writeHostileRun(out: string): Promise<void> {
  const cases = CASES.map((one) => ({
    ...one,
    scenario: HOSTILE,
    label: `${HOSTILE}${one.index}`,
    varies: { ...one.varies, [HOSTILE]: HOSTILE },
  }));
  writeRun(out, cases, (trial) => {
    const good: TrialRecord = {
      ...trial,
      devices: { [HOSTILE]: trial.devices.nic0 ?? { metrics: {}, estimates: {} } },
      downtime_breakdown_ms: { [`save ${HOSTILE}`]: 3 },
      histograms: { [`${HOSTILE}_us`]: trial.histograms.read_us ?? "" },
    };
    if (trial.trial > 0) return good;
    return {
      ...good,
      outcome: "failed",
      error: { message: HOSTILE, device: HOSTILE, phase: HOSTILE, call: null, errno: null },
    };
  });
  const path = `${out}/timeline.jsonl`;
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replaceAll('"nic0"', JSON.stringify(HOSTILE)));
}
