import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createRecorder, encodeHistogram, recordNs } from "../measure/mod.ts";
import type { RunMeta } from "../store/mod.ts";
import type { TrialRecord } from "../trial/record.ts";
import { resultDocument } from "./result_document.ts";
import { ResultDocumentSchema } from "./result_schema.ts";

const CASES = 3;

const META: RunMeta = {
  schema: "vfio-migbench/run@1",
  complete: true,
  name: "s",
  seed: 1,
  started_at: "2026-01-01T00:00:00Z",
  finished_at: null,
  environment: { comparable: { arch: "x86_64" } },
  cases: Array.from({ length: CASES }, (_, index) => ({
    scenario: "s",
    index,
    label: `x=${index}`,
    varies: { x: index },
    params: { x: index, precopy: true },
    clock: "wall" as const,
    trials: 4,
    shows: "downtime" as const,
  })),
  expect: [{
    scenario: "s",
    metric: "downtime_ms",
    case: { x: 0 },
    relative_to: { x: 1 },
    min: 0.5,
    max: 2,
    basis: "published",
    reason: "never",
  }],
};

function histogram(...durations_ns: readonly number[]): string {
  const recorder = createRecorder();
  for (const ns of durations_ns) recordNs(recorder, ns);
  return encodeHistogram(recorder);
}

// As far as a measurement may go: twice the largest double is no number any more.
const number = fc.double({ noNaN: true, min: -1e15, max: 1e15 });
const outcome = fc.constantFrom("completed", "failed", "cancelled");
const numbers = fc.dictionary(fc.constantFrom("downtime_ms", "bytes_total", "passes"), number);
const maybe = fc.option(fc.string());

const errors = fc.array(number, { maxLength: 3 });
const estimates = fc.dictionary(
  fc.constantFrom("precopy", "stop_copy"),
  fc.record({
    queries: fc.nat(),
    no_answer: fc.nat(),
    unresolved: fc.nat(),
    exact: fc.nat(),
    cut_off: fc.nat(),
    over_ratio: errors,
    under_ratio: errors,
    phantom_bytes: errors,
  }),
);

const trialRecord: fc.Arbitrary<TrialRecord> = fc.record({
  scenario: fc.constant("s"),
  case: fc.nat(CASES - 1),
  trial: fc.nat(9),
  clock: fc.constantFrom("wall", "virtual"),
  seed: fc.constant(1),
  outcome,
  qemu_says: outcome,
  error: fc.option(
    fc.record({
      message: fc.string(),
      device: maybe,
      phase: fc.string(),
      call: maybe,
      errno: maybe,
    }),
  ),
  state_verified: fc.boolean(),
  metrics: numbers,
  downtime_breakdown_ms: numbers,
  devices: fc.dictionary(
    fc.constantFrom("nic0", "nic1"),
    fc.record({ metrics: numbers, estimates }),
  ),
  histograms: fc.dictionary(
    fc.constantFrom("read_us", "write_us"),
    fc.constantFrom(histogram(), histogram(1000), histogram(0, 5e9)),
  ),
});

/** As a reader of `--json` gets it. */
function printed(meta: RunMeta, trials: readonly TrialRecord[]): unknown {
  return JSON.parse(JSON.stringify(resultDocument(meta, trials)));
}

Deno.test("every document that is made is one that the schema accepts, and drops nothing of", () => {
  fc.assert(fc.property(fc.array(trialRecord), fc.boolean(), (trials, complete) => {
    const document = printed({ ...META, complete }, trials);
    assertEquals<unknown>(ResultDocumentSchema.parse(document), document);
  }));
});

Deno.test("a document of another version, with other keys or without its numbers is refused", () => {
  const document = Object(printed(META, []));
  const [first] = document.cases;
  const withCase = (changes: object) => ({ ...document, cases: [{ ...first, ...changes }] });
  const summary = { n: 1, median: 1, min: 1, max: 1, p25: 1, p75: 1, ci95: [1, 1] };
  const { ci95: _, ...half } = summary;
  const accepts = (value: unknown) => ResultDocumentSchema.safeParse(value).success;

  assertEquals(accepts(withCase({ metrics: { downtime_ms: summary } })), true);
  const wrong: object[] = [
    { ...document, schema: "vfio-migbench/result@2" },
    { ...document, verdict: "regressed" },
    withCase({ mean_ms: 1 }),
    withCase({ trials: 1, failed: 2 }),
    withCase({ metrics: { downtime_ms: 1 } }),
    withCase({ metrics: { downtime_ms: half } }),
    // What JSON makes of Infinity.
    withCase({ metrics: { downtime_ms: { ...summary, max: null } } }),
    withCase({
      downtime_breakdown_ms: { stop: { n: 1, p50: 1, p90: 1, p99: 1, p999: 1, max: 1 } },
    }),
  ];
  for (const value of wrong) assertEquals(accepts(value), false, JSON.stringify(value));
});
