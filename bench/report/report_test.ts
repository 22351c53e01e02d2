import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createRecorder, encodeHistogram, recordNs } from "../measure/mod.ts";
import type { RunMeta } from "../store/mod.ts";
import type { TrialRecord } from "../trial/record.ts";
import { renderTable, resultDocument } from "./mod.ts";
import { ResultDocumentSchema } from "./result_schema.ts";

function meta(complete = true): RunMeta {
  const one = {
    scenario: "s",
    params: { a: 1 },
    clock: "wall" as const,
    trials: 2,
    shows: "downtime" as const,
  };
  return {
    schema: "vfio-migbench/run@1",
    complete,
    name: "s",
    seed: 7,
    started_at: "2026-11-21T00:00:00Z",
    finished_at: null,
    environment: { comparable: {} },
    cases: [
      { ...one, index: 0, label: "x=1", varies: { x: 1 } },
      { ...one, index: 1, label: "x=2", varies: { x: 2 } },
    ],
    expect: [],
  };
}

function histogram(ns: number): string {
  const recorder = createRecorder();
  recordNs(recorder, ns);
  return encodeHistogram(recorder);
}

function good(caseNumber: number, trial: number, downtime_ms: number): TrialRecord {
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
    metrics: { downtime_ms, throughput_stopcopy_bytes_per_s: 2 ** 30, bytes_total: 2 ** 20 },
    downtime_breakdown_ms: { stop: 1 },
    devices: { nic0: { metrics: { save_ms: downtime_ms / 2 }, estimates: {} } },
    histograms: { read_us: histogram(trial === 0 ? 1000 : 3000) },
  };
}

/** Refused at the destination, and QEMU does not notice. */
function refused(caseNumber: number, trial: number): TrialRecord {
  return {
    ...good(caseNumber, trial, 1),
    outcome: "failed",
    state_verified: false,
    error: {
      message: "nic0 refused its data",
      device: "nic0",
      phase: "resume",
      call: "SET MIG_DEVICE_STATE",
      errno: "EINVAL",
    },
    metrics: {},
  };
}

const TRIALS = [good(0, 0, 10), good(1, 0, 20), good(1, 1, 22), refused(0, 1)];

Deno.test("the document holds to its contract", () => {
  const document = resultDocument(meta(), TRIALS);
  assertEquals(document.schema, "vfio-migbench/result@1");
  assertEquals([document.complete, document.seed], [true, 7]);
  const [first, second] = document.cases;
  assertEquals([second?.trials, second?.failed, second?.state_verified], [2, 0, true]);
  assertEquals(second?.metrics.downtime_ms, {
    n: 2,
    median: 21,
    min: 20,
    max: 22,
    p25: 20.5,
    p75: 21.5,
    ci95: [20, 22],
  });
  // Two histograms of one value each: merged, the percentiles are of both; averaged, p99 would be 2.
  const reads = second?.metrics.read_us;
  assert(reads !== undefined && "p99" in reads);
  assertEquals([reads.n, reads.p50, Math.round(reads.p99)], [2, 1, 3]);
  assertEquals(second?.devices.nic0?.metrics.save_ms?.median, 10.5);
  assertEquals(first?.label, "x=1");
});

Deno.test("a trial that failed is counted and told, and is in no number", () => {
  const [first] = resultDocument(meta(), TRIALS).cases;
  assertEquals([first?.trials, first?.failed, first?.state_verified], [2, 1, false]);
  const downtime = first?.metrics.downtime_ms;
  assertEquals(downtime?.n, 1);
  const verified = first?.metrics.state_verified;
  assert(verified !== undefined && "median" in verified);
  assertEquals([verified.n, verified.min, verified.max], [2, 0, 1]);
  assertEquals(first?.errors.map(({ trial, errno, qemu_says }) => [trial, errno, qemu_says]), [
    [1, "EINVAL", "completed"],
  ]);
});

Deno.test("what nobody could verify has numbers, and says so", () => {
  const trials = [0, 1].map((trial): TrialRecord => ({
    ...good(0, trial, 10),
    state_verified: false,
    verified_by: "nobody",
  }));
  const document = resultDocument(meta(), trials);
  const [first] = document.cases;
  assertEquals([first?.failed, first?.state_verified, first?.verified_by], [0, false, "nobody"]);
  assertEquals([first?.metrics.downtime_ms?.n, first?.metrics.state_verified], [2, undefined]);
  assertEquals(ResultDocumentSchema.parse(document), document);
  const table = renderTable(document, { width: 120, color: false });
  assertStringIncludes(table, "State not verified in all 2 trials: it went to no device.");
  assertStringIncludes(table, "Real devices, but no guest");
});

Deno.test("a case without trials is there, with nothing measured", () => {
  const [first] = resultDocument(meta(false), []).cases;
  assertEquals([first?.trials, first?.failed, first?.state_verified], [0, 0, false]);
  assertEquals(first?.metrics, {});
});

Deno.test("the table has a row a case, and tells what failed and what QEMU would say", () => {
  const table = renderTable(resultDocument(meta(false), TRIALS), { width: 120, color: false });
  assertEquals(
    table.split("\n"),
    [
      "case        downtime      stop-copy  bytes  read p50/p99        trials",
      "s x=1        10.0 ms        1 GiB/s  1 MiB     1.00/1.00  2 (1 failed)",
      "s x=2  21.0 ms ±4.8%  1 GiB/s ±0.0%  1 MiB     1.00/3.00             2",
      "1 of 4 trials failed; they are in no number above.",
      "Medians, ± half the range; read and write in us per buffer.",
      "s x=1, trial 1: nic0 refused its data (QEMU would say: completed)",
      "Interrupted: not all trials were played.",
    ].map((line) => line),
  );
});

Deno.test("a narrow terminal gets fewer columns, and no line that is too long", () => {
  const document = resultDocument(meta(), TRIALS);
  for (let width = 24; width < 100; width++) {
    const rows = renderTable(document, { width, color: false }).split("\n").slice(0, 3);
    assert(rows.every((row) => row.length <= width), `${width}: ${rows.join("|")}`);
    assertStringIncludes(rows[0] ?? "", "downtime");
  }
});

Deno.test("colour is only there when it is wanted, and never under NO_COLOR", () => {
  const document = resultDocument(meta(), TRIALS);
  const escape = String.fromCharCode(27);
  assertEquals(renderTable(document, { width: 99, color: false }).includes(escape), false);
  const colored = renderTable(document, { width: 99, color: true });
  assertEquals(colored.includes(escape), !Deno.noColor);
});

function belowRows(trials: readonly TrialRecord[], complete = true): string[] {
  const document = resultDocument(meta(complete), trials);
  return renderTable(document, { width: 120, color: false }).split("\n").slice(3);
}

Deno.test("a run interrupted before its first trial claims nothing of trials", () => {
  assertEquals(belowRows([], false), ["Interrupted: not all trials were played."]);
});

Deno.test("failures that QEMU would tell apart are told apart", () => {
  const trials: TrialRecord[] = [
    { ...refused(0, 0), qemu_says: "failed" },
    refused(0, 1),
    { ...refused(0, 2), qemu_says: "failed" },
  ];
  assertEquals(belowRows(trials), [
    "3 of 3 trials failed; they are in no number above.",
    "s x=1, trial 0, 2: nic0 refused its data",
    "s x=1, trial 1: nic0 refused its data (QEMU would say: completed)",
  ]);
});

Deno.test("a trial that failed without an error is told too", () => {
  assertStringIncludes(
    belowRows([{ ...refused(0, 0), error: null }]).join("\n"),
    "s x=1: 1 failed without saying why",
  );
});

Deno.test("a trial far from the others is marked by its number, and is in every summary", () => {
  const values = [10, 11, 9, 10, 12, 30, 11, 10];
  const trials = values.map((ms, trial) => good(0, trial, ms));
  const [one] = resultDocument(meta(), trials).cases;
  assertEquals(one?.outliers, { downtime_ms: [5] });
  const summary = one?.metrics.downtime_ms;
  assert(summary !== undefined && "median" in summary);
  assertEquals([summary.n, summary.max], [8, 30]);
  assertStringIncludes(
    belowRows(trials).join("\n"),
    "s x=1: outliers, marked and kept: downtime_ms of trial 5 (1 of 8)",
  );
  // Of five, one is far from the others by chance; on the virtual clock all are as they are.
  assertEquals(resultDocument(meta(), trials.slice(3)).cases[0]?.outliers, {});
  const { cases, ...rest } = meta();
  const virtual = cases.map((each) => ({ ...each, clock: "virtual" as const }));
  assertEquals(resultDocument({ ...rest, cases: virtual }, trials).cases[0]?.outliers, {});
});

Deno.test("the document has the run's warnings", () => {
  assertEquals(resultDocument(meta(), TRIALS).warnings, []);
  const warnings = ["Noisy machine: ..."];
  assertEquals(resultDocument({ ...meta(), warnings }, TRIALS).warnings, warnings);
});

Deno.test("the interval is called what it is: the range, below 6 trials", () => {
  const six = [10, 11, 12, 13, 14, 15].map((ms, trial) => good(0, trial, ms));
  const legend = (interval: string) =>
    `Medians, ± half ${interval}; read and write in us per buffer.`;
  assertEquals(belowRows(six.slice(1))[1], legend("the range"));
  assertEquals(belowRows(six)[1], legend("the 95 % interval"));
  assertEquals(
    belowRows([...six, good(1, 0, 20)])[1],
    legend("the 95 % interval, or the range of fewer than 6 trials"),
  );
});

Deno.test("what was injected is told of the case and of each failure, and no run without faults has the keys", () => {
  const eio = { fault: 0, what: "read of nic0 at the source gives EIO", times: 2, at_ms: 1 };
  const never = { fault: 1, what: "write of nic0 at the destination gives EIO", times: 0 };
  const struck = { ...refused(0, 0), injected: [eio, never] };
  const spared = { ...good(0, 1, 10), injected: [{ ...eio, times: 0 }, never] };
  const document = resultDocument(meta(), [struck, spared, good(1, 0, 20)]);
  ResultDocumentSchema.parse(document);
  const [first, second] = document.cases;
  assertEquals(first?.injected, [
    { fault: 0, what: eio.what, trials: 1, times: 2 },
    { fault: 1, what: never.what, trials: 0, times: 0 },
  ]);
  assertEquals(first?.errors.map(({ injected }) => injected), [[eio.what]]);
  assertEquals(second !== undefined && "injected" in second, false);
  const table = renderTable(document, { width: 160, color: false });
  assertStringIncludes(table, "s x=1, trial 0: injected: nic0 refused its data");
  assertStringIncludes(table, `s x=1: injected into 1 of 2 trials: ${eio.what}`);
  assertStringIncludes(table, `s x=1: never injected, its moment did not come: ${never.what}`);
});
