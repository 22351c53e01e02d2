/** A scenario of a suite, with what is set of it there. */
export interface SuiteEntry {
  readonly scenario: string;
  /** As `--set` has them. */
  readonly sets: readonly string[];
}

/** RAM of a size that two ends of it fit into a laptop's memory. */
const LESS_RAM = ["ram.size=128MiB", "ram.dirty_span=16MiB", "ram.dirty_rate=20MB/s"];

function plain(...names: string[]): SuiteEntry[] {
  return names.map((scenario) => ({ scenario, sets: [] }));
}

/**
 * With fewer trials than about ten no change of a single night can be told from chance, for some hundred metrics are
 * corrected for together: 2 / C(20, 10) is the smallest p of ten and ten.
 */
const NIGHTLY_TRIALS = ["trials=12", "warmup=1"];

function onWallClock(scenario: string, ...sets: string[]): SuiteEntry {
  return { scenario, sets: ["clock=wall", ...NIGHTLY_TRIALS, ...LESS_RAM, ...sets] };
}

/**
 * The suites, by the names that `--suite` takes. `default` is what is played where no scenario is named: under
 * a minute on a laptop. `nightly` is every scenario as it stands, and the systems of the virtual clock on the
 * wall clock too, with less RAM.
 */
export const SUITES = {
  default: plain("smoke", "precopy", "buffer-size"),
  nightly: [
    ...["smoke", "precopy", "buffer-size", "replay", "scaling"].map((scenario) => ({
      scenario,
      sets: NIGHTLY_TRIALS,
    })),
    ...plain("reinit", "convergence", "estimate-accuracy", "policy", "faults"),
    ...plain("v1-region", "virtio-precopy", "multifd"),
    {
      scenario: "scaling",
      sets: ["clock=virtual", "trials=1", "warmup=0", "devices.nic0.save_rate=4GB/s"],
    },
    onWallClock("v1-region"),
    onWallClock("virtio-precopy"),
    onWallClock("multifd", "channel=unix", "downtime_limit_ms=1s"),
    onWallClock(
      "reinit",
      "devices.busy.state_size=128MB",
      "devices.busy.reinit_size=128MB",
      "devices.busy.dirty_rate=256MB/s",
      "devices.busy.reinit_at_ms=100",
    ),
  ],
} as const satisfies Readonly<Record<string, readonly SuiteEntry[]>>;

export type SuiteName = keyof typeof SUITES;

export function isSuiteName(name: string): name is SuiteName {
  return Object.hasOwn(SUITES, name);
}
