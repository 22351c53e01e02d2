import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { EstimateEntry, EstimateKind } from "../../core/migration/mod.ts";
import {
  classifyEstimates,
  type JoinedEstimate,
  joinEstimates,
  summarizeEstimates,
} from "./estimate_accuracy.ts";

function asked(
  kind: EstimateKind,
  bytes: number | null,
  position: number,
  atNs = 0,
): EstimateEntry {
  return { entry: "estimate", atNs, kind, bytes, position, times: 1 };
}

function at(entry: "empty" | "stopped" | "decided" | "end", position: number): EstimateEntry {
  return { entry, atNs: 0, position };
}

const brief = ({ kind, estimate_bytes, actual_bytes, error }: JoinedEstimate) => [
  kind,
  estimate_bytes,
  actual_bytes,
  error,
];

Deno.test("a precopy answer is compared with what is read until the device runs empty", () => {
  const joined = joinEstimates([
    asked("precopy", 3000, 0, 5),
    asked("precopy", 500, 1000, 6),
    at("empty", 2000),
    asked("precopy", 100, 2000, 7),
    at("empty", 2100),
  ]);
  assertEquals(joined.map(brief), [
    ["precopy", 3000, 2000, 0.5], // (3000 - 2000) / 2000
    ["precopy", 500, 1000, -0.5], // (500 - 1000) / 1000
    ["precopy", 100, 100, 0],
  ]);
  assertEquals(joined.map((j) => j.at_ns), [5, 6, 7]);
  assertEquals(joined.map((j) => j.cut_off), [false, false, false]);
});

Deno.test("a precopy answer whose reading the stop ends is compared up to there, and says so", () => {
  const joined = joinEstimates([
    asked("precopy", 4000, 0),
    at("decided", 1000),
    asked("precopy", 3000, 1000),
    at("stopped", 1000),
    at("end", 9000),
  ]);
  assertEquals(joined.map(brief), [
    ["precopy", 4000, 1000, 3],
    ["precopy", 3000, 0, null],
  ]);
  assertEquals(joined.map((j) => j.cut_off), [true, true]);
  assertEquals(classifyEstimates(joined).precopy?.cut_off, 2);
});

Deno.test("only the last stop_copy answer before the decision is joined", () => {
  const joined = joinEstimates([
    asked("stop_copy", 1, 0),
    asked("stop_copy", 9000, 4000, 3),
    at("decided", 5000),
    asked("stop_copy", 2, 5000),
    at("stopped", 5000),
    at("end", 9000),
  ]);
  assertEquals(joined.map(brief), [
    ["stop_copy", 9000, 4000, 1.25], // (9000 - 4000) / 4000
    ["stop_copy_less_precopied", 5000, 4000, 0.25], // 4000 of the 9000 had been read at the query
  ]);
  assertEquals(joined.map((j) => j.at_ns), [3, 3]);
});

Deno.test("a full-size answer is exact once what was precopied is taken off, and never below 0", () => {
  const trial = (bytes: number) =>
    joinEstimates([
      asked("stop_copy", bytes, 600),
      at("decided", 600),
      at("stopped", 600),
      at("end", 1000),
    ]).map((j) => j.error);
  assertEquals(trial(1000), [1.5, 0]);
  assertEquals(trial(400), [0, -1]);
});

Deno.test("without a decision no stop_copy answer is joined, without an end it stays unresolved", () => {
  assertEquals(joinEstimates([asked("stop_copy", 10, 0), at("empty", 0)]), []);
  const joined = joinEstimates([
    asked("precopy", 7, 0),
    asked("stop_copy", 10, 0),
    at("decided", 0),
  ]);
  assertEquals(joined.map(brief), [
    ["precopy", 7, null, null],
    ["stop_copy", 10, null, null],
    ["stop_copy_less_precopied", 10, null, null],
  ]);
  assertEquals(classifyEstimates(joined).stop_copy?.unresolved, 1);
});

Deno.test("no answer is a class of its own, not an error", () => {
  const joined = joinEstimates([
    asked("precopy", null, 0),
    asked("precopy", 150, 0),
    at("empty", 100),
    asked("stop_copy", null, 100),
    at("decided", 100),
    at("stopped", 100),
    at("end", 300),
  ]);
  assertEquals(joined.map((j) => [j.answered, j.actual_bytes, j.error]), [
    [false, 100, null],
    [true, 100, 0.5],
    [false, 200, null],
    [false, 200, null],
  ]);
  const { precopy, stop_copy } = classifyEstimates(joined);
  assertEquals([precopy?.queries, precopy?.no_answer, precopy?.over_ratio], [2, 1, [0.5]]);
  assertEquals([stop_copy?.no_answer, stop_copy?.over_ratio], [1, []]);
});

Deno.test("something announced where nothing came is kept as bytes; nothing of nothing is exact", () => {
  const joined = joinEstimates([
    asked("precopy", 65536, 100),
    asked("precopy", 0, 100),
    at("empty", 100),
  ]);
  assertEquals(joined.map((j) => j.error), [null, 0]);
  const { precopy } = classifyEstimates(joined);
  assertEquals([precopy?.exact, precopy?.phantom_bytes, precopy?.over_ratio], [1, [65536], []]);
});

Deno.test("an answer with bit 63 set is the huge number that the u64 is", () => {
  // -22 is held for 2^64 - 22, a driver's -EINVAL in a length; (2^64 - 100) / 100 rounds away the 22.
  const [joined] = joinEstimates([asked("precopy", -22, 0), at("empty", 100)]);
  assertEquals(joined?.estimate_bytes, 2 ** 64);
  assertEquals(joined?.error, (2 ** 64 - 100) / 100);
});

Deno.test("over and under are kept apart, and trials are summarized together", () => {
  const trial = (bytes: number) => {
    const joined = joinEstimates([asked("precopy", bytes, 0), at("empty", 100)]);
    return classifyEstimates(joined).precopy ?? [];
  };
  const summary = summarizeEstimates([110, 130, 150, 40, 10].flatMap(trial));
  const { over_ratio, under_ratio, phantom_bytes } = summary;
  assertEquals([over_ratio?.n, over_ratio?.min, over_ratio?.median], [3, 0.1, 0.3]);
  assertEquals([under_ratio?.n, under_ratio?.min, under_ratio?.max], [2, -0.9, -0.6]);
  assertEquals([summary.queries, phantom_bytes], [5, null]);
  assertEquals(classifyEstimates([]), {});
});

Deno.test("whatever the entries, every estimate is in exactly one class", () => {
  // Steps that read, ask, run empty; then the tail of a migration, cut anywhere.
  const step = fc.oneof(
    fc.record({ read: fc.nat(5000) }),
    fc.record({
      kind: fc.constantFrom<EstimateKind>("precopy", "stop_copy"),
      bytes: fc.option(fc.integer({ min: -100, max: 10_000 })),
    }),
    fc.constant("empty" as const),
  );
  fc.assert(
    fc.property(fc.array(step), fc.nat(3), fc.nat(5000), (steps, tail, rest) => {
      let position = 0;
      const entries: EstimateEntry[] = [];
      for (const one of steps) {
        if (one === "empty") entries.push(at("empty", position));
        else if ("read" in one) position += one.read;
        else entries.push(asked(one.kind, one.bytes, position));
      }
      const ends = [at("decided", position), at("stopped", position), at("end", position + rest)];
      entries.push(...ends.slice(0, tail));

      const joined = joinEstimates(entries);
      const precopyAsked = entries.filter((e) => e.entry === "estimate" && e.kind === "precopy");
      assertEquals(joined.filter((j) => j.kind === "precopy").length, precopyAsked.length);
      for (const j of joined) {
        assert(j.actual_bytes === null || j.actual_bytes >= 0);
        assert(j.error === null || (j.answered && j.error >= -1));
      }
      for (const c of Object.values(classifyEstimates(joined))) {
        const classes = c.no_answer + c.unresolved + c.exact + c.over_ratio.length +
          c.under_ratio.length + c.phantom_bytes.length;
        assertEquals(classes, c.queries);
        assert(c.over_ratio.every((e) => e > 0) && c.under_ratio.every((e) => e < 0));
      }
    }),
  );
});
