import { createRecorder, encodeHistogram, recordNs } from "../../measure/mod.ts";
import type { TrialRecord } from "../../trial/record.ts";
import { captureEnvironment, type CreateRunOptions } from "../mod.ts";

/** An encoded histogram of durations from 100 ns to 1 ms. */
export function durations(): string {
  const histogram = createRecorder();
  for (let ns = 100; ns < 1_000_000; ns += 997) recordNs(histogram, ns);
  return encodeHistogram(histogram);
}

/** A trial that went well. */
export function trial(n: number): TrialRecord {
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
    devices: { nic0: { metrics: { bytes_precopy: 5 }, estimates: {} } },
    histograms: { read_us: durations() },
    started_at_ms: Date.now(),
  };
}

/** What a run of one case is made of, in a folder that is gone afterwards. */
export async function withRun(
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
        shows: "downtime",
      }],
      expect: [],
    });
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}
