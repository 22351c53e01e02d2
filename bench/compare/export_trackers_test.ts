import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { compareRuns, compareWithin } from "./compare_runs.ts";
import type { Comparison } from "./comparison.ts";
import { BencherSchema, exportFiles, GithubActionBenchmarkSchema } from "./export_trackers.ts";
import { caseOf, runOf, trialsOf } from "./testdata/synthetic.ts";

const OPTIONS = {
  metrics: ["downtime_ms", "throughput_stopcopy_bytes_per_s"],
  tolerance: 0.05,
};

function compare(name = "s", metrics = OPTIONS.metrics): Comparison {
  const one = caseOf(0, {}, { scenario: name });
  const [base, candidate] = [1, 1.5].map((times) => runOf([one], trialsOf(one, times)));
  assert(base !== undefined && candidate !== undefined);
  const comparison = compareRuns(base, candidate, { ...OPTIONS, metrics, anyway: false });
  assert(typeof comparison !== "string");
  return comparison;
}

function contents(comparison: Comparison, format: "bencher" | "github-action-benchmark") {
  return exportFiles(comparison, format).map(({ name, text }) => [name, JSON.parse(text)] as const);
}

Deno.test("github-action-benchmark has a file for each direction, with what the candidate measured", () => {
  const files = contents(compare(), "github-action-benchmark");
  assertEquals(files.map(([name]) => name), [
    "customSmallerIsBetter.json",
    "customBiggerIsBetter.json",
  ]);
  const [smaller, bigger] = files.map(([, content]) => GithubActionBenchmarkSchema.parse(content));
  assertEquals(smaller?.map(({ name, unit, value }) => [name, unit, Math.round(value)]), [
    ["s downtime_ms", "ms", 150],
  ]);
  assertEquals(bigger?.map(({ name, unit }) => [name, unit]), [
    ["s throughput_stopcopy_bytes_per_s", "bytes/s"],
  ]);
  assert(smaller?.[0]?.extra?.includes("verdict: regressed"));
});

Deno.test("a direction that has nothing has no file, for an empty one is refused", () => {
  const names = contents(compare("s", ["downtime_ms"]), "github-action-benchmark").map(([name]) =>
    name
  );
  assertEquals(names, ["customSmallerIsBetter.json"]);
  assertEquals(GithubActionBenchmarkSchema.safeParse([]).success, false);
  assertEquals(exportFiles({ ...compare(), rows: [] }, "bencher"), []);
});

Deno.test("Bencher has a metric with its interval for each benchmark and measure", () => {
  const [[name, content] = []] = contents(compare(), "bencher");
  assertEquals(name, "bencher.json");
  const { s } = BencherSchema.parse(content);
  assertEquals(Object.keys(s ?? {}), ["downtime_ms", "throughput_stopcopy_bytes_per_s"]);
  const { value = 0, lower_value = 0, upper_value = 0 } = s?.["downtime_ms"] ?? {};
  assertAlmostEquals(value, 150, 1e-9);
  assert(lower_value < value && value < upper_value);
});

Deno.test("inside one run both sides are points, and a base only once", () => {
  const cases = [1, 2, 3].map((a, i) => caseOf(i, { a }));
  const run = runOf(cases, cases.flatMap((one, i) => trialsOf(one, i + 1)));
  const comparison = compareWithin(run, "a", { ...OPTIONS, metrics: ["downtime_ms"] });
  const [[, content] = []] = contents(comparison, "bencher");
  assertEquals(Object.keys(BencherSchema.parse(content)), ["s a=1", "s a=2", "s a=3"]);
});

Deno.test("long and hostile names fit the formats, and points of one name stay apart", () => {
  for (const name of ["x".repeat(3000), "__proto__", "constructor", '"\n\x1b[31m']) {
    const comparison = compare(name);
    const twice = { ...comparison, rows: [...comparison.rows, ...comparison.rows] };
    const [[, content] = []] = contents(twice, "bencher");
    assertEquals(BencherSchema.safeParse(content).success, true, name);
    assertEquals(Object.keys(content).length, 2, name);
    for (const [, entries] of contents(twice, "github-action-benchmark")) {
      const names = GithubActionBenchmarkSchema.parse(entries).map((entry) => entry.name);
      assertEquals(new Set(names).size, 2);
    }
  }
});

Deno.test("the schemas refuse what the trackers do", () => {
  const entry = { name: "n", unit: "ms", value: 1 };
  for (
    const wrong of [{ ...entry, value: "1" }, { ...entry, unit: undefined }, { ...entry, x: 1 }]
  ) {
    assertEquals(GithubActionBenchmarkSchema.safeParse([wrong]).success, false);
  }
  assertEquals(BencherSchema.safeParse({ b: { m: { lower_value: 1 } } }).success, false);
  assertEquals(BencherSchema.safeParse({ b: { ["m".repeat(65)]: { value: 1 } } }).success, false);
});
