import { assertEquals } from "@std/assert";
import type { CaseMeta } from "../store/mod.ts";
import type { TrialRecord } from "../trial/mod.ts";
import { ceilingRows } from "./ceiling_rows.ts";

function caseOf(index: number, channel: string, buffer_size: number): CaseMeta {
  return {
    scenario: "ceiling",
    index,
    label: "",
    varies: {},
    params: { channel, buffer_size },
    clock: "wall",
    trials: 3,
    shows: "downtime",
  };
}

function trialOf(caseNumber: number, trial: number, throughput: number | null): TrialRecord {
  return {
    scenario: "ceiling",
    case: caseNumber,
    trial,
    clock: "wall",
    seed: 1,
    outcome: throughput === null ? "failed" : "completed",
    qemu_says: throughput === null ? "failed" : "completed",
    error: throughput === null
      ? { message: "no", device: null, phase: "load", call: null, errno: null }
      : null,
    state_verified: throughput !== null,
    metrics: throughput === null ? {} : { throughput_stopcopy_bytes_per_s: throughput },
    downtime_breakdown_ms: {},
    devices: {},
    histograms: {},
  };
}

const against = "c-twin";

Deno.test("a ratio is the median of what pairs of a round say", () => {
  const rows = ceilingRows(
    [caseOf(0, "ring", 4096), caseOf(1, "unix", 65536)],
    [trialOf(0, 0, 100), trialOf(0, 1, 90), trialOf(0, 2, 300), trialOf(1, 0, 50)],
    [
      { case: 0, trial: 0, against, bytes_per_s: 100 },
      { case: 0, trial: 1, against, bytes_per_s: 100 },
      // The machine was three times as fast in this round, for both.
      { case: 0, trial: 2, against, bytes_per_s: 310 },
      { case: 1, trial: 0, against: "qemu-path", bytes_per_s: 25 },
    ],
  );
  assertEquals(rows.map(({ ratio: _ratio, ...rest }) => rest), [
    {
      channel: "ring",
      buffer_size: 4096,
      against,
      ci95: [0.9, 1],
      pairs: 3,
      ours_bytes_per_s: 100,
      theirs_bytes_per_s: 100,
    },
    {
      channel: "unix",
      buffer_size: 65536,
      against: "qemu-path",
      ci95: [2, 2],
      pairs: 1,
      ours_bytes_per_s: 50,
      theirs_bytes_per_s: 25,
    },
  ]);
  assertEquals(rows.map(({ ratio }) => ratio), [300 / 310, 2]);
});

Deno.test("a trial that failed makes no pair, nor does a rival without a trial", () => {
  const rivals = [0, 1].map((trial) => ({ case: 0, trial, against, bytes_per_s: 1 } as const));
  assertEquals(ceilingRows([caseOf(0, "ring", 4096)], [trialOf(0, 0, null)], rivals), []);
});

Deno.test("a case of another kind has no row", () => {
  const rivals = [{ case: 0, trial: 0, against, bytes_per_s: 1 } as const];
  assertEquals(ceilingRows([caseOf(0, "file", 4096)], [trialOf(0, 0, 1)], rivals), []);
});
